import { tryParseJSONC, useGraphiQL } from '@graphiql/react';
import { useEffect, useRef, useState } from 'react';
import { usePage, usePageState } from '../use-page.ts';
import { type AskedOperation, NotExplainedError } from './access-client.ts';
import { type Explained, nextVerdicts, readAuthorization } from './verdicts.ts';

/** Milliseconds after the last change. */
const delay = 150;

/** Asks the server for verdicts on what is in the editor, whenever that or the account changes. */
export function LoadVerdicts(): null {
  const { access, store } = usePage();
  const { account } = usePageState();
  const query = useQueryText();
  const { variables, headers, operationName } = useGraphiQL(
    ({ tabs, activeTabIndex, operationName }) => ({
      variables: tabs[activeTabIndex]?.variables ?? '',
      headers: tabs[activeTabIndex]?.headers ?? '',
      operationName,
    }),
  );
  const shown = useRef(-1);
  useEffect(() => {
    const { text } = query;
    if (text.trim() === '') {
      store.set({ verdicts: undefined });
      return;
    }
    const parsed = parse(variables);
    // While they are typed, the last verdicts stay.
    if (parsed === 'invalid') return;
    const authorization = readAuthorization(asObject(parse(headers)));
    const operation: AskedOperation = {
      query: text,
      operationName,
      variables: parsed,
      authorization,
    };
    const abort = new AbortController();
    const ask = async (): Promise<void> => {
      const explained = await access.explain(operation, abort.signal).then<Explained, Explained>(
        (said) => ({ kind: 'said', said }),
        (error) => ({
          kind: 'failed',
          message: error instanceof NotExplainedError ? error.message : 'The API is not reachable.',
        }),
      );
      if (abort.signal.aborted) return;
      const viewer = authorization ?? account;
      const last = store.get().verdicts;
      const isReplaced = query.replaced !== shown.current;
      shown.current = query.replaced;
      store.set({
        verdicts: nextVerdicts(isReplaced ? undefined : last, { query: text, viewer }, explained),
      });
    };
    const timer = setTimeout(ask, delay);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [access, store, account, query, variables, headers, operationName]);
  return null;
}

/** The text of the editor, and how often all of it has been replaced, such as by that of another tab. */
function useQueryText(): { readonly text: string; readonly replaced: number } {
  const editor = useGraphiQL(({ queryEditor }) => queryEditor);
  const [query, setQuery] = useState({ text: '', replaced: 0 });
  useEffect(() => {
    if (!editor) return;
    const update = (isReplaced: boolean): void =>
      setQuery(({ replaced }) => ({
        text: editor.getValue(),
        replaced: isReplaced ? replaced + 1 : replaced,
      }));
    update(true);
    const listener = editor.onDidChangeModelContent(({ isFlush }) => update(isFlush));
    return () => listener.dispose();
  }, [editor]);
  return query;
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined | 'invalid' {
  try {
    return tryParseJSONC(text);
  } catch {
    return 'invalid';
  }
}

const asObject = (value: ReturnType<typeof parse>): Readonly<Record<string, unknown>> =>
  typeof value === 'object' ? value : {};

/** Loads the rules of the schema, once for each account, when a pane is open that may show them. */
export function LoadRules(): null {
  const { access, store } = usePage();
  const { account } = usePageState();
  const isOpen = useGraphiQL(({ visiblePlugin }) => visiblePlugin !== null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other accounts may see other rules.
  useEffect(() => {
    if (!isOpen) return;
    const abort = new AbortController();
    const show = (rules: Awaited<ReturnType<typeof access.loadRules>> | undefined): void => {
      if (!abort.signal.aborted) store.set({ rules });
    };
    access.loadRules(abort.signal).then(show, () => show(undefined));
    return () => abort.abort();
  }, [access, store, account, isOpen]);
  return null;
}
