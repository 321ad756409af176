import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect, useState } from 'react';

/**
 * Does what was clicked before the editors have loaded: until then, GraphiQL ignores Run, selects a
 * tab without its operation, and loses the operation of the tab that a new one follows.
 */
export function EarlyClicks(): null {
  const { addTab, changeTab, run } = useGraphiQLActions();
  const isReady = useGraphiQL(({ queryEditor, variableEditor, headerEditor, responseEditor }) =>
    Boolean(queryEditor && variableEditor && headerEditor && responseEditor),
  );
  const activeTabIndex = useGraphiQL((state) => state.activeTabIndex);
  const tab = useGraphiQL((state) => state.tabs[state.activeTabIndex]);
  const operationName = useGraphiQL((state) => state.operationName);
  // The editors start with the operation of the tab that is active at first.
  const [firstTab] = useState(tab?.id);
  const [loadedTab, setLoadedTab] = useState(firstTab);
  const [requested, setRequested] = useState<'run' | 'new tab'>();
  useEffect(() => {
    if (isReady) return;
    const request = (event: MouseEvent): void => {
      const button = event.target instanceof Element ? event.target.closest('button') : null;
      if (button?.matches('.graphiql-execute-button')) setRequested('run');
      if (button?.matches('.graphiql-tab-add')) {
        event.stopPropagation();
        setRequested('new tab');
      }
    };
    document.addEventListener('click', request, { capture: true });
    return () => document.removeEventListener('click', request, { capture: true });
  }, [isReady]);
  // The name of the operation to run follows the editor after a moment.
  const isSettled =
    tab?.id === firstTab || (tab?.operationName ?? undefined) === (operationName ?? undefined);
  const [isDone, setDone] = useState(false);
  useEffect(() => {
    if (!isReady || isDone) return;
    if (tab?.id !== loadedTab) {
      setLoadedTab(tab?.id);
      changeTab(activeTabIndex);
    } else if (isSettled) {
      setDone(true);
      if (requested === 'run') run();
      if (requested === 'new tab') addTab();
    }
  }, [
    activeTabIndex,
    addTab,
    changeTab,
    isDone,
    isReady,
    isSettled,
    loadedTab,
    requested,
    run,
    tab,
  ]);
  return null;
}
