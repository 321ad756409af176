import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { apiFetch } from '../../shared/session.ts';
import { settings } from '../../shared/settings.ts';

/** Apollo Client that sends the access token, and renews it once if the API rejects it. */
export function createClient(): ApolloClient {
  return new ApolloClient({
    link: new HttpLink({ uri: settings.endpoint, fetch: apiFetch }),
    cache: new InMemoryCache(),
  });
}
