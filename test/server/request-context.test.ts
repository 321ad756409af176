import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import type {
  ApiDefinition,
  ContextOf,
  Policies,
  Resolvers,
  Viewer,
} from '../../src/server/api-definition.ts';
import { buildApi } from '../../src/server/build-api.ts';
import { createRunningClock } from '../clients/running-clock.ts';
import { connectAs, subscribeTo } from '../subscriptions/raw-socket.ts';
import { readEvents } from '../subscriptions/read-events.ts';
import { operate } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createTestIssuer } from '../support/tokens.ts';

const typeDefs = `${authDirectives}
  type Query {
    books: [Book]
    viewer: String
    language: String
    request: String
    broken: String
  }
  type Book { author: String, notes: String @auth(policy: "author") }
  type Subscription { news: String @auth }
`;

const authors = ['Austen', 'Brontë', 'Christie'];
/** The keys of each batch that was loaded. */
let batches: number[][] = [];
/** How often `createContext` was called. */
let created = 0;

/** Loads once per tick what was requested during it, like DataLoader. */
function createLoader() {
  let batch: Promise<readonly string[]> | undefined;
  const keys: number[] = [];
  return async (key: number): Promise<string | undefined> => {
    const index = keys.push(key) - 1;
    batch ??= Promise.resolve().then(() => {
      batches.push(keys);
      return keys.map((one) => authors[one] ?? '');
    });
    return (await batch)[index];
  };
}

async function createContext(viewer: Viewer, request: Request) {
  created += 1;
  await Promise.resolve();
  if (request.headers.get('x-fail') !== null) throw new Error('the database said: password');
  return {
    loadAuthor: createLoader(),
    language: request.headers.get('accept-language'),
    greeting: viewer.kind === 'authenticated' ? viewer.subject : 'stranger',
  };
}
type Context = ContextOf<typeof createContext>;

const resolvers: Resolvers<Context> = {
  Query: {
    books: () => authors.map((_name, id) => ({ id })),
    viewer: (_source, _args, { viewer, greeting }) => `${viewer.kind} ${greeting}`,
    language: (_source, _args, { language }) => language,
  },
  Book: {
    author: ({ id }: { id: number }, _args, { loadAuthor }) => loadAuthor(id),
    notes: () => 'Lent to Ann.',
  },
  Subscription: {
    news: {
      async *subscribe(_source: unknown, _args: unknown, { greeting }: Context) {
        yield greeting;
        yield greeting;
      },
      resolve: (event: string, _args: unknown, { language }: Context) => `${event} ${language}`,
    },
  },
};
const policies: Policies<Context> = {
  author: ({ viewer, context }) => context.greeting === viewer.subject,
};

let server: TestServer;
beforeAll(async () => {
  const issuer = createTestIssuer({ clock: createRunningClock() });
  const api = buildApi({ typeDefs, resolvers, policies, createContext });
  server = await startTestServer({}, issuer, api);
});
afterAll(() => server.stop());
beforeEach(() => {
  batches = [];
  created = 0;
});

describe('what createContext returns is on the context of every resolver and policy', () => {
  it('over HTTP: once per operation, so that loads are batched', async () => {
    const token = server.issuer.sign();
    const query = '{ books { author notes } viewer }';
    const { body } = await operate(server.endpoint, query, { token });

    expect(body).toEqual({
      data: {
        books: authors.map((author) => ({ author, notes: 'Lent to Ann.' })),
        viewer: 'authenticated auth0|somebody',
      },
    });
    expect([created, batches]).toEqual([1, [[0, 1, 2]]]);

    await operate(server.endpoint, query, { token });
    expect([created, batches.length]).toEqual([2, 2]);
  });

  it('over SSE: once for the whole stream', async () => {
    const response = await fetch(server.endpoint, {
      method: 'POST',
      headers: {
        accept: 'text/event-stream',
        'accept-language': 'de',
        authorization: `Bearer ${server.issuer.sign()}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ query: 'subscription { news }' }),
    });
    const events = readEvents(response);

    const event = { data: { news: 'auth0|somebody de' } };
    expect([await events.next(), await events.next()]).toEqual([event, event]);
    expect(await events.next()).toBe('complete');
    expect(created).toBe(1);
  });

  it('over WebSocket: once for each operation, with the headers of the upgrade', async () => {
    const url = server.endpoint.replace('http', 'ws');
    const authorization = `Bearer ${server.issuer.sign()}`;
    const raw = await connectAs(url, { authorization }, { headers: { 'accept-language': 'fr' } });
    await raw.next();
    for (const id of ['1', '2']) {
      raw.send(subscribeTo('{ viewer language books { author } }', id));
      expect(await raw.next()).toMatchObject({
        id,
        payload: { data: { viewer: 'authenticated auth0|somebody', language: 'fr' } },
      });
      await raw.next();
    }
    raw.socket.close();

    expect([created, batches]).toEqual([
      2,
      [
        [0, 1, 2],
        [0, 1, 2],
      ],
    ]);
  });
});

it('an error in createContext is logged, and not sent', async () => {
  const { status, body } = await operate(server.endpoint, '{ viewer }', {
    headers: ['x-fail', 'yes'],
  });

  expect(status).toBe(500);
  expect(body).toMatchObject({ errors: [{ message: 'Unexpected error.' }] });
  expect(JSON.stringify(body)).not.toContain('password');
  expect(server.logged.join('')).toContain('the database said: password');
});

it.each<[string, object]>([
  ['a viewer', { viewer: { kind: 'authenticated', subject: 'an impostor' } }],
  ['a request', { request: new Request('http://impostor.example'), req: {}, params: {} }],
])('cannot replace what the server sets: %s', async (_case, returned) => {
  const issuer = createTestIssuer();
  const seen: ApiDefinition['resolvers'] = {
    Query: {
      viewer: (_source, _args, { viewer }) =>
        viewer.kind === 'authenticated' ? viewer.subject : viewer.kind,
      request: (_source, _args, { request }: { request: Request }) => new URL(request.url).pathname,
    },
  };
  const api = buildApi({
    typeDefs,
    resolvers: seen,
    policies: { author: () => true },
    createContext: () => returned,
  });
  const own = await startTestServer({}, issuer, api);

  const query = '{ viewer request }';
  const anonymous = await operate(own.endpoint, query);
  const { body } = await operate(own.endpoint, query, { token: issuer.sign() });
  await own.stop();

  expect(anonymous.body).toEqual({ data: { viewer: 'anonymous', request: '/graphql' } });
  expect(body).toEqual({ data: { viewer: 'auth0|somebody', request: '/graphql' } });
});

it('its type is what resolvers see, and has no viewer', () => {
  const policies = { author: () => true };
  // @ts-expect-error `viewer` would have no effect.
  buildApi({ typeDefs, resolvers: {}, policies, createContext: () => ({ viewer: 'me' }) });
  buildApi({
    typeDefs,
    // @ts-expect-error `createContext` does not return `loadTitle`.
    resolvers: { Query: { viewer: (_source, _args, { loadTitle }) => loadTitle } },
    policies,
    createContext: () => ({ loadAuthor: createLoader() }),
  });
});
