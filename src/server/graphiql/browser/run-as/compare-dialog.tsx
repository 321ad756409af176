import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { usePage, usePageState } from '../use-page.ts';
import { CompareColumn } from './compare-column.tsx';
import { differingPaths, resultLines } from './result-lines.ts';
import {
  type ComparedQuery,
  type ComparedViewer,
  runForViewer,
  type ViewerResult,
} from './run-for-viewer.ts';

/** A dialog with the results of a query for several viewers, side by side. */
export function CompareDialog({
  query,
  viewers,
  onClose,
}: {
  readonly query: ComparedQuery;
  readonly viewers: readonly ComparedViewer[];
  readonly onClose: () => void;
}): ReactNode {
  const page = usePage();
  const { accounts, message, cancelSignIn } = usePageState();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const isReady = ({ subject }: ComparedViewer): boolean =>
    subject === undefined || accounts.some((account) => account.subject === subject);
  const results = useResults(query, viewers.filter(isReady));
  const columns = useMemo(
    () => viewers.map(({ subject }) => resultLines(bodyOf(results.get(subject)))),
    [viewers, results],
  );
  const differing = useMemo(() => differingPaths(columns), [columns]);
  return (
    <dialog ref={dialog} className="compare" aria-labelledby="compare-title" onClose={onClose}>
      <div className="compare-title">
        <h2 id="compare-title">The same query, as each user</h2>
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
      <div className="compare-status">
        <p role="status">{viewers.every(isReady) ? '' : message?.text}</p>
        {cancelSignIn && (
          <button type="button" onClick={() => cancelSignIn()}>
            Cancel
          </button>
        )}
      </div>
      <div className="compare-columns">
        {viewers.map((viewer, index) => {
          const { subject } = viewer;
          return (
            <CompareColumn
              key={subject ?? ''}
              viewer={viewer}
              result={results.get(subject)}
              lines={columns[index] ?? []}
              differing={differing}
              onSignIn={
                subject === undefined || isReady(viewer)
                  ? undefined
                  : () => cancelSignIn ?? page.signInUsers([subject])
              }
            />
          );
        })}
      </div>
    </dialog>
  );
}

/** The results, by the subjects of their viewers: several can have the same name. */
type Results = ReadonlyMap<ComparedViewer['subject'], ViewerResult>;

/** Runs the query once for each viewer, as soon as they are ready. */
function useResults(query: ComparedQuery, ready: readonly ComparedViewer[]): Results {
  const page = usePage();
  const [results, setResults] = useState<Results>(new Map());
  const started = useRef(new Map<ComparedViewer['subject'], AbortController>());
  useEffect(() => {
    for (const viewer of ready) {
      const { subject } = viewer;
      if (started.current.has(subject)) continue;
      const abort = new AbortController();
      started.current.set(subject, abort);
      runForViewer(page, viewer, query, abort.signal).then((result) => {
        if (abort.signal.aborted) return;
        setResults((before) => new Map(before).set(subject, result));
      });
    }
  }, [ready, page, query]);
  useEffect(
    () => () => {
      for (const abort of started.current.values()) abort.abort();
    },
    [],
  );
  return results;
}

function bodyOf(result: ViewerResult | undefined): unknown {
  return result?.kind === 'response' ? result.body : undefined;
}
