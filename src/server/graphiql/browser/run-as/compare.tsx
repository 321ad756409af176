import { tryParseJSONC, useGraphiQL } from '@graphiql/react';
import { getOperationAST } from 'graphql';
import { type ReactNode, useState } from 'react';
import { usePage, usePageState } from '../use-page.ts';
import { CompareDialog } from './compare-dialog.tsx';
import { knownUsers } from './known-users.ts';
import type { ComparedQuery, ComparedViewer } from './run-for-viewer.ts';
import './compare.css';

/** Why an operation is not compared. */
const reasons = {
  mutation: 'Only queries are compared: a mutation would run once for each user.',
  subscription: 'Only queries are compared: a subscription has no end.',
} as const;

/** A button that runs the query of the editor as each user, and shows the results side by side. */
export function Compare(): ReactNode {
  const page = usePage();
  const { accounts } = usePageState();
  const { kind, ...editor } = useGraphiQL((state) => ({
    kind: state.documentAST && getOperationAST(state.documentAST, state.operationName)?.operation,
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
    headerEditor: state.headerEditor,
    operationName: state.operationName,
  }));
  const [open, setOpen] = useState<
    { readonly query: ComparedQuery; readonly viewers: readonly ComparedViewer[] } | undefined
  >();
  // It is shown until another kind of operation is in the editor.
  const [problem, setProblem] = useState<
    { readonly kind: typeof kind; readonly text: string } | undefined
  >();
  const viewers: readonly ComparedViewer[] = [
    { name: 'Signed out', subject: undefined },
    ...knownUsers(page.settings, accounts),
  ];
  if (viewers.length < 2) return null;
  const reason = kind === 'mutation' || kind === 'subscription' ? reasons[kind] : undefined;
  const start = (): void => {
    setProblem(reason === undefined ? undefined : { kind, text: reason });
    if (reason !== undefined || !editor.queryEditor) return;
    try {
      const query = {
        query: editor.queryEditor.getValue(),
        operationName: editor.operationName,
        variables: tryParseJSONC(editor.variableEditor?.getValue()),
        headers: withoutAuthorization(tryParseJSONC(editor.headerEditor?.getValue()) ?? {}),
      };
      setOpen({ query, viewers });
    } catch (error) {
      const cause = error instanceof Error ? error.message : '';
      setProblem({ kind, text: `Variables or headers ${cause}` });
      return;
    }
    const missing = viewers.flatMap(({ subject }) =>
      subject === undefined || accounts.some((account) => account.subject === subject)
        ? []
        : [subject],
    );
    // Now, because browsers open a window after a click only.
    if (missing.length > 0) page.signInUsers(missing);
  };
  return (
    <div className="compare-open">
      <span role="status">{problem?.kind === kind ? problem?.text : ''}</span>
      <button
        type="button"
        title={reason ?? 'Run this query as each user, side by side'}
        onClick={start}
        {...(reason === undefined ? {} : { 'aria-disabled': true })}
      >
        Compare users
      </button>
      {open && <CompareDialog {...open} onClose={() => setOpen(undefined)} />}
    </div>
  );
}

function withoutAuthorization(headers: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.toLowerCase() !== 'authorization')
      .map(([name, value]) => [name, String(value)]),
  );
}
