import { authExchange } from '@urql/exchange-auth';
import { Client, type CombinedError, cacheExchange, fetchExchange } from 'urql';
import { getSession, renew } from './auth.ts';
import { settings } from './settings.ts';

/** urql that sends the access token, and renews it once when the API refuses it. */
export function createClient(): Client {
  // authExchange holds requests back while it renews, tries each once more, and then gives up.
  const auth = authExchange(async ({ appendHeaders }) => {
    let refused: string | undefined;
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
        refused = context['token'];
        return true;
      },
      // Afterwards there is a new token, or nobody is signed in and the API says what that means.
      refreshAuth: () => renew(refused),
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
  // The code, not the status: a query that is answered in part has the status 200.
  return graphQLErrors.some(({ extensions }) => extensions['code'] === 'UNAUTHENTICATED');
}
