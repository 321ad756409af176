import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect, useRef } from 'react';
import { usePage, usePageState } from '../use-page.ts';

/**
 * What a change of the account leads to in GraphiQL: no response of the account before stays, in any
 * tab, and documentation and squiggles are those of the new viewer. Then an operation that was refused
 * before runs again, if it is still in the editor.
 */
export function AccountChange(): null {
  const { store } = usePage();
  const { account, runAgain } = usePageState();
  const { introspect, run, updateActiveTabValues } = useGraphiQLActions();
  const { tabs, queryEditor, responseEditor, operationName } = useGraphiQL((state) => ({
    tabs: state.tabs,
    queryEditor: state.queryEditor,
    responseEditor: state.responseEditor,
    operationName: state.operationName,
  }));

  const subject = account?.subject;
  const shown = useRef(subject);
  useEffect(() => {
    if (shown.current === subject) return;
    shown.current = subject;
    responseEditor?.setValue('');
    updateActiveTabValues({ response: null });
    // GraphiQL has no action for the other tabs, and reads these when one is opened.
    for (const tab of tabs) tab.response = null;
  }, [subject, tabs, responseEditor, updateActiveTabValues]);

  const viewer = JSON.stringify([subject, account?.scopes]);
  const introspected = useRef(viewer);
  useEffect(() => {
    if (introspected.current === viewer) return;
    introspected.current = viewer;
    introspect();
  }, [viewer, introspect]);

  useEffect(() => {
    if (!runAgain || !queryEditor) return;
    store.set({ runAgain: undefined });
    const isSame =
      queryEditor.getValue() === runAgain.query &&
      (operationName ?? undefined) === runAgain.operationName;
    if (isSame) run();
  }, [runAgain, queryEditor, operationName, run, store]);
  return null;
}
