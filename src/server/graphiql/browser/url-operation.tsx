import { useGraphiQL } from '@graphiql/react';
import { useEffect } from 'react';

/** The longest query string that is written: servers reject longer URLs on the next load. */
const maxLength = 4_000;

/** What GraphiQL shows first. */
interface InitialTabs {
  readonly initialQuery?: string;
  readonly initialVariables?: string;
  readonly defaultTabs: { readonly query: string; readonly variables?: string }[];
}

/**
 * The operation that a link to the page contains, if any, and the tabs of a browser that has not stored
 * its own. GraphiQL shows the operation of a link in the first of them.
 */
export function initialTabs(queries: readonly string[]): InitialTabs {
  const parameters = new URL(location.href).searchParams;
  const query = parameters.get('query');
  if (query === null) return { defaultTabs: queries.map((one) => ({ query: one })) };
  const variables = parameters.get('variables');
  const others = queries.filter((one) => one !== query).map((one) => ({ query: one }));
  return {
    initialQuery: query,
    ...(variables === null ? {} : { initialVariables: variables }),
    defaultTabs: [{ query, ...(variables === null ? {} : { variables }) }, ...others],
  };
}

/** Keeps the operation of the active tab in the URL of the page, so that it can be sent to others. */
export function UrlOperation(): null {
  const { query, variables, isSettled } = useGraphiQL((state) => {
    const tab = state.tabs[state.activeTabIndex];
    return {
      query: tab?.query ?? '',
      variables: tab?.variables ?? '',
      // GraphiQL takes a moment to load a tab.
      isSettled: (tab?.operationName ?? undefined) === (state.operationName ?? undefined),
    };
  });
  useEffect(() => {
    if (!isSettled) return;
    const parameters = new URLSearchParams({
      ...(query ? { query } : {}),
      ...(variables ? { variables } : {}),
    });
    const text = parameters.toString();
    history.replaceState(
      history.state,
      '',
      text && text.length <= maxLength ? `?${text}` : location.pathname,
    );
  }, [query, variables, isSettled]);
  return null;
}
