import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Account } from '../session.ts';
import { type DecodedToken, thumbprintOf } from '../token.ts';
import { Scopes } from './scopes.tsx';
import './token-inspector.css';

/** A dialog with what the access token says. The token itself is not shown. */
export function TokenInspector({
  account,
  onClose,
}: {
  readonly account: Account;
  readonly onClose: () => void;
}): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      className="token-inspector"
      aria-labelledby="token-inspector-title"
      onClose={onClose}
    >
      <div className="token-title">
        <h2 id="token-inspector-title">Access token of {account.name}</h2>
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
      <TokenDetails account={account} />
    </dialog>
  );
}

function TokenDetails({ account }: { readonly account: Account }): ReactNode {
  const { token, scheme, scopes, expiresAt } = account;
  const thumbprint = token && thumbprintOf(token);
  return (
    <>
      <dl>
        <dt>Scheme</dt>
        <dd>{scheme === 'DPoP' ? 'DPoP: bound to a key of this browser' : 'Bearer'}</dd>
        {scopes && (
          <>
            <dt>Scopes</dt>
            <dd>{scopes.length === 0 ? 'None' : <Scopes scopes={scopes} />}</dd>
          </>
        )}
        {thumbprint && (
          <>
            <dt>Thumbprint of the key</dt>
            <dd>
              <code>{thumbprint}</code>
            </dd>
          </>
        )}
        {expiresAt && (
          <>
            <dt>Expires</dt>
            <dd>
              <Countdown to={expiresAt} />
            </dd>
          </>
        )}
      </dl>
      {token ? <Parts {...token} /> : <p>The token is opaque: only the issuer can read it.</p>}
    </>
  );
}

function Parts({ header, claims }: DecodedToken): ReactNode {
  return (
    <>
      <Part title="Header" values={header} />
      <Part title="Claims" values={claims} />
    </>
  );
}

function Part({
  title,
  values,
}: {
  readonly title: string;
  readonly values: Readonly<Record<string, unknown>>;
}): ReactNode {
  return (
    <table>
      <caption>{title}</caption>
      <tbody>
        {Object.entries(values).map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              <code>{typeof value === 'string' ? value : JSON.stringify(value)}</code>
              {isTime(name, value) && (
                <span className="token-time"> {new Date(value * 1000).toLocaleString()}</span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Claims whose value is a NumericDate (RFC 7519 §2). */
const timeClaims: readonly string[] = ['exp', 'iat', 'nbf', 'auth_time'];

function isTime(name: string, value: unknown): value is number {
  return timeClaims.includes(name) && typeof value === 'number';
}

/** The remaining time, by the clock of this computer. */
function Countdown({ to }: { readonly to: Date }): ReactNode {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.round((to.getTime() - now) / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const text = parts.map((part) => String(part).padStart(2, '0')).join(':');
  return (
    <>
      in <span role="timer">{text}</span>, at{' '}
      <time dateTime={to.toISOString()}>{to.toLocaleString()}</time>
    </>
  );
}
