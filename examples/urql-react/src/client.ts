import { Client, cacheExchange, fetchExchange } from 'urql';
import { apiFetch } from '../../shared/session.ts';
import { settings } from '../../shared/settings.ts';

/** urql client that sends the access token, and renews it once if the API rejects it. */
export function createClient(): Client {
  return new Client({
    url: settings.endpoint,
    fetch: apiFetch,
    exchanges: [cacheExchange, fetchExchange],
    // By default urql puts queries and their variables into URLs, which servers and proxies log.
    preferGetMethod: false,
  });
}
