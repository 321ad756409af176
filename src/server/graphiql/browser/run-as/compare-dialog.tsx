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
    () => viewers.map(({ name }) => resultLines(bodyOf(results.get(name)))),
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
          const { name, subject } = viewer;
          return (
            <CompareColumn
              key={name}
              viewer={viewer}
              result={results.get(name)}
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

/** Runs the query once for each viewer, as soon as they are ready. */
function useResults(
  query: ComparedQuery,
  ready: readonly ComparedViewer[],
): ReadonlyMap<string, ViewerResult> {
  const page = usePage();
  const [results, setResults] = useState<ReadonlyMap<string, ViewerResult>>(new Map());
  const started = useRef(new Map<string, AbortController>());
  useEffect(() => {
    for (const viewer of ready) {
      if (started.current.has(viewer.name)) continue;
      const abort = new AbortController();
      started.current.set(viewer.name, abort);
      runForViewer(page, viewer, query, abort.signal).then((result) => {
        if (abort.signal.aborted) return;
        setResults((before) => new Map(before).set(viewer.name, result));
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
