import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askWithApollo } from './apollo.ts';
import type { Ask } from './client.ts';
import { withDpop } from './credentials.ts';
import { askWithFetch } from './fetch.ts';
import { askWithGraphqlRequest } from './graphql-request.ts';
import { type ClientServer, startClientServer } from './server.ts';
import { askWithUrql } from './urql.ts';

// A client that takes a `fetch` of the app's needs to know nothing of proofs, nor of nonces.
let server: ClientServer;
beforeAll(async () => {
  server = await startClientServer({ DPOP: 'required', DPOP_NONCE: 'required' });
});
afterAll(() => server?.stop());

const accept = 'application/graphql-response+json';

describe.each<[string, Ask]>([
  ['Apollo Client', askWithApollo],
  ['urql', askWithUrql],
  ['graphql-request', askWithGraphqlRequest],
  ['fetch', askWithFetch],
])('%s, where proofs need a nonce', (_client, ask) => {
  it.each(['POST', 'GET'] as const)('is served by %s', async (method) => {
    const { endpoint, issuer } = server;
    const credentials = await withDpop(issuer);

    const seen = await ask('{ viewer { subject } }', { endpoint, credentials, method, accept });

    expect(seen).toMatchObject({
      status: 200,
      data: { viewer: { subject: 'auth0|somebody' } },
      errors: [],
    });
  });

  it('reads the refusal of a Bearer token', async () => {
    const { endpoint, issuer } = server;
    const credentials = async () => ({ authorization: `Bearer ${issuer.sign()}` });
    const method = 'POST';

    const seen = await ask('{ viewer { subject } }', { endpoint, credentials, method, accept });

    expect([seen.status, seen.errors.map(({ extensions }) => extensions?.['code'])]).toEqual([
      401,
      ['UNAUTHENTICATED'],
    ]);
  });
});
