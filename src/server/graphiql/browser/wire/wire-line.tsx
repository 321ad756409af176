import { type ReactNode, useId, useState } from 'react';
import type { Exchange } from '../page-state.ts';
import { usePage, usePageState } from '../use-page.ts';
import { repeatCommand } from './repeat-command.ts';
import './wire.css';

/** What went over the wire: status, time and size, the headers on a click, and a command to repeat it. */
export function WireLine(): ReactNode {
  const { exchange } = usePageState();
  const [isOpen, setOpen] = useState(false);
  const details = useId();
  if (!exchange) return null;
  return (
    <section className="wire" aria-label="HTTP response">
      <div className="wire-line">
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={details}
          title="Show the headers"
          onClick={() => setOpen(!isOpen)}
        >
          <Summary {...exchange} />
        </button>
        <CopyCommand exchange={exchange} />
      </div>
      <section
        id={details}
        className="wire-details"
        aria-label="Headers"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, keys cannot scroll it.
        tabIndex={0}
        hidden={!isOpen}
      >
        <Details {...exchange} />
      </section>
    </section>
  );
}

function Summary({ status, statusText, durationMs, bytes }: Exchange): ReactNode {
  return (
    <>
      <strong className={status < 400 ? 'wire-ok' : 'wire-refused'}>
        {`${status} ${statusText}`.trim()}
      </strong>
      {` · ${Math.round(durationMs)} ms · ${bytes === undefined ? 'stream' : formatBytes(bytes)}`}
    </>
  );
}

function Details({ headers, credentials, account }: Exchange): ReactNode {
  const challenges = headers.filter(([name]) => name === 'www-authenticate');
  const others = headers.filter(([name]) => name !== 'www-authenticate');
  return (
    <>
      <p>{describeCredentials({ credentials, account })}</p>
      {challenges.map(([, value]) => (
        <div key={value} className="wire-challenge">
          <h2>Challenge</h2>
          <code>{value}</code>
        </div>
      ))}
      <h2>Headers</h2>
      <dl>
        {others.map(([name, value]) => (
          <div key={name}>
            <dt>{name}: </dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function describeCredentials({
  credentials,
  account,
}: Pick<Exchange, 'credentials' | 'account'>): string {
  switch (credentials) {
    case 'none':
      return 'Sent without an access token.';
    case 'header':
      return 'Sent with the Authorization header from the Headers tab.';
    case 'session':
      return `Sent with the ${account?.scheme ?? ''} token of ${account?.name ?? 'the account'}.`;
  }
}

/** Copies the command. Where the browser does not allow it, the command is shown to be copied by hand. */
function CopyCommand({ exchange }: { readonly exchange: Exchange }): ReactNode {
  const { settings } = usePage();
  const [copied, setCopied] = useState<
    { readonly of: Exchange; readonly isCopied: boolean } | undefined
  >();
  const command = repeatCommand(exchange, settings);
  const current = copied?.of === exchange ? copied : undefined;
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(command);
      setCopied({ of: exchange, isCopied: true });
    } catch {
      setCopied({ of: exchange, isCopied: false });
    }
  };
  return (
    <>
      <button
        type="button"
        title="The command contains no token; it obtains one itself."
        onClick={copy}
      >
        {exchange.account?.scheme === 'DPoP' ? 'Copy as command' : 'Copy as curl'}
      </button>
      <span role="status" className="wire-note">
        {current?.isCopied && 'Copied, without the token.'}
      </span>
      {current?.isCopied === false && (
        <textarea className="wire-command" readOnly aria-label="Command" value={command} />
      )}
    </>
  );
}

function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
