import { print } from '@0no-co/graphql.web';
import { useEffect, useRef, useState } from 'react';
import { clock } from './documents.ts';
import { subscribe } from './live.ts';
import { NotAllowed } from './NotAllowed.tsx';
import type { GraphqlError } from './result.ts';
import { auth, useSession } from './session.ts';
import { usePageVisible } from './usePageVisible.ts';

interface Tick {
  readonly time: string;
  readonly tokenEndsIn: number | null;
}

/** The clock of the API, and when the subscription ends: with its token, which is renewed. */
export function LiveView() {
  const token = useSession().user?.access_token;
  const isVisible = usePageVisible();
  const [isConnected, setIsConnected] = useState(false);
  const [tick, setTick] = useState<Tick>();
  const [errors, setErrors] = useState<readonly GraphqlError[]>([]);
  const [renewals, setRenewals] = useState(0);

  const lastToken = useRef(token);
  useEffect(() => {
    if (token !== lastToken.current) setRenewals((count) => count + 1);
    lastToken.current = token;
  }, [token]);
  useEffect(() => {
    if (!isVisible) return undefined;
    return subscribe(clock, {
      onConnection: setIsConnected,
      onEvent({ data, errors }) {
        if (data?.clock) setTick(data.clock);
        setErrors(errors);
      },
    });
  }, [isVisible]);

  return (
    <>
      <section className="query" aria-labelledby="live">
        <div>
          <h2 id="live">Live</h2>
          <p className="quiet">
            Any signed-in user. A subscription ends with its token: the token is renewed, and the
            subscription starts again.
          </p>
          {token !== undefined && (
            <button type="button" onClick={() => void auth.renew(token).catch(() => undefined)}>
              Renew token
            </button>
          )}
        </div>
        <pre>
          <code>{print(clock)}</code>
        </pre>
      </section>
      <section className="result" aria-label="Result">
        {errors.length > 0 ? (
          <NotAllowed errors={errors} />
        ) : (
          <div className="card">
            <h3>Data</h3>
            <p role="status" className="quiet">
              {isConnected && tick ? 'Live: an event every second' : 'Connecting…'}
            </p>
            {tick && (
              <dl>
                <div>
                  <dt className="quiet">Time of the API</dt>
                  <dd>{new Date(tick.time).toLocaleTimeString()}</dd>
                </div>
                <div>
                  <dt className="quiet">Token ends in</dt>
                  <dd>{formatDuration(tick.tokenEndsIn)}</dd>
                </div>
                <div>
                  <dt className="quiet">Renewals on this page</dt>
                  <dd>{renewals}</dd>
                </div>
              </dl>
            )}
          </div>
        )}
      </section>
    </>
  );
}

function formatDuration(seconds: number | null): string {
  if (seconds === null) return 'never';
  const minutes = Math.floor(seconds / 60);
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
