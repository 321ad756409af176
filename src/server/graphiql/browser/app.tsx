import type { GraphiQLPlugin } from '@graphiql/react';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import type { PointerEvent, ReactNode } from 'react';
import { Bar } from './bar.tsx';
import { readUrlOperation, UrlOperation } from './url-operation.tsx';
import { usePage } from './use-page.ts';

/** The panes of the sidebar, below GraphiQL's documentation. */
const panes: readonly GraphiQLPlugin[] = [HISTORY_PLUGIN];

const operation = readUrlOperation();

/**
 * The layout of the page: the bar, and GraphiQL with its panes.
 *
 * To add a part, write a component in a folder of its own that uses `usePage` for settings and
 * actions, `usePageState` for what the parts share, and `useGraphiQL` for editors and schema. Then:
 *
 * - a pane of the sidebar, `{ title, icon, content }`, goes into `panes`; its title is its name;
 * - what decorates the editor, or has no place of its own, is a child of `GraphiQL` that returns null;
 * - what belongs to the response is a child of `OverResponse`, which shows it above the response;
 * - what belongs to the account goes into the bar.
 */
export function App(): ReactNode {
  const { fetcher, settings } = usePage();
  return (
    <>
      <Bar />
      <div id="workspace" onPointerDownCapture={keepTabOrder}>
        <GraphiQL
          {...operation}
          fetcher={fetcher}
          plugins={[...panes]}
          defaultTabs={settings.tabs.map((query) => ({ query }))}
          // The browser must not store a token that was typed into the Headers tab.
          shouldPersistHeaders={false}
        >
          <UrlOperation />
        </GraphiQL>
      </div>
    </>
  );
}

/**
 * GraphiQL drags tabs from an offset that is wrong once the list of tabs has been resized: a click of
 * an unsteady hand would reorder them.
 */
function keepTabOrder(event: PointerEvent): void {
  if (event.target instanceof Element && event.target.closest('.graphiql-tab')) {
    event.stopPropagation();
  }
}
