import { makeExecutableSchema } from '@graphql-tools/schema';
import { parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { webSocketOptions } from '../../src/adapters/graphql-ws/index.ts';
import {
  authDirectives,
  createGate,
  type GateObserver,
  type GateStep,
  guardSchema,
  type StepOutcome,
} from '../../src/layer.ts';
import { authenticatorFor } from '../support/authentication.ts';
import { createTestClock } from '../support/clock.ts';
import { createTestIssuer } from '../support/tokens.ts';
import { httpServers, listen } from './http-servers.ts';

const clock = createTestClock();
const issuer = createTestIssuer({ clock });

async function* count() {
  yield { counts: 1 };
  yield { counts: 2 };
}

const schema = guardSchema(
  makeExecutableSchema({
    typeDefs: /* GraphQL */ `
      ${authDirectives}
      type Query {
        open: String
        private: String @auth
        scoped: String @auth(scope: "read")
        fails: String
        items: [Item]
        nulled: String @auth(policy: "nulls")
        listed: [Listed]
      }
      type Listed @auth(policy: "omits") {
        name: String
      }
      interface Item {
        name: String
      }
      type Subscription {
        counts: Int
        guarded: Int @auth
        broken: Int
      }
      type Secret implements Item @auth(scope: "secret") {
        name: String
      }
    `,
    resolvers: {
      Query: {
        open: () => 'open',
        private: () => 'private',
        scoped: () => 'scoped',
        fails: () => {
          throw new Error('failed');
        },
        items: () => [{ __typename: 'Secret', name: 'a' }],
        listed: () => [{ name: 'a' }],
      },
      Subscription: {
        counts: { subscribe: count },
        guarded: { subscribe: count },
        broken: {
          subscribe: () => {
            throw new Error('failed');
          },
        },
      },
    },
  }),
  {
    clock,
    policies: {
      nulls: { refusedAs: 'null', decide: () => false },
      omits: { refusedAs: 'omitted', decide: () => false },
    },
  },
);

/** What observers of a server have seen: steps that end, in this order, and what is left. */
function createRecorder() {
  const seen: string[] = [];
  const open = new Set<GateStep>();
  const observer: GateObserver = {
    onStep(step) {
      open.add(step);
      return (outcome) => {
        if (!open.delete(step)) seen.push(`${step.kind} ended twice`);
        const name = step.kind === 'authenticate' ? undefined : step.operation.name;
        seen.push([step.kind, name, describeOutcome(outcome)].filter(Boolean).join(' '));
      };
    },
    onRefusal: (refusal) =>
      void seen.push(`refusal ${refusal.kind} ${'reason' in refusal ? refusal.reason : ''}`),
    onDecision: ({ coordinates }) =>
      void seen.push(
        `decision ${coordinates().map(({ verdict, coordinate }) => `${verdict} ${coordinate}`)}`,
      ),
  };
  /** Takes what was seen. Fails if a step has not ended. */
  const take = (): readonly string[] => {
    expect([...open].map(({ kind }) => kind)).toEqual([]);
    return seen.splice(0);
  };
  return { observer, take };
}

function describeOutcome(outcome: StepOutcome): string {
  switch (outcome.kind) {
    case 'authenticated':
      return outcome.viewer.kind;
    case 'refused':
      return ['refused', outcome.status, outcome.code, outcome.reason].filter(Boolean).join(' ');
    case 'completed':
      return `completed ${outcome.errors}${outcome.isPartial ? ' partial' : ''}`;
    case 'ended':
      return `ended ${outcome.results} ${outcome.reason}`;
    default:
      return outcome.kind;
  }
}

/** Sends operations; closes what was opened. */
interface Server {
  readonly send: (query: string, token: string | undefined) => Promise<unknown>;
  readonly close: () => unknown;
}

type Start = (observer: GateObserver) => Promise<Server>;

const authenticator = authenticatorFor(issuer);

const post =
  (url: string) =>
  async (query: string, token: string | undefined): Promise<unknown> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        accept: query.startsWith('subscription') ? 'text/event-stream' : 'application/json',
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query }),
    });
    return response.text();
  };

const servers: Readonly<Record<string, Start>> = {
  ...Object.fromEntries(
    Object.entries(httpServers).map(([name, start]): [string, Start] => [
      name,
      async (observer) => {
        const { url, close } = await start({ schema, authenticator, observers: [observer] });
        return { send: post(url), close };
      },
    ]),
  ),

  async 'graphql-ws'(observer) {
    const { server, url: httpUrl } = await listen();
    const sockets = new WebSocketServer({ server, path: '/graphql' });
    const options = webSocketOptions({
      schema,
      authenticator,
      clock,
      observers: [observer],
      logger: { error() {} },
    });
    useServer(options, sockets);
    const url = httpUrl.replace('http', 'ws');
    async function send(query: string, token: string | undefined): Promise<void> {
      const client = createClient({
        url,
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        ...(token === undefined ? {} : { connectionParams: { authorization: `Bearer ${token}` } }),
      });
      await new Promise<void>((resolve) => {
        client.subscribe({ query }, { next() {}, error: () => resolve(), complete: resolve });
      });
      await client.dispose();
    }
    return {
      send,
      close() {
        options.stop();
        sockets.close();
        server.close();
      },
    };
  },
};

const valid = () => issuer.sign({ claims: { scope: 'other' } });
const expired = () => issuer.sign({ claims: { exp: 1 } });
const none = () => undefined;

/** An operation, its token, and what observers see: the same on every server. */
const cases: readonly (readonly [
  name: string,
  query: string,
  token: () => string | undefined,
  seen: readonly string[],
])[] = [
  [
    'an anonymous operation',
    'query Name { open }',
    none,
    [
      'authenticate anonymous',
      'decision allow Query.open',
      'authorize Name allowed',
      'execute Name completed 0',
    ],
  ],
  [
    'an operation with a token',
    'query Name { private }',
    valid,
    [
      'authenticate authenticated',
      'decision allow Query.private',
      'authorize Name allowed',
      'execute Name completed 0',
    ],
  ],
  [
    'refused credentials',
    'query Name { open }',
    expired,
    ['refusal credentials token_expired', 'authenticate refused 401 UNAUTHENTICATED token_expired'],
  ],
  [
    'an operation that is refused',
    'query Name { scoped }',
    valid,
    [
      'authenticate authenticated',
      'decision deny Query.scoped',
      'refusal rule scope',
      'authorize Name refused 403 FORBIDDEN',
    ],
  ],
  [
    'one that is refused in part',
    'query Name { open scoped }',
    valid,
    [
      'authenticate authenticated',
      'decision allow Query.open,deny Query.scoped',
      'authorize Name allowed',
      'refusal rule scope',
      'execute Name completed 1 partial',
    ],
  ],
  [
    'one that is refused in part, without an error',
    'query Name { open nulled listed { name } }',
    valid,
    [
      'authenticate authenticated',
      'decision allow Query.open,allow Query.nulled,allow Query.listed,allow Listed.name',
      'authorize Name allowed',
      'refusal rule policy',
      'refusal rule policy',
      'execute Name completed 0',
    ],
  ],
  [
    'one whose resolver fails',
    'query Name { open fails }',
    none,
    [
      'authenticate anonymous',
      'decision allow Query.open,allow Query.fails',
      'authorize Name allowed',
      'execute Name completed 1 partial',
    ],
  ],
  ['an invalid operation', 'query Name { nothing }', none, ['authenticate anonymous']],
];

/** The same for subscriptions, on servers that have them. */
const subscriptions: typeof cases = [
  [
    'a subscription',
    'subscription Name { counts }',
    none,
    [
      'authenticate anonymous',
      'decision allow Subscription.counts',
      'authorize Name allowed',
      'subscribe Name stream',
      'stream Name ended 2 complete',
    ],
  ],
  [
    'a subscription that is refused',
    'subscription Name { guarded }',
    none,
    [
      'authenticate anonymous',
      'decision deny Subscription.guarded',
      'refusal rule authentication',
      'authorize Name refused 401 UNAUTHENTICATED',
    ],
  ],
  [
    'a subscription that cannot start',
    'subscription Name { broken }',
    none,
    [
      'authenticate anonymous',
      'decision allow Subscription.broken',
      'authorize Name allowed',
      'subscribe Name completed 1',
    ],
  ],
];
const withStreams = ['Yoga', 'the direct listener', 'graphql-ws'];

describe.each(Object.entries(servers))('observers of %s', (name, start) => {
  const recorder = createRecorder();
  let server: Server;
  beforeAll(async () => {
    server = await start(recorder.observer);
  });
  afterAll(() => server.close());

  const sent = withStreams.includes(name) ? [...cases, ...subscriptions] : cases;
  it.each(sent)('see each step of %s, and its end once', async (_, query, token, expected) => {
    // The direct listener serves what Yoga has parsed before.
    for (let time = 0; time < 2; time += 1) {
      await server.send(query, token());
      expect(recorder.take()).toEqual(expected);
    }
  });
});

describe('an observer', () => {
  const request = { method: 'POST', url: '/graphql', headers: new Headers() };
  const fail = (): never => {
    throw new Error('from an observer');
  };

  it.each<[string, GateObserver]>([
    ['throws when a step begins', { onStep: fail }],
    ['throws when a step ends', { onStep: () => fail }],
    ['throws when it is called with a refusal', { onRefusal: fail }],
    ['throws when it is called with a decision', { onDecision: fail }],
    ['throws instead of running a step', { withinStep: fail }],
    ['does not run a step', { withinStep() {} }],
    [
      'runs a step twice, and throws',
      {
        withinStep(_step, run) {
          run();
          run();
          fail();
        },
      },
    ],
    ['rejects', { onRefusal: async () => fail(), onStep: () => async () => fail() }],
  ])('that %s changes nothing, and the others are called', async (_, failing) => {
    const { observer, take } = createRecorder();
    const gate = createGate({ authenticator, observers: [failing, observer] });
    const authenticated = await gate.authenticate(request);
    if (authenticated.kind === 'refused') throw new Error('refused');
    const { viewer } = authenticated;
    const document = parse('{ private }');
    const refused = await gate.authorize({ schema, document, contextValue: { viewer } });
    expect(refused).toMatchObject({ kind: 'refused', status: 401 });
    expect(take()).toEqual([
      'authenticate anonymous',
      'decision deny Query.private',
      'refusal rule authentication',
      'authorize refused 401 UNAUTHENTICATED',
    ]);
  });

  it('sees that a step failed', async () => {
    const { observer, take } = createRecorder();
    const authenticate = async () => fail();
    const gate = createGate({ authenticator: { authenticate }, observers: [observer] });
    await expect(gate.authenticate(request)).rejects.toThrow('from an observer');
    expect(take()).toEqual(['authenticate failed']);
  });
});
