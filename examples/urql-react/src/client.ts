import { authExchange } from '@urql/exchange-auth';
import { Client, type CombinedError, cacheExchange, fetchExchange } from 'urql';
import { getSession, renew } from '../../shared/session.ts';
import { settings } from '../../shared/settings.ts';

/** urql client that sends the access token, and renews it once if the API rejects it. */
export function createClient(): Client {
  // authExchange holds requests back during a renewal, and retries each once.
  const auth = authExchange(async ({ appendHeaders }) => {
    let rejected: string | undefined;
    return {
      addAuthToOperation(operation) {
        const { user } = getSession();
        if (user === null) return operation;
        const authorized = appendHeaders(operation, {
          Authorization: `Bearer ${user.access_token}`,
        });
        return { ...authorized, context: { ...authorized.context, token: user.access_token } };
      },
      willAuthError: () => getSession().user?.expired === true,
      didAuthError(error, { context }) {
        if (!isUnauthenticated(error) || getSession().user === null) return false;
        rejected = context['token'];
        return true;
      },
      // Afterwards there is a new token, or no one is signed in and the API denies the retry.
      refreshAuth: () => renew(rejected),
    };
  });

  return new Client({
    url: settings.endpoint,
    exchanges: [cacheExchange, auth, fetchExchange],
    // By default urql puts queries and their variables into URLs, which servers and proxies log.
    preferGetMethod: false,
  });
}

function isUnauthenticated({ graphQLErrors }: CombinedError): boolean {
  // The code, not the status: a partial result has status 200.
  return graphQLErrors.some(({ extensions }) => extensions['code'] === 'UNAUTHENTICATED');
}
