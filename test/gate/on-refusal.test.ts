import { runInNewContext } from 'node:vm';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { execute, type GraphQLSchema, parse, subscribe } from 'graphql';
import type { Context } from 'graphql-ws';
import { createYoga } from 'graphql-yoga';
import { describe, expect, it } from 'vitest';
import {
  AuthError,
  anonymous,
  authDirectives,
  createGate,
  type GateOptions,
  guardSchema,
  type RefusalEvent,
  useAuth,
  type Viewer,
  viewerId,
  viewerWith,
  type WebSocketExtra,
  webSocketOptions,
} from '../../src/index.ts';
import { createTestClock } from '../support/clock.ts';

const typeDefs = /* GraphQL */ `
  ${authDirectives}
  type Query {
    open: String
    user: String @auth
    admin: String @auth(scope: ["admin", "root ops"])
    email: String @auth(claims: ["email"])
    recent: String @auth(acr: ["gold"], maxAge: 60)
    policed: String @auth(policy: "no")
    search(secret: String @auth(scope: "search")): String
    node: Node
    nodes: [Node]
    rank: Rank
    box: Box
  }
  type Box {
    lid: Lid
  }
  type Lid {
    open: String
    secret: String @auth(scope: "lid")
  }
  interface Node {
    name: String
  }
  type PublicNode implements Node {
    name: String
  }
  type SecretNode implements Node @auth(scope: "secret") {
    name: String
  }
  enum Rank {
    LOW
    HIGH @auth(scope: "rank")
  }
  type Mutation {
    touch: String
    touchPoliced: String @auth(policy: "no")
  }
  type Subscription {
    counts: Int
    guarded: Int @auth(scope: "count")
    boxes: Box
  }
`;

async function* repeat(value: unknown, times: number): AsyncGenerator<unknown> {
  for (let index = 0; index < times; index += 1) yield value;
}

const secretNode = { __typename: 'SecretNode', name: 'n' };
const schema: GraphQLSchema = guardSchema(
  makeExecutableSchema({
    typeDefs,
    resolvers: {
      Query: {
        open: () => 'open',
        node: () => secretNode,
        nodes: () => Array.from({ length: 150 }, () => secretNode),
        rank: () => 'HIGH',
        box: () => ({ lid: { open: 'o', secret: 's' } }),
      },
      Subscription: {
        counts: { subscribe: () => repeat({ counts: 1 }, 3) },
        boxes: { subscribe: () => repeat({ boxes: { lid: { open: 'o', secret: 's' } } }, 2) },
      },
    },
  }),
  { policies: { no: () => false } },
);

const ada = viewerWith({ subject: 'ada', scopes: ['read'], claims: { email_verified: true } });
const asAda = { kind: 'authenticated', id: ada.id };
const asAnonymous = { kind: 'anonymous' };

interface Request {
  readonly operation: string;
  readonly viewer: Viewer | AuthError;
  readonly refuse?: GateOptions['refuse'];
  readonly onRefusal?: (event: RefusalEvent) => void;
}

interface Outcome {
  readonly status: number;
  readonly events: readonly RefusalEvent[];
  readonly body: string;
}

const authenticatorOf = (viewer: Viewer | AuthError) => ({
  async authenticate() {
    if (viewer instanceof AuthError) throw viewer;
    return viewer;
  },
});

async function throughGate({ operation, viewer, refuse, onRefusal }: Request): Promise<Outcome> {
  const events: RefusalEvent[] = [];
  const gate = createGate({
    authenticator: authenticatorOf(viewer),
    ...(refuse ? { refuse } : {}),
    onRefusal: onRefusal ?? ((event) => events.push(event)),
  });
  const refused = ({ status, errors }: { status: number; errors: readonly unknown[] }) => ({
    status,
    events,
    body: JSON.stringify({ errors }),
  });
  const headers = new Headers();
  const authenticated = await gate.authenticate({ method: 'POST', url: '/graphql', headers });
  if (authenticated.kind === 'refused') return refused(authenticated);
  const document = parse(operation);
  const contextValue = { viewer: authenticated.viewer };
  const allowed = await gate.authorize({ schema, document, contextValue });
  if (allowed.kind === 'refused') return refused(allowed);
  const isSubscription = operation.startsWith('subscription');
  const result = await (isSubscription ? subscribe : execute)(allowed.args);
  if (!(Symbol.asyncIterator in result)) {
    const finished = allowed.finish(result);
    return finished.kind === 'refused'
      ? refused(finished)
      : { status: 200, events, body: JSON.stringify(finished.result) };
  }
  let body = '';
  for await (const event of result) body += JSON.stringify(allowed.finish(event));
  return { status: 200, events, body };
}

async function throughYoga({ operation, viewer, refuse, onRefusal }: Request): Promise<Outcome> {
  const events: RefusalEvent[] = [];
  const yoga = createYoga({
    schema,
    logging: false,
    plugins: [
      useAuth({
        authenticator: authenticatorOf(viewer),
        ...(refuse ? { refuse } : {}),
        onRefusal: onRefusal ?? ((event) => events.push(event)),
        clock: createTestClock(new Date(0)),
      }),
    ],
  });
  const response = await yoga.fetch('http://api.test/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: operation.startsWith('subscription')
        ? 'text/event-stream'
        : 'application/graphql-response+json',
    },
    body: JSON.stringify({ query: operation }),
  });
  return { status: response.status, events, body: await response.text() };
}

const doors = [
  ['the bare gate', throughGate],
  ['Yoga', throughYoga],
] as const;

const rule = (
  coordinate: string,
  rest: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => ({
  kind: 'rule',
  code: 'FORBIDDEN',
  coordinate,
  path: [coordinate.split('.')[1]?.split('(')[0]],
  viewer: asAda,
  ...rest,
});
const requires = (coordinate: string, terms: Readonly<Record<string, unknown>> = {}) => ({
  access: 'authenticated',
  ...terms,
  from: [coordinate],
});
const lid = rule('Lid.secret', {
  reason: 'scope',
  path: ['box', 'lid', 'secret'],
  rule: requires('Lid.secret', { scope: ['lid'] }),
});

interface Case {
  readonly name: string;
  readonly operation: string;
  readonly viewer?: Viewer | AuthError;
  readonly refuse?: GateOptions['refuse'];
  readonly status: number;
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

const cases: readonly Case[] = [
  {
    name: 'nothing is refused',
    operation: '{ open box { lid { open } } }',
    status: 200,
    events: [],
  },
  {
    name: 'an expired token',
    operation: '{ open }',
    viewer: new AuthError('token_expired', { cause: new Error('secret.token') }),
    status: 401,
    events: [
      {
        kind: 'credentials',
        reason: 'token_expired',
        code: 'UNAUTHENTICATED',
        status: 401,
        scheme: 'Bearer',
      },
    ],
  },
  {
    name: 'a replayed proof',
    operation: '{ open }',
    viewer: new AuthError('proof_replayed', { scheme: 'DPoP' }),
    status: 401,
    events: [
      {
        kind: 'credentials',
        reason: 'proof_replayed',
        code: 'UNAUTHENTICATED',
        status: 401,
        scheme: 'DPoP',
      },
    ],
  },
  {
    name: 'keys that cannot be loaded',
    operation: '{ open }',
    viewer: new AuthError('keys_unavailable', { retryAfter: 3 }),
    status: 503,
    events: [
      {
        kind: 'credentials',
        reason: 'keys_unavailable',
        code: 'SERVICE_UNAVAILABLE',
        status: 503,
        scheme: 'Bearer',
      },
    ],
  },
  {
    name: 'no token',
    operation: '{ user }',
    viewer: anonymous,
    status: 401,
    events: [
      rule('Query.user', {
        reason: 'authentication',
        code: 'UNAUTHENTICATED',
        status: 401,
        rule: requires('Query.user'),
        viewer: asAnonymous,
      }),
    ],
  },
  {
    name: 'a missing scope',
    operation: '{ alias: admin }',
    status: 403,
    events: [
      rule('Query.admin', {
        reason: 'scope',
        status: 403,
        path: ['alias'],
        rule: requires('Query.admin', { scope: ['admin', 'root ops'] }),
      }),
    ],
  },
  {
    name: 'a missing claim',
    operation: '{ email }',
    status: 403,
    events: [
      rule('Query.email', {
        reason: 'claims',
        status: 403,
        rule: requires('Query.email', { claims: ['email'] }),
      }),
    ],
  },
  {
    name: 'a sign-in that is too weak',
    operation: '{ recent }',
    status: 401,
    events: [
      rule('Query.recent', {
        reason: 'step-up',
        code: 'UNAUTHENTICATED',
        status: 401,
        rule: requires('Query.recent', { acr: ['gold'], maxAge: 60 }),
      }),
    ],
  },
  {
    name: 'an argument',
    operation: '{ search(secret: "x") }',
    status: 403,
    events: [
      rule('Query.search(secret:)', {
        reason: 'scope',
        status: 403,
        path: ['search'],
        rule: requires('Query.search(secret:)', { scope: ['search'] }),
      }),
    ],
  },
  {
    name: 'two fields, of which nothing is left',
    operation: '{ user admin }',
    viewer: anonymous,
    status: 401,
    events: [
      expect.objectContaining({ coordinate: 'Query.user', status: 401 }),
      expect.objectContaining({ coordinate: 'Query.admin', status: 401 }),
    ],
  },
  {
    name: 'a part of a query, found before execution',
    operation: '{ open box { lid { secret } } }',
    status: 200,
    events: [lid],
  },
  {
    name: 'a part of a query, with refuse: operation',
    operation: '{ open box { lid { secret } } }',
    refuse: 'operation',
    status: 403,
    events: [{ ...lid, status: 403 }],
  },
  {
    name: 'a policy, of the only field',
    operation: '{ policed }',
    status: 403,
    events: [
      rule('Query.policed', {
        reason: 'policy',
        status: 403,
        rule: requires('Query.policed', { policy: ['no'] }),
      }),
    ],
  },
  {
    name: 'a policy, beside data',
    operation: '{ open policed }',
    status: 200,
    events: [
      rule('Query.policed', {
        reason: 'policy',
        rule: requires('Query.policed', { policy: ['no'] }),
      }),
    ],
  },
  {
    name: 'a policy of a mutation, before anything runs',
    operation: 'mutation { touch touchPoliced }',
    status: 403,
    events: [
      rule('Mutation.touchPoliced', {
        reason: 'policy',
        status: 403,
        rule: requires('Mutation.touchPoliced', { policy: ['no'] }),
      }),
    ],
  },
  {
    name: 'the type of an object',
    operation: '{ open node { name } }',
    status: 200,
    events: [
      rule('SecretNode', {
        reason: 'scope',
        path: ['node'],
        rule: requires('SecretNode', { scope: ['secret'] }),
      }),
    ],
  },
  {
    name: 'more than a hundred objects',
    operation: '{ open nodes { name } }',
    status: 200,
    events: Array.from({ length: 100 }, () =>
      expect.objectContaining({ coordinate: 'SecretNode', path: ['nodes'] }),
    ),
  },
  {
    name: 'an enum value',
    operation: '{ open rank }',
    status: 200,
    events: [
      rule('Rank.HIGH', {
        reason: 'scope',
        path: ['rank'],
        rule: requires('Rank.HIGH', { scope: ['rank'] }),
      }),
    ],
  },
  {
    name: 'a subscription, before it starts',
    operation: 'subscription { guarded }',
    status: 403,
    events: [
      rule('Subscription.guarded', {
        reason: 'scope',
        status: 403,
        rule: requires('Subscription.guarded', { scope: ['count'] }),
      }),
    ],
  },
];

describe.each(doors)('onRefusal through %s', (_door, send) => {
  it.each(cases)('$name', async ({ operation, viewer = ada, refuse, status, events }) => {
    const outcome = await send({ operation, viewer, ...(refuse ? { refuse } : {}) });
    expect(outcome.status).toBe(status);
    expect(outcome.events).toEqual(events);
  });

  it('has nothing of the token but the id', async () => {
    const secrets = viewerWith({
      subject: 'sub-value',
      scopes: ['scope-value'],
      claims: { c: 'x-y' },
    });
    const { events } = await send({ operation: '{ open admin policed }', viewer: secrets });
    expect(events).toHaveLength(2);
    expect(JSON.stringify(events)).not.toMatch(/sub-value|scope-value|x-y/);
  });

  it('computes the id of a viewer that has none', async () => {
    const viewer = { ...ada };
    Reflect.deleteProperty(viewer, 'id');
    const { events } = await send({ operation: '{ admin }', viewer });
    expect(events).toMatchObject([{ viewer: { kind: 'authenticated', id: viewerId(ada) } }]);
  });

  it('cuts long paths', async () => {
    const alias = 'a'.repeat(600);
    const operation = `{ ${alias}: box { ${alias}: lid { secret } } }`;
    const { events } = await send({ operation, viewer: ada });
    expect(events).toMatchObject([{ path: [alias] }]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('the audit log is down');
      },
    ],
    ['rejects', () => Promise.reject(new Error('the audit log is down'))],
    [
      'rejects with a promise of another realm',
      () => runInNewContext("Promise.reject(new Error('the audit log is down'))"),
    ],
    [
      'changes the path that it gets',
      (refusal: RefusalEvent) => {
        if (refusal.kind === 'rule') Reflect.set(refusal.path, 'length', 0);
      },
    ],
  ])('changes no response if it %s', async (_how, onRefusal) => {
    for (const { operation, viewer = ada, status, refuse } of cases) {
      const request = { operation, viewer, ...(refuse ? { refuse } : {}) };
      const expected = await send(request);
      const outcome = await send({ ...request, onRefusal });
      expect(outcome).toMatchObject({ status, body: expected.body });
    }
  });
});

it('is bounded for each event of a subscription', async () => {
  const viewer = viewerWith({ subject: 'ada', scopes: ['lid'] });
  const weakened = viewerWith({ subject: 'ada' });
  const events: RefusalEvent[] = [];
  const gate = createGate({
    authenticator: authenticatorOf(viewer),
    onRefusal: (event) => events.push(event),
  });
  const context: { viewer: Viewer } = { viewer };
  const allowed = await gate.authorize({
    schema,
    document: parse('subscription { boxes { lid { secret } } }'),
    contextValue: context,
  });
  if (allowed.kind === 'refused') throw new Error('It was refused.');
  const stream = await subscribe(allowed.args);
  context.viewer = weakened;
  if (!(Symbol.asyncIterator in stream)) throw new Error('It was no stream.');
  for await (const event of stream) allowed.finish(event);
  expect(events).toMatchObject([
    { coordinate: 'Lid.secret', path: ['boxes', 'lid', 'secret'] },
    { coordinate: 'Lid.secret', path: ['boxes', 'lid', 'secret'] },
  ]);
  expect(events[0]).not.toHaveProperty('status');
});

it('reports streams that a limit prevents, and that end with their token', async () => {
  const clock = createTestClock();
  const viewer = { ...ada, expiresAt: new Date(clock.now().getTime() + 60_000) };
  const events: RefusalEvent[] = [];
  const yoga = createYoga({
    schema: guardSchema(
      makeExecutableSchema({
        typeDefs: `${authDirectives} type Query { a: Int @auth } type Subscription { never: Int }`,
        resolvers: {
          Subscription: {
            never: {
              subscribe: () => ({
                [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
              }),
            },
          },
        },
      }),
    ),
    logging: false,
    plugins: [
      useAuth({
        authenticator: authenticatorOf(viewer),
        streams: { perViewer: 1 },
        clock,
        onRefusal: (event) => events.push(event),
      }),
    ],
  });
  const open = () =>
    yoga.fetch('http://api.test/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: 'subscription { never }' }),
    });
  const first = await open();
  expect((await open()).status).toBe(429);
  clock.advance(60);
  expect(await first.text()).toContain('token_expired');
  await yoga.dispose();
  expect(events).toEqual([
    { kind: 'stream', reason: 'too_many_of_viewer', code: 'TOO_MANY_STREAMS', viewer: asAda },
    { kind: 'stream', reason: 'token_expired', code: 'UNAUTHENTICATED', viewer: asAda },
  ]);
});

it('reports connections that are refused, and operations over WebSocket', async () => {
  const outcomes: (Viewer | AuthError)[] = [ada, ada, new AuthError('token_signature')];
  const authenticator = {
    async authenticate() {
      const outcome = outcomes.shift() ?? anonymous;
      if (outcome instanceof AuthError) throw outcome;
      return outcome;
    },
  };
  const events: RefusalEvent[] = [];
  const onRefusal = (event: RefusalEvent): void => void events.push(event);
  const yoga = createYoga({
    schema,
    logging: false,
    plugins: [useAuth({ authenticator, onRefusal })],
  });
  const options = webSocketOptions({
    yoga,
    authenticator,
    onRefusal,
    connections: { perViewer: 1 },
  });
  const connect = async (): Promise<Context<Record<string, unknown>, WebSocketExtra>> => {
    const context = {
      connectionInitReceived: true,
      acknowledged: false,
      subscriptions: {},
      extra: {
        socket: { close() {} },
        request: { url: '/graphql', headers: {}, rawHeaders: [] },
      },
    };
    await options.onConnect?.(context);
    return context;
  };
  const first = await connect();
  await connect();
  await connect();
  await options.onSubscribe?.(first, '1', { query: 'query { admin }' });
  expect(events).toMatchObject([
    { kind: 'stream', reason: 'too_many_of_viewer', viewer: asAda },
    { kind: 'credentials', reason: 'token_signature', code: 'UNAUTHENTICATED' },
    { kind: 'rule', coordinate: 'Query.admin', viewer: asAda },
  ]);
  await options.onClose?.(first, 1000, '');
});
