import { type ReactNode, useId } from 'react';
import { errorMessages, type ResultLine } from './result-lines.ts';
import type { ComparedViewer, ViewerResult } from './run-for-viewer.ts';

/** The result of one viewer. */
export function CompareColumn({
  viewer,
  result,
  lines,
  differing,
  onSignIn,
}: {
  readonly viewer: ComparedViewer;
  /** Undefined while it runs. */
  readonly result: ViewerResult | undefined;
  readonly lines: readonly ResultLine[];
  /** The paths with other values for other viewers. */
  readonly differing: ReadonlySet<string>;
  /** Undefined if the viewer is signed in. */
  readonly onSignIn: (() => void) | undefined;
}): ReactNode {
  const title = useId();
  return (
    <section className="compare-column" aria-labelledby={title}>
      <h3 id={title}>{viewer.name}</h3>
      {onSignIn ? (
        <button type="button" className="main" onClick={onSignIn}>
          Sign in as {viewer.name}
        </button>
      ) : (
        <Result result={result} lines={lines} differing={differing} />
      )}
    </section>
  );
}

function Result({
  result,
  lines,
  differing,
}: {
  readonly result: ViewerResult | undefined;
  readonly lines: readonly ResultLine[];
  readonly differing: ReadonlySet<string>;
}): ReactNode {
  if (!result) return <p className="compare-quiet">Running…</p>;
  if (result.kind === 'failed') return <p className="compare-refused">{result.reason}</p>;
  const refused = lines.filter(({ isRefused }) => isRefused).length;
  const messages = errorMessages(result.body);
  return (
    <>
      <p>
        <strong className={result.isAccepted ? 'compare-allowed' : 'compare-refused'}>
          {result.status}
        </strong>
        {` · ${Math.round(result.durationMs)} ms · ${refused === 0 ? 'nothing' : refused} refused`}
      </p>
      <ul className="compare-lines" aria-label="Fields">
        {lines.map((line) => (
          <li key={line.path} style={{ paddingLeft: `${line.depth}rem` }}>
            <Line {...line} differs={differing.has(line.path)} />
          </li>
        ))}
      </ul>
      {messages.length > 0 && (
        <ul className="compare-errors" aria-label="Errors">
          {messages.map((message) => (
            <li key={message}>{message}</li>
          ))}
        </ul>
      )}
    </>
  );
}

function Line({
  name,
  value,
  isRefused,
  differs,
}: ResultLine & { readonly differs: boolean }): ReactNode {
  return (
    <>
      {name}
      {value !== undefined && (
        <>
          {': '}
          <span className={isRefused ? 'compare-refused' : 'compare-value'}>{value}</span>
          {differs && <em> differs</em>}
        </>
      )}
    </>
  );
}
