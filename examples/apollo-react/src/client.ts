import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { SetContextLink } from '@apollo/client/link/context';
import { ErrorLink } from '@apollo/client/link/error';
import { from, switchMap } from 'rxjs';
import { accessToken, getSession, renew } from './auth.ts';
import { settings } from './settings.ts';

/** Apollo Client that sends the access token, and renews it once when the API refuses it. */
export function createClient(): ApolloClient {
  const sendToken = new SetContextLink(
    async ({ headers: { authorization: _, ...headers } = {} }) => {
      // Without what the first try sent: nobody may be signed in any more.
      const token = await accessToken();
      return { token, headers: token ? { ...headers, authorization: `Bearer ${token}` } : headers };
    },
  );

  // It stands before sendToken, so that the second try gets the new token. There is no third: this
  // link does not look at what its own retry brings.
  const renewOnce = new ErrorLink(({ error, operation, forward }) => {
    if (!isUnauthenticated(error) || getSession().user === null) return undefined;
    const { token } = operation.getContext();
    return from(renew(token)).pipe(switchMap(() => forward(operation)));
  });

  return new ApolloClient({
    link: ApolloLink.from([renewOnce, sendToken, new HttpLink({ uri: settings.endpoint })]),
    cache: new InMemoryCache(),
  });
}

function isUnauthenticated(error: unknown): boolean {
  // The code, not the status: a query that is answered in part has the status 200.
  return (
    CombinedGraphQLErrors.is(error) &&
    error.errors.some(({ extensions }) => extensions?.['code'] === 'UNAUTHENTICATED')
  );
}
