import { useMemo } from 'react';
import { Provider } from 'urql';
import { createClient } from './client.ts';
import { Page } from './Page.tsx';
import { useSession } from './useSession.ts';

/** The page, with a client and a cache that belong to one person only. */
export function App() {
  const { user } = useSession();
  const subject = user?.profile.sub;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another person gets another cache.
  const client = useMemo(() => createClient(), [subject]);
  return (
    <Provider value={client}>
      <Page title="urql and React" />
    </Provider>
  );
}
