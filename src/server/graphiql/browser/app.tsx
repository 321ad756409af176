import type { GraphiQLPlugin } from '@graphiql/react';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { type ReactNode, useState } from 'react';
import { Access, accessPlugin, docsPlugin, startsWithAccess } from './access/access.tsx';
import { Bar } from './account/bar.tsx';
import { EarlyClicks } from './early-clicks.tsx';
import { OverResponse } from './over-response.tsx';
import { AccountChange } from './run-as/account-change.tsx';
import { Compare } from './run-as/compare.tsx';
import { createStorage } from './storage.ts';
import { initialTabs, UrlOperation } from './url-operation.tsx';
import { usePage } from './use-page.ts';
import { WireLine } from './wire/wire-line.tsx';

/** The panes of the sidebar, below GraphiQL's documentation. */
const panes: GraphiQLPlugin[] = [HISTORY_PLUGIN];
const panesWithAccess: GraphiQLPlugin[] = [accessPlugin, ...panes];

/**
 * The layout of the page: the bar, and GraphiQL with its panes.
 *
 * To add a part, write a component in a folder of its own that uses `usePage` for settings and
 * actions, `usePageState` for what the parts share, and `useGraphiQL` for editors and schema. Then:
 *
 * - a pane of the sidebar, `{ title, icon, content }`, goes into `panes`; its title is its name, and
 *   the list must stay the same between renders;
 * - what decorates the editor, or has no place of its own, is a child of `GraphiQL` that returns null;
 * - what belongs to the response is a child of `OverResponse`, which shows it above the response;
 * - what belongs to the account goes into the bar.
 */
export function App(): ReactNode {
  const { fetcher, settings } = usePage();
  const [tabs] = useState(() => initialTabs(settings.tabs));
  const [storage] = useState(() => createStorage(localStorage));
  const { explainsAccess } = settings;
  const [access] = useState(() => ({
    referencePlugin: docsPlugin,
    ...(startsWithAccess(storage) ? { visiblePlugin: accessPlugin } : {}),
  }));
  return (
    <>
      <Bar />
      <main id="workspace">
        <GraphiQL
          {...tabs}
          fetcher={fetcher}
          {...(explainsAccess ? access : {})}
          plugins={explainsAccess ? panesWithAccess : panes}
          // The browser must not store a token that was typed into the Headers tab.
          shouldPersistHeaders={false}
          storage={storage}
        >
          <UrlOperation />
          <EarlyClicks />
          {explainsAccess && <Access />}
          <AccountChange />
          <OverResponse>
            <WireLine />
            <Compare />
          </OverResponse>
        </GraphiQL>
      </main>
    </>
  );
}
