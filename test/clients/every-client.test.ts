import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientOptions } from './client.ts';
import { anonymous, type Credentials, type Scheme, withBearer, withDpop } from './credentials.ts';
import { everyClient } from './every-client.ts';
import { type ClientServer, startClientServer } from './server.ts';

let server: ClientServer;
beforeAll(async () => {
  server = await startClientServer();
});
afterAll(() => server?.stop());

const schemes: Readonly<Record<string, Scheme>> = { Bearer: withBearer, DPoP: withDpop };

/** One row a way of asking; each two choices meet in one of them. */
const ways: readonly (readonly [string, ClientOptions['method'], string])[] = [
  ['Bearer', 'POST', 'application/graphql-response+json'],
  ['Bearer', 'GET', 'application/json'],
  ['DPoP', 'POST', 'application/json'],
  ['DPoP', 'GET', 'application/graphql-response+json'],
];

const greeting = { message: expect.stringMatching(/^Hello from a p/) };
const hour = 60 * 60;

interface Case {
  readonly name: string;
  readonly operation: string;
  /** Claims of the token, or none for no token. */
  readonly claims?: (now: number) => Readonly<Record<string, unknown>>;
  readonly status: number;
  readonly data?: object;
  /** `path code scope` of each error, what is missing left out. */
  readonly errors: readonly string[];
}

/** One row a case, the same for every client and every way of asking. */
const cases: readonly Case[] = [
  {
    name: 'an open field, without a token',
    operation: '{ public { message } }',
    status: 200,
    data: { public: greeting },
    errors: [],
  },
  {
    name: 'a guarded field, without a token',
    operation: '{ private { message } }',
    status: 401,
    errors: ['private UNAUTHENTICATED'],
  },
  {
    name: 'a guarded field, with a token',
    operation: '{ private { message } }',
    claims: () => ({}),
    status: 200,
    data: { private: greeting },
    errors: [],
  },
  {
    name: 'a scoped field, with the scope',
    operation: '{ privateScoped { message } }',
    claims: () => ({ scope: 'read:messages' }),
    status: 200,
    data: { privateScoped: greeting },
    errors: [],
  },
  {
    name: 'a scoped field, without the scope',
    operation: '{ privateScoped { message } }',
    claims: () => ({}),
    status: 403,
    errors: ['privateScoped FORBIDDEN read:messages'],
  },
  {
    name: 'a part that needs a token, without one',
    operation: '{ public { message } mine: private { message } }',
    status: 200,
    data: { public: greeting, mine: null },
    errors: ['mine UNAUTHENTICATED'],
  },
  {
    name: 'a part that needs more scope',
    operation: '{ private { message } privateScoped { message } admin { message } }',
    claims: () => ({ scope: 'read:messages' }),
    status: 200,
    data: { private: greeting, privateScoped: greeting, admin: null },
    errors: ['admin FORBIDDEN admin:write'],
  },
  {
    name: 'an expired token, open field or not',
    operation: '{ public { message } }',
    claims: (now) => ({ exp: now - hour }),
    status: 401,
    errors: ['UNAUTHENTICATED'],
  },
  {
    name: 'a mutation, with the scope',
    operation: 'mutation { write(text: "allowed") }',
    claims: () => ({ scope: 'write:messages' }),
    status: 200,
    data: { write: 'allowed' },
    errors: [],
  },
  {
    name: 'a mutation of which a part lacks scope',
    operation: 'mutation { __typename write(text: "refused") }',
    claims: () => ({ scope: 'read:messages' }),
    status: 403,
    errors: ['write FORBIDDEN write:messages'],
  },
  {
    name: 'a mutation, without a token',
    operation: 'mutation { write(text: "refused") }',
    status: 401,
    errors: ['write UNAUTHENTICATED write:messages'],
  },
];

describe.each(everyClient)('%s', (_client, ask) => {
  describe.each(ways)('%s, %s, %s', (scheme, method, accept) => {
    it.each(cases)('$name: $status', async ({ operation, claims, status, data, errors }) => {
      const { endpoint, issuer } = server;
      const credentials: Credentials =
        claims === undefined
          ? anonymous
          : await (schemes[scheme] ?? withBearer)(issuer, claims(issuer.clock.seconds()));

      const seen = await ask(operation, { endpoint, credentials, method, accept });

      expect(seen.status).toBe(status);
      if (data === undefined) expect(seen.data ?? undefined).toBeUndefined();
      else expect(seen.data).toMatchObject(data);
      expect(
        seen.errors.map(({ path = [], extensions = {} }) =>
          [...path, extensions['code'], extensions['scope'] ?? []].flat().join(' '),
        ),
      ).toEqual(errors);
      expect(server.written).not.toContain('refused');
    });
  });
});
