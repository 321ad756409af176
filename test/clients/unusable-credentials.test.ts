import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientOptions } from './client.ts';
import { everyClient } from './every-client.ts';
import { type ClientServer, startClientServer } from './server.ts';

let server: ClientServer;
beforeAll(async () => {
  server = await startClientServer();
  // From now on tokens name a key that the API does not know, and cannot ask for.
  server.issuer.rotate();
  server.issuer.setDown(true);
});
afterAll(() => server?.stop());

const ways: readonly (readonly [ClientOptions['method'], string])[] = [
  ['POST', 'application/graphql-response+json'],
  ['GET', 'application/json'],
];

const cases: readonly (readonly [string, () => string, number, string])[] = [
  ['no token after the scheme', () => 'Bearer', 400, 'BAD_REQUEST'],
  ['no JWT', () => 'Bearer opaque', 401, 'UNAUTHENTICATED'],
  ['no proof', () => `DPoP ${server.issuer.sign()}`, 401, 'UNAUTHENTICATED'],
  ['no key to verify with', () => `Bearer ${server.issuer.sign()}`, 503, 'SERVICE_UNAVAILABLE'],
];

describe.each(everyClient)('%s', (_client, ask) => {
  describe.each(ways)('%s, %s', (method, accept) => {
    it.each(cases)('%s', async (_case, authorization, status, code) => {
      const seen = await ask('{ public { message } }', {
        endpoint: server.endpoint,
        credentials: async () => ({ authorization: authorization() }),
        method,
        accept,
      });

      expect(seen.status).toBe(status);
      expect(seen.data ?? undefined).toBeUndefined();
      expect(seen.errors.map(({ extensions }) => extensions?.['code'])).toEqual([code]);
    });
  });
});
