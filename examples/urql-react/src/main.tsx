import { useMemo } from 'react';
import { Provider } from 'urql';
import { Page } from '../../shared/Page.tsx';
import { QueryView } from '../../shared/QueryView.tsx';
import type { SampleQuery } from '../../shared/queries.ts';
import { useSession } from '../../shared/session.ts';
import { start } from '../../shared/start.tsx';
import { createClient } from './client.ts';
import { useResult } from './useResult.ts';
import { useSend } from './useSend.ts';

/** The page, with a client and a cache for each user. */
function App() {
  const { user } = useSession();
  const subject = user?.profile.sub;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another user gets another cache.
  const client = useMemo(() => createClient(), [subject]);
  return (
    <Provider value={client}>
      <Content />
    </Provider>
  );
}

function Content() {
  return (
    <Page title="urql and React" send={useSend()}>
      {(query) => <Query query={query} />}
    </Page>
  );
}

function Query({ query }: { readonly query: SampleQuery }) {
  return <QueryView query={query} result={useResult(query)} />;
}

await start(App);
