import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { createHandler as createFetchHandler } from 'graphql-http/lib/use/fetch';
import { createHandler } from 'graphql-http/lib/use/http';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type GuardedHandlerOptions,
  guardedHandlerOptions,
} from '../../../src/adapters/graphql-http/index.ts';
import { authDirectives, createMemoryReplayStore, guardSchema } from '../../../src/layer.ts';
import { authenticatorFor } from '../../support/authentication.ts';
import { send } from '../../support/http.ts';
import { boundToken, createProof } from '../../support/proofs.ts';
import { createTestIssuer, createTestKey } from '../../support/tokens.ts';

const typeDefs = /* GraphQL */ `
  ${authDirectives}
  type Query {
    open: String
    private: String @auth
    scoped: String @auth(scope: "read")
    owned(id: ID): String @auth(policy: "owner")
    subject: String @auth
    tenant: String
    items: [Item]
    fails: String
    calls: Int
  }
  interface Item {
    name: String
  }
  type Open implements Item {
    name: String
  }
  type Secret implements Item @auth(scope: "secret") {
    name: String
  }
  type Mutation {
    add: Int
    addPrivately: Int @auth
    addOwned(id: ID): Int @auth(policy: "owner")
  }
`;

const issuer = createTestIssuer();

function setUp(overrides: Partial<GuardedHandlerOptions> = {}) {
  let runs = 0;
  const add = (): number => {
    runs += 1;
    return runs;
  };
  const schema = guardSchema(
    makeExecutableSchema({
      typeDefs,
      resolvers: {
        Query: {
          open: () => 'open',
          private: () => 'private',
          scoped: () => 'scoped',
          owned: () => 'owned',
          subject: (_source, _args, { viewer }) => viewer.subject,
          tenant: (_source, _args, { tenant }) => tenant,
          items: () => [
            { __typename: 'Open', name: 'a' },
            { __typename: 'Secret', name: 'b' },
          ],
          fails: () => {
            throw new Error('failed');
          },
        },
        Mutation: { add, addPrivately: add, addOwned: add },
      },
    }),
    { policies: { owner: ({ args }) => args['id'] === '1' }, clock: issuer.clock },
  );
  const options = guardedHandlerOptions({
    schema,
    authenticator: authenticatorFor(issuer),
    ...overrides,
  });
  const handle = createFetchHandler(options);
  async function post(body: object | string, headers: Readonly<Record<string, string>> = {}) {
    const response = await handle(
      new Request('https://api.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    );
    return summarize(response);
  }
  async function get(query: string, headers: Readonly<Record<string, string>> = {}) {
    const url = `https://api.test/graphql?${new URLSearchParams({ query })}`;
    return summarize(await handle(new Request(url, { headers })));
  }
  return { options, post, get, runs: () => runs };
}

const summarize = async (response: Response) => ({
  status: response.status,
  type: response.headers.get('content-type'),
  challenge: response.headers.get('www-authenticate'),
  cache: response.headers.get('cache-control'),
  nonce: response.headers.get('dpop-nonce'),
  body: await response.json(),
});

const signed = (claims: Readonly<Record<string, unknown>> = {}) => ({
  authorization: `Bearer ${issuer.sign({ claims })}`,
});

const error = (code: string, rest: object = {}) =>
  expect.objectContaining({ extensions: expect.objectContaining({ code }), ...rest });

describe('guardedHandlerOptions', () => {
  it.each([
    ['a public field', '{ open }', {}, 200, { data: { open: 'open' } }],
    [
      'a private field, anonymously',
      '{ private }',
      {},
      401,
      { errors: [error('UNAUTHENTICATED')] },
    ],
    ['a private field', '{ private }', signed(), 200, { data: { private: 'private' } }],
    ['a missing scope', '{ scoped }', signed(), 403, { errors: [error('FORBIDDEN')] }],
    ['a scope', '{ scoped }', signed({ scope: 'read' }), 200, { data: { scoped: 'scoped' } }],
    ['a policy that denies', '{ owned }', signed(), 403, { errors: [error('FORBIDDEN')] }],
    ['a policy that allows', '{ owned(id: 1) }', signed(), 200, { data: { owned: 'owned' } }],
    ['the viewer', '{ subject }', signed({ sub: 'ada' }), 200, { data: { subject: 'ada' } }],
    [
      'a part',
      '{ open private }',
      {},
      200,
      {
        data: { open: 'open', private: null },
        errors: [
          error('UNAUTHENTICATED', { path: ['private'], locations: [{ line: 1, column: 8 }] }),
        ],
      },
    ],
    [
      'a part of a list',
      '{ items { name } }',
      signed(),
      200,
      {
        data: { items: [{ name: 'a' }, null] },
        errors: [error('FORBIDDEN', { path: ['items', 1] })],
      },
    ],
    ['a mutation', 'mutation { add }', {}, 200, { data: { add: 1 } }],
  ])('responds to %s', async (_case, query, headers, status, body) => {
    const { post, get } = setUp();
    const isPublic =
      Object.keys(headers).length === 0 && status === 200 && query !== '{ open private }';
    const expected = {
      status,
      type: 'application/json; charset=utf-8',
      challenge: status === 200 ? null : expect.stringMatching(/^Bearer /),
      cache: isPublic ? null : 'no-store',
      nonce: null,
      body,
    };
    expect(await post({ query }, headers)).toEqual(expected);
    if (query.startsWith('{')) expect(await get(query, headers)).toEqual(expected);
  });

  it.each([
    [{ query: 'mutation { add addPrivately }' }, {}, 401],
    [{ query: 'mutation { add addOwned(id: 2) }' }, signed(), 403],
    [{ query: 'query A { open } mutation B { add addPrivately }', operationName: 'B' }, {}, 401],
  ])('runs nothing of %j', async (params, headers, status) => {
    const { post, runs } = setUp();
    expect((await post(params, headers)).status).toBe(status);
    expect(runs()).toBe(0);
  });

  it.each([
    ['a bad token', { authorization: 'Bearer x' }, 401, 'invalid_token'],
    ['a malformed header', { authorization: 'Bearer' }, 400, 'invalid_request'],
    ['an expired token', signed({ exp: issuer.clock.seconds() - 60 }), 401, 'invalid_token'],
  ])('rejects %s before GraphQL is parsed', async (_case, headers, status, reason) => {
    const { post } = setUp();
    for (const body of ['{', { query: '{' }, { query: '{ open }' }, []]) {
      const response = await post(body, headers);
      expect(response).toMatchObject({ status, cache: 'no-store' });
      expect(response.challenge).toContain(`error="${reason}"`);
    }
  });

  it('reads the raw headers of Node', async () => {
    const server = createServer(createHandler(setUp().options));
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const endpoint = `http://127.0.0.1:${port}/graphql`;
    const { authorization } = signed();
    const json = ['Content-Type', 'application/json', 'Authorization', authorization];
    const body = JSON.stringify({ query: '{ private }' });
    const once = await send(endpoint, { method: 'POST', headers: json, body });
    expect(JSON.parse(once.text)).toEqual({ data: { private: 'private' } });
    const headers = [...json, 'Authorization', authorization];
    const twice = await send(endpoint, { method: 'POST', headers, body });
    expect(twice.status).toBe(400);
    expect(twice.text).toContain('authorization_repeated');
  });

  it('accepts a DPoP proof once, and sends nonces', async () => {
    const key = createTestKey();
    const { clock } = issuer;
    const authenticator = authenticatorFor(issuer, {
      dpop: 'optional',
      publicUrl: 'https://api.test',
      replayStore: createMemoryReplayStore({ clock }),
      dpopNonce: 'required',
    });
    const { post } = setUp({ authenticator });
    const token = boundToken(issuer, key);
    const headers = (nonce?: string | null) => ({
      authorization: `DPoP ${token}`,
      dpop: createProof({ key, token, clock, url: 'https://api.test/graphql', claims: { nonce } }),
    });
    const query = '{ private }';
    const { nonce, status } = await post({ query }, headers());
    expect({ nonce, status }).toEqual({ nonce: expect.any(String), status: 401 });
    const used = headers(nonce);
    expect(await post({ query }, used)).toMatchObject({
      status: 200,
      nonce,
      body: { data: { private: 'private' } },
    });
    expect(await post({ query }, used)).toMatchObject({
      status: 401,
      nonce,
      body: { errors: [error('UNAUTHENTICATED')] },
    });
  });

  it.each([
    ['application/graphql-response+json', 'application/graphql-response+json; charset=utf-8'],
    ['application/json', 'application/json; charset=utf-8'],
    ['*/*', 'application/json; charset=utf-8'],
  ])('sends the type that %s accepts', async (accept, type) => {
    const { post } = setUp();
    for (const headers of [{}, signed(), { authorization: 'Bearer x' }]) {
      expect((await post({ query: '{ private }' }, { accept, ...headers })).type).toBe(type);
    }
  });

  it('copies the context, in which the viewer is its own', async () => {
    const shared = Object.freeze({ tenant: 'ours', viewer: { kind: 'authenticated' } });
    const { post } = setUp({ context: async () => shared });
    expect((await post({ query: '{ tenant private }' })).body).toMatchObject({
      data: { tenant: 'ours', private: null },
    });
  });

  it('formats the errors of resolvers only', async () => {
    const { post } = setUp({ formatError: () => new Error('masked') });
    expect((await post({ query: '{ fails private }' })).body.errors).toEqual([
      { message: 'masked' },
      error('UNAUTHENTICATED'),
    ]);
    expect((await setUp().post({ query: '{ fails }' })).body.errors[0].message).toBe('failed');
  });

  it('rejects what it does not support', () => {
    expect(() => setUp({ schema: makeExecutableSchema({ typeDefs }) })).toThrow('is not guarded');
    const options: object = { onSubscribe: () => undefined };
    expect(() => setUp(options)).toThrow('the option onSubscribe is not supported');
  });
});
