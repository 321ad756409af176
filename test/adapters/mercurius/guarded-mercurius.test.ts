import { makeExecutableSchema } from '@graphql-tools/schema';
import Fastify, { type LightMyRequestResponse } from 'fastify';
import { parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import mercurius from 'mercurius';
import { describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { webSocketOptions } from '../../../src/adapters/graphql-ws/index.ts';
import {
  type GuardedMercuriusOptions,
  guardedMercurius,
} from '../../../src/adapters/mercurius/index.ts';
import { authDirectives, createMemoryReplayStore, guardSchema } from '../../../src/layer.ts';
import { authenticatorFor } from '../../support/authentication.ts';
import { withSystemTimers } from '../../support/clock.ts';
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
    books: [Book]
    items: [Item]
    fails: String
    nested(query: String = "{ open }"): String
    replied: String
    runs: Int
  }
  type Book {
    title: String
    notes: String @auth(scope: "notes")
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

async function setUp(options: Partial<GuardedMercuriusOptions> = {}) {
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
          books: () => [{ title: 'a', notes: 'b' }, { title: 'c' }],
          items: () => [
            { __typename: 'Open', name: 'a' },
            { __typename: 'Secret', name: 'b' },
          ],
          fails: () => {
            throw new Error('failed');
          },
          runs: () => runs,
          nested: async (_source, { query }, context) => {
            const { data } = await context.app.graphql(query, context);
            return data.open;
          },
          replied: async (_source, _args, { reply }) => {
            const { data } = await reply.graphql('query Other { subject }');
            return data.subject;
          },
        },
        Mutation: { add, addPrivately: add, addOwned: add },
      },
    }),
    { policies: { owner: ({ args }) => args['id'] === '1' }, clock: issuer.clock },
  );
  const app = Fastify();
  app.register(guardedMercurius, { schema, authenticator: authenticatorFor(issuer), ...options });
  await app.ready();
  const post = (payload: object | string, headers: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url: '/graphql',
      headers: { 'content-type': 'application/json', ...headers },
      payload,
    });
  return { app, post, runs: () => runs };
}

const signed = (claims: Record<string, unknown> = {}) => ({
  authorization: `Bearer ${issuer.sign({ claims })}`,
});

const summary = (response: LightMyRequestResponse) => ({
  status: response.statusCode,
  challenge: response.headers['www-authenticate'] ?? null,
  cache: response.headers['cache-control'] ?? null,
  body: response.json(),
});

const error = (code: string, rest: object = {}) =>
  expect.objectContaining({ extensions: expect.objectContaining({ code }), ...rest });

describe('guardedMercurius', () => {
  it.each([
    ['selection', '{ open }', 200, { nested: 'open', owned: null }],
    ['operation', '{ open }', 403, undefined],
    ['operation', '{ open fails }', 403, undefined],
  ] as const)(
    'finishes an operation whose resolver executes another: refuse %s, %s',
    async (refuse, nested, status, data) => {
      const { post } = await setUp({ refuse });
      const query = `query Named { nested(query: "${nested}") owned }`;
      const response = await post({ query, operationName: 'Named' }, signed());
      expect(response.statusCode).toBe(status);
      expect(response.json().data).toEqual(data);
      expect(response.json().errors).toEqual([error('FORBIDDEN', { path: ['owned'] })]);
    },
  );

  it.each([
    ['a part that is refused', {}, 200, '{ open private }'],
    ['a refusal without an error handler', { errorHandler: false }, 401, '{ private }'],
  ] as const)('lets nothing store %s', async (_, options, status, query) => {
    const { post } = await setUp(options);
    const response = await post({ query });
    expect(response.statusCode).toBe(status);
    expect(response.headers['cache-control']).toBe('no-store');
    expect(response.headers['www-authenticate'] !== undefined).toBe(status === 401);
  });

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
      'a part of a list, with the indices as numbers',
      '{ books { notes } items { name } }',
      signed(),
      200,
      {
        data: { books: [{ notes: null }, { notes: null }], items: [{ name: 'a' }, null] },
        errors: [
          error('FORBIDDEN', { path: ['books', 0, 'notes'] }),
          error('FORBIDDEN', { path: ['books', 1, 'notes'] }),
          error('FORBIDDEN', { path: ['items', 1] }),
        ],
      },
    ],
    [
      'an error of a resolver',
      '{ fails }',
      {},
      200,
      { data: { fails: null }, errors: [expect.objectContaining({ message: 'failed' })] },
    ],
    ['a mutation', 'mutation { add }', {}, 200, { data: { add: 1 } }],
  ])('responds to %s', async (_case, query, headers, status, body) => {
    const { post } = await setUp();
    const response = summary(await post({ query }, headers));
    expect(response.body).toEqual(body);
    expect(response.status).toBe(status);
    expect(response.challenge === null).toBe(status === 200);
    const isPublic =
      Object.keys(headers).length === 0 && status === 200 && query !== '{ open private }';
    expect(response.cache).toBe(isPublic ? null : 'no-store');
  });

  it.each([
    ['mutation { add addPrivately }', {}, 401],
    ['mutation { add addOwned(id: 2) }', signed(), 403],
    ['mutation { addOwned(id: 2) add }', signed(), 403],
  ])('runs nothing of %s', async (query, headers, status) => {
    const { post, runs } = await setUp();
    expect(summary(await post({ query }, headers)).status).toBe(status);
    expect(runs()).toBe(0);
  });

  it.each([
    ['a bad token', { authorization: 'Bearer x' }, 401, 'invalid_token'],
    ['a malformed header', { authorization: 'Bearer' }, 400, 'invalid_request'],
    ['an expired token', signed({ exp: issuer.clock.seconds() - 60 }), 401, 'invalid_token'],
  ])('rejects %s before GraphQL is parsed', async (_case, headers, status, reason) => {
    const { post } = await setUp();
    for (const payload of ['{', { query: '{' }, { query: '{ open }' }, []]) {
      const response = summary(await post(payload, headers));
      expect(response).toMatchObject({ status, cache: 'no-store' });
      expect(response.challenge).toContain(`error="${reason}"`);
    }
  });

  it('rejects two Authorization headers', async () => {
    const { app } = await setUp();
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    const { authorization } = signed();
    const response = await send(`${url}/graphql?query={open}`, {
      headers: ['Authorization', authorization, 'Authorization', authorization],
    });
    await app.close();
    expect(response.status).toBe(400);
    expect(response.text).toContain('authorization_repeated');
  });

  it('accepts a DPoP proof once, also for a batch, and sends nonces', async () => {
    const key = createTestKey();
    const authenticator = authenticatorFor(issuer, {
      dpop: 'optional',
      publicUrl: 'https://api.test',
      replayStore: createMemoryReplayStore({ clock: issuer.clock }),
      dpopNonce: 'required',
    });
    const { post } = await setUp({ authenticator, allowBatchedQueries: true });
    const token = boundToken(issuer, key);
    const send = (nonce?: string) => {
      const { clock } = issuer;
      const url = 'https://api.test/graphql';
      const dpop = createProof({ key, token, clock, url, claims: { nonce } });
      const headers = { authorization: `DPoP ${token}`, dpop };
      return {
        headers,
        response: post([{ query: '{ private }' }, { query: '{ open }' }], headers),
      };
    };
    const first = await send().response;
    expect(summary(first)).toMatchObject({ status: 401, cache: 'no-store' });
    const nonce = String(first.headers['dpop-nonce']);
    const second = send(nonce);
    expect((await second.response).json()).toEqual([
      { data: { private: 'private' } },
      { data: { open: 'open' } },
    ]);
    expect((await second.response).headers['dpop-nonce']).toBe(nonce);
    const replayed = await post({ query: '{ private }' }, second.headers);
    expect(summary(replayed)).toMatchObject({ status: 401 });
    expect(replayed.json().errors[0].extensions.reason).toBe('proof_replayed');
  });

  describe('finds the operation', () => {
    const query = 'query A { open } query B { private } mutation C { add }';

    it.each([
      ['A', 200, { data: { open: 'open' } }],
      ['B', 401, { errors: [error('UNAUTHENTICATED')] }],
    ])('%s, by its name', async (operationName, status, body) => {
      const { app, post } = await setUp();
      expect(summary(await post({ query, operationName }))).toMatchObject({ status, body });
      const url = `/graphql?${new URLSearchParams({ query, operationName })}`;
      const response = await app.inject({ method: 'GET', url });
      expect(summary(response)).toMatchObject({ status, body });
    });

    it('in a batch, which has one status', async () => {
      const { post, runs } = await setUp({ allowBatchedQueries: true });
      const response = await post([
        { query, operationName: 'B' },
        { query, operationName: 'A' },
        { query: 'mutation { add addPrivately }' },
        { query: '{ open private }' },
      ]);
      expect(summary(response)).toEqual({
        status: 200,
        challenge: null,
        cache: 'no-store',
        body: [
          { errors: [error('UNAUTHENTICATED')] },
          { data: { open: 'open' } },
          { errors: [error('UNAUTHENTICATED')] },
          { data: { open: 'open', private: null }, errors: [error('UNAUTHENTICATED')] },
        ],
      });
      expect(runs()).toBe(0);
    });

    it('that a resolver starts with its reply, for the same viewer', async () => {
      const { post } = await setUp();
      const named = { query: 'query A { replied }', operationName: 'A' };
      expect(summary(await post(named, signed()))).toMatchObject({
        status: 200,
        body: { data: { replied: 'auth0|somebody' } },
      });
      expect(summary(await post(named)).status).toBe(401);
    });

    it('and runs no mutation that is sent with HEAD', async () => {
      const { app, runs } = await setUp();
      const ask = (query: string) =>
        app.inject({ method: 'HEAD', url: `/graphql?${new URLSearchParams({ query })}` });
      await ask('mutation { add }');
      await ask('query A { open } mutation C { add }');
      expect(runs()).toBe(0);
      expect((await ask('{ private }')).statusCode).toBe(401);
    });

    it('and executes no other, if code on another route names another', async () => {
      const { app } = await setUp();
      const context = {};
      const source = 'query A { open } mutation C { add addPrivately }';
      const result = await app.graphql(source, context, undefined, 'C');
      expect(result.errors?.[0]?.message).toContain('operation');
      expect(result.data ?? null).toBeNull();
    });
  });

  it('takes the viewer of code on other routes from the context', async () => {
    const { app } = await setUp();
    await expect(app.graphql('{ private }')).rejects.toMatchObject({ statusCode: 401 });
    await expect(app.graphql('{ private }', { viewer: 'somebody' })).rejects.toThrow();
  });

  it('lets no context replace the viewer', async () => {
    const { post } = await setUp({ context: () => ({ viewer: { kind: 'authenticated' } }) });
    expect(summary(await post({ query: '{ private }' })).status).toBe(401);
  });

  it('keeps the hooks and formatters of the app', async () => {
    const seen: string[] = [];
    const { post } = await setUp({
      additionalRouteOptions: { preParsing: async () => void seen.push('preParsing') },
      errorFormatter: ({ data, errors }) => ({
        statusCode: 200,
        response: {
          data: data ?? null,
          errors: errors.map(({ path }) => ({ message: `at ${path}` })),
        },
      }),
    });
    expect((await post({ query: '{ fails }' })).json().errors).toEqual([{ message: 'at fails' }]);
    expect((await post({ query: '{ private }' })).statusCode).toBe(401);
    expect(seen).toEqual(['preParsing', 'preParsing']);
  });

  it('does not execute syntax trees', async () => {
    const { post, runs } = await setUp();
    const response = await post({ query: JSON.stringify(parse('mutation { add }')) });
    expect(response.json().errors[0].message).toBe('Send the operation as text.');
    expect(runs()).toBe(0);
  });

  it('guards resolvers that Mercurius adds', async () => {
    const resolvers = { Query: { private: () => 'added', open: () => 'added' } };
    const { post } = await setUp({ resolvers });
    expect(summary(await post({ query: '{ private }' })).status).toBe(401);
    expect((await post({ query: '{ open private }' }, signed())).json()).toEqual({
      data: { open: 'added', private: 'added' },
    });
  });

  it.each([
    ['jit', { jit: 1 }, 'the option jit is not supported'],
    ['subscription', { subscription: true }, 'the option subscription is not supported'],
    ['a schema without guards', { schema: makeExecutableSchema({ typeDefs }) }, 'is not guarded'],
    [
      'transforms of the schema',
      { schemaTransforms: [() => makeExecutableSchema({ typeDefs })] },
      'guardedMercurius: There is no option schemaTransforms',
    ],
    ['a misspelled option', { refused: 'operation' }, 'There is no option refused'],
    ['a wrong value', { refuse: 'all' }, "refuse must be 'selection' or 'operation'."],
  ])('does not start with %s', async (_case, options, message) => {
    const asInJavaScript: object = options;
    await expect(setUp(asInJavaScript)).rejects.toThrow(message);
  });

  it('leaves the upgrades of its server to graphql-ws', async () => {
    const { app } = await setUp();
    const { schema } = app.graphql;
    const sockets = new WebSocketServer({ server: app.server, path: '/graphql' });
    const clock = withSystemTimers(issuer.clock);
    const authenticator = authenticatorFor(issuer);
    useServer(webSocketOptions({ schema, authenticator, clock }), sockets);
    const origin = await app.listen({ port: 0, host: '127.0.0.1' });
    const client = createClient({
      url: `${origin.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { Authorization: signed().authorization },
    });
    const results = client.iterate({ query: '{ private scoped }' });
    expect((await results.next()).value).toEqual({
      data: { private: 'private', scoped: null },
      errors: [error('FORBIDDEN')],
    });
    await client.dispose();
    sockets.close();
    await app.close();
  });

  it('does not start beside another Mercurius', async () => {
    const app = Fastify();
    app.register(mercurius, { schema: 'type Query { a: Int }' });
    const schema = guardSchema(makeExecutableSchema({ typeDefs }), {
      policies: { owner: () => true },
    });
    app.register(guardedMercurius, { schema, authenticator: authenticatorFor(issuer) });
    await expect(app.ready()).rejects.toThrow('registers Mercurius itself');
  });
});
