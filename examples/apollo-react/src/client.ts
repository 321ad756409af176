import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { SetContextLink } from '@apollo/client/link/context';
import { ErrorLink } from '@apollo/client/link/error';
import { from, switchMap } from 'rxjs';
import { accessToken, getSession, renew } from '../../shared/session.ts';
import { settings } from '../../shared/settings.ts';

/** Apollo Client that sends the access token, and renews it once if the API rejects it. */
export function createClient(): ApolloClient {
  const sendToken = new SetContextLink(
    async ({ headers: { authorization: _, ...headers } = {} }) => {
      // Drop the header of a first attempt: the user may have been signed out since.
      const token = await accessToken();
      return { token, headers: token ? { ...headers, authorization: `Bearer ${token}` } : headers };
    },
  );

  // Placed before sendToken, so that the retry sends the new token. There is only one retry: this
  // link does not see the result of its own.
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
  // The code, not the status: a partial result has status 200.
  return (
    CombinedGraphQLErrors.is(error) &&
    error.errors.some(({ extensions }) => extensions?.['code'] === 'UNAUTHENTICATED')
  );
}
