import { useGraphiQL } from '@graphiql/react';
import { useEffect } from 'react';

/** The longest query string that is written: servers reject longer URLs on the next load. */
const maxLength = 4_000;

/** The operation that a link to the page contains. */
export function readUrlOperation(): { initialQuery?: string; initialVariables?: string } {
  const parameters = new URL(location.href).searchParams;
  const query = parameters.get('query');
  const variables = parameters.get('variables');
  return {
    ...(query === null ? {} : { initialQuery: query }),
    ...(variables === null ? {} : { initialVariables: variables }),
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
