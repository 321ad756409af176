import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { GraphQLError } from 'graphql';
import { createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import {
  type SchemaWebSocketOptions,
  webSocketOptions,
} from '../../../src/adapters/graphql-ws/index.ts';
import { authDirectives, guardSchema, type RefusalEvent } from '../../../src/layer.ts';
import { authenticatorFor } from '../../support/authentication.ts';
import { createTestClock } from '../../support/clock.ts';
import { createTestIssuer } from '../../support/tokens.ts';

const typeDefs = /* GraphQL */ `
  ${authDirectives}
  type Query {
    open: String
    private: String @auth
    subject: String @auth
    tenant: String
    fails(as: String): String
  }
  type Mutation {
    add: Int
    addPrivately: Int @auth
    addByPolicy: Int @auth(policy: "broken")
  }
  type Subscription {
    ticks: Tick
    privateTicks: Tick @auth
    breaks(as: String): Int
  }
  type Tick {
    count: Int
    detail: String @auth(scope: "detail")
  }
`;

async function* tick() {
  yield { count: 1, detail: 'secret' };
  await new Promise(() => {});
}

const failure = new Error('connect ECONNREFUSED 10.1.2.3:6379');

/** Throws an error that clients may see if it has a code. */
function fail(_source: unknown, args: { as?: string }): never {
  const { as: code } = args;
  throw code === undefined ? failure : new GraphQLError('For clients.', { extensions: { code } });
}

async function* breakLater(...[source, args]: Parameters<typeof fail>) {
  yield { breaks: 1 };
  fail(source, args);
}

/** A guarded schema over WebSocket, on a real port, without Yoga. */
async function setUp(overrides: Partial<SchemaWebSocketOptions> = {}) {
  const clock = createTestClock();
  const issuer = createTestIssuer({ clock });
  const calls = { add: 0, subscribe: 0 };
  const logged: unknown[][] = [];
  const refusals: RefusalEvent[] = [];
  const add = (): number => {
    calls.add += 1;
    return calls.add;
  };
  const ticks = {
    subscribe: () => {
      calls.subscribe += 1;
      return tick();
    },
    resolve: (event: unknown) => event,
  };
  const schema = guardSchema(
    makeExecutableSchema({
      typeDefs,
      resolvers: {
        Query: {
          open: () => 'open',
          private: () => 'private',
          subject: (_source, _args, { viewer }) => viewer.subject,
          tenant: (_source, _args, { tenant }) => tenant,
          fails: fail,
        },
        Mutation: { add, addPrivately: add, addByPolicy: add },
        Subscription: { ticks, privateTicks: ticks, breaks: { subscribe: breakLater } },
      },
    }),
    {
      policies: {
        broken: () => {
          throw new Error('the policy broke');
        },
      },
      clock,
    },
  );
  const options = webSocketOptions({
    schema,
    authenticator: authenticatorFor(issuer),
    clock,
    logger: { error: (...parts) => logged.push(parts) },
    onRefusal: (refusal) => refusals.push(refusal),
    ...overrides,
  });
  const server = createServer();
  const sockets = new WebSocketServer({ server, path: '/graphql' });
  const disposable = useServer(options, sockets);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  onTestFinished(async () => {
    await disposable.dispose();
    server.close();
  });

  function connect(token?: string) {
    let closed = (_code: number): void => {};
    const code = new Promise<number>((resolve) => {
      closed = resolve;
    });
    const client = createClient({
      url: `ws://127.0.0.1:${port}/graphql`,
      webSocketImpl: WebSocket,
      lazy: true,
      retryAttempts: 0,
      ...(token ? { connectionParams: { Authorization: `Bearer ${token}` } } : {}),
      onNonLazyError: () => {},
      on: { closed: (event) => closed((event as CloseEvent).code) },
    });
    onTestFinished(() => void client.dispose());
    return { client, code };
  }

  /** All results of an operation, and the errors that end it. */
  async function run(
    query: string,
    token?: string,
    { client } = connect(token),
  ): Promise<readonly unknown[]> {
    const results: unknown[] = [];
    try {
      for await (const result of client.iterate({ query })) results.push(result);
    } catch (errors) {
      results.push({ refused: errors });
    }
    return results;
  }
  return { options, clock, issuer, calls, logged, refusals, connect, run };
}

const error = (code: string, rest: object = {}) =>
  expect.objectContaining({ extensions: expect.objectContaining({ code }), ...rest });

const unexpected = (rest: object = {}) =>
  error('INTERNAL_SERVER_ERROR', { message: 'Unexpected error.', ...rest });
const loggedId = expect.stringMatching(/^Unexpected error [-0-9a-f]{36}:$/);

it.each([
  ['{ open tenant }', false, [{ data: { open: 'open', tenant: 'ours' } }]],
  ['{ private }', false, [{ refused: [error('UNAUTHENTICATED')] }]],
  ['{ private subject }', true, [{ data: { private: 'private', subject: 'auth0|somebody' } }]],
  [
    '{ open private }',
    false,
    [{ data: { open: 'open', private: null }, errors: [error('UNAUTHENTICATED')] }],
  ],
  ['mutation { add addPrivately }', false, [{ refused: [error('UNAUTHENTICATED')] }]],
  ['mutation { add addByPolicy }', true, [{ refused: [error('FORBIDDEN')] }]],
  ['subscription { privateTicks { count } }', false, [{ refused: [error('UNAUTHENTICATED')] }]],
  ['subscription { ticks { count detail } }', true, [{ refused: [error('FORBIDDEN')] }]],
  [
    '{ missing }',
    true,
    [{ refused: [expect.objectContaining({ locations: [expect.anything()] })] }],
  ],
])('%s, with a token: %s', async (query, hasToken, results) => {
  const { issuer, calls, run } = await setUp({ context: () => ({ tenant: 'ours', viewer: 'x' }) });
  expect(await run(query, hasToken ? issuer.sign() : undefined)).toEqual(results);
  expect(calls).toEqual({ add: 0, subscribe: 0 });
});

it('refuses connections with credentials that cannot be used', async () => {
  const { connect, run, refusals } = await setUp();
  const { client, code } = connect('opaque');
  client.subscribe({ query: '{ open }' }, { next() {}, error() {}, complete() {} });
  expect(await code).toBe(4403);
  expect(await run('{ open }', 'opaque')).toEqual([{ refused: expect.anything() }]);
  expect(refusals[0]).toMatchObject({ kind: 'credentials', reason: 'token_not_jws' });
});

it('ends subscriptions with the token', async () => {
  const { clock, issuer, connect, refusals } = await setUp();
  const { client, code } = connect(issuer.sign());
  const events = client.iterate({ query: 'subscription { privateTicks { count } }' });
  expect((await events.next()).value).toEqual({ data: { privateTicks: { count: 1 } } });
  clock.advance(601);
  expect((await events.next()).value).toEqual({
    errors: [error('UNAUTHENTICATED', { message: expect.any(String) })],
  });
  expect(await code).toBe(4403);
  expect(refusals).toEqual([expect.objectContaining({ kind: 'stream', reason: 'token_expired' })]);
});

it('ends subscriptions and connections when it stops', async () => {
  const { options, issuer, connect } = await setUp();
  const { client, code } = connect(issuer.sign());
  const events = client.iterate({ query: 'subscription { privateTicks { count } }' });
  await events.next();
  options.stop();
  expect((await events.next()).value).toEqual({ errors: [error('SERVICE_UNAVAILABLE')] });
  expect(await code).toBe(1001);
});

it('reports refusals of rules, and what policies throw', async () => {
  const { issuer, run, refusals, logged } = await setUp();
  await run('mutation { addByPolicy }', issuer.sign());
  expect(refusals).toEqual([
    expect.objectContaining({ kind: 'rule', coordinate: 'Mutation.addByPolicy' }),
  ]);
  expect(logged).toEqual([
    ['Policy "broken" threw; access denied:', new Error('the policy broke')],
  ]);
});

it('hides errors that arise before execution', async () => {
  const context = () => {
    throw new Error('the password of the database');
  };
  const { run, logged } = await setUp({ context });
  expect(await run('{ open }')).toEqual([{ refused: [unexpected()] }]);
  expect(logged).toEqual([[loggedId, new Error('the password of the database')]]);
});

it.each<[string, readonly unknown[]]>([
  [
    '{ open fails }',
    [{ data: { open: 'open', fails: null }, errors: [unexpected({ path: ['fails'] })] }],
  ],
  ['subscription { breaks }', [{ data: { breaks: 1 } }, { refused: [unexpected()] }]],
])('hides errors that arise during execution: %s', async (query, results) => {
  const { run, logged } = await setUp();
  expect(await run(query)).toEqual(results);
  expect(logged).toEqual([[loggedId, failure]]);
});

it.each<[string, readonly unknown[]]>([
  ['{ open fails(as: "GONE") }', [expect.objectContaining({ errors: [error('GONE')] })]],
  ['subscription { breaks(as: "GONE") }', [expect.anything(), { refused: [error('GONE')] }]],
])('sends errors that are for clients: %s', async (query, results) => {
  const { run, logged } = await setUp();
  expect(await run(query)).toEqual(results);
  expect(logged).toEqual([]);
});

it('masks errors as the server does', async () => {
  const { run, logged } = await setUp({ maskError: () => new Error('Masked.') });
  const masked = expect.objectContaining({ message: 'Masked.' });
  expect(await run('{ open fails }')).toEqual([expect.objectContaining({ errors: [masked] })]);
  expect(await run('subscription { breaks }')).toEqual([expect.anything(), { refused: [masked] }]);
  expect(logged).toEqual([[expect.objectContaining({ originalError: failure })], [failure]]);
});

it('fails an operation whose rate limiter throws, and not the others of its connection', async () => {
  let isDown = false;
  const { options, issuer, connect, run, logged } = await setUp({
    connections: { perViewer: 2 },
    rateLimit: {
      countRequest: () => [],
      countViewer: () => (isDown ? Promise.reject(failure) : []),
    },
  });
  const token = issuer.sign();
  const connection = connect(token);
  const events = connection.client.iterate({ query: 'subscription { privateTicks { count } }' });
  await events.next();
  isDown = true;
  expect(await run('{ private }', token, connection)).toEqual([{ refused: [unexpected()] }]);
  expect(logged).toEqual([[loggedId, failure]]);
  isDown = false;
  // The one that failed no longer counts.
  expect(await run('{ private }', token, connection)).toEqual([{ data: { private: 'private' } }]);
  options.stop();
  expect((await events.next()).value).toEqual({ errors: [error('SERVICE_UNAVAILABLE')] });
});

it('refuses whole queries, if told to', async () => {
  const { run } = await setUp({ refuse: 'operation' });
  expect(await run('{ open private }')).toEqual([{ refused: [error('UNAUTHENTICATED')] }]);
});

it('rejects a schema that is not guarded', async () => {
  await expect(setUp({ schema: makeExecutableSchema({ typeDefs }) })).rejects.toThrow(
    'is not guarded',
  );
});
