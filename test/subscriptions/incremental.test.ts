import { makeExecutableSchema } from '@graphql-tools/schema';
import { useDeferStream } from '@graphql-yoga/plugin-defer-stream';
import { createYoga, type Plugin } from 'graphql-yoga';
import { describe, expect, it } from 'vitest';
import {
  type AuthContext,
  type AuthenticatedViewer,
  anonymous,
  authDirectives,
  guardSchema,
  maskUnexpectedErrors,
  useAuth,
  useViewerIntrospection,
} from '../../src/index.ts';
import {
  incrementalDirectives,
  useIncrementalDelivery,
} from '../../src/server/use-incremental-delivery.ts';
import { createTestClock } from '../support/clock.ts';
import { readEvents } from './read-events.ts';
import { createSource } from './source.ts';

const typeDefs = /* GraphQL */ `
  ${authDirectives}
  ${incrementalDirectives}
  type Query {
    book: Book
    books: [Book]
    feed: [Book]
    nodes: [Node]
    secrets: [String] @auth(scope: "secret")
    levels: [Level]
    mine: Int @auth(policy: "never")
    drafts: [Draft!]
    draftFeed: [Draft!]
  }
  type Mutation {
    write: Book @auth
  }
  interface Node {
    id: ID
  }
  type Open implements Node {
    id: ID
  }
  type Closed implements Node @auth(scope: "secret") {
    id: ID
  }
  enum Level {
    LOW
    HIGH @auth(scope: "secret")
  }
  type Book {
    title: String
    notes: String @auth(scope: "secret")
    needed: String! @auth(policy: "never")
    policed: String @auth(policy: "isEmma")
    fails: String
    chapters: [Chapter]
  }
  type Draft @auth(policy: "isDone") {
    title: String
  }
  type Chapter {
    name: String
    notes: String @auth(scope: "secret")
  }
`;

function setUp(
  delivery: (maskError: (error: unknown) => Error) => readonly Plugin[] = useIncrementalDelivery,
) {
  const clock = createTestClock();
  const feed = createSource<{ title: string }>();
  const ran: string[] = [];
  const never = () => {
    throw new Error('the database said: password');
  };
  const emma = { title: 'Emma' };
  const schema = guardSchema(
    makeExecutableSchema<AuthContext>({
      typeDefs,
      resolvers: {
        Query: {
          book: () => emma,
          books: () => [emma, { title: 'Persuasion' }],
          feed: () => feed.open(),
          nodes: () => [
            { __typename: 'Open', id: '1' },
            { __typename: 'Closed', id: '2' },
            { __typename: 'Open', id: '3' },
          ],
          secrets: () => {
            ran.push('secrets');
            return ['s'];
          },
          levels: () => ['LOW', 'HIGH', 'LOW'],
          drafts: () => drafts,
          draftFeed: async function* () {
            yield* drafts;
          },
        },
        Mutation: {
          write: () => {
            ran.push('write');
            return emma;
          },
        },
        Book: {
          notes: () => {
            ran.push('notes');
            return 'n';
          },
          needed: () => 'x',
          policed: () => 'p',
          fails: never,
          chapters: () => [{ name: 'I' }, { name: 'II' }],
        },
        Chapter: { notes: () => ran.push('chapter notes') },
      },
    }),
    {
      policies: {
        never: () => false,
        isEmma: async ({ source }) => source === emma,
        isDone: {
          refusedAs: 'omitted',
          decide: async ({ source }) => JSON.stringify(source).includes('done'),
        },
      },
    },
  );
  const maskError = maskUnexpectedErrors({ report: () => {}, createId: () => 'the-id' });
  const viewer = (authorization: string): AuthenticatedViewer => ({
    kind: 'authenticated',
    id: 'somebody',
    subject: 'somebody',
    issuer: 'https://issuer.test/',
    scopes: new Set([authorization]),
    claims: {},
    expiresAt: new Date(clock.now().getTime() + 600_000),
  });
  const yoga = createYoga<object, AuthContext>({
    schema,
    logging: false,
    maskedErrors: { maskError },
    plugins: [
      useAuth({
        authenticator: {
          async authenticate({ headers }) {
            const authorization = headers.get('authorization');
            return authorization === null ? anonymous : viewer(authorization);
          },
        },
        clock,
      }),
      useViewerIntrospection(),
      ...delivery(maskError),
    ],
  });
  const ask = async (query: string, as = 'nothing', accept = 'text/event-stream') => {
    const response = await yoga.fetch('http://localhost/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept,
        ...(as ? { authorization: as } : {}),
      },
      body: JSON.stringify({ query }),
    });
    return { response, events: readEvents(response) };
  };
  /** Everything that comes, as one text and part by part. */
  const all = async (query: string, as?: string) => {
    const { response, events } = await ask(query, as);
    const parts: unknown[] = [];
    for (let part = await events.next(); part !== 'complete'; part = await events.next()) {
      if (part === 'end') break;
      parts.push(part);
    }
    return { status: response.status, parts, text: JSON.stringify(parts), ran };
  };
  return { ask, all, clock, feed, ran, yoga };
}

const drafts = [{ title: 'begun' }, { title: 'done' }, { title: 'begun' }, { title: 'done too' }];

const forbidden = { code: 'FORBIDDEN', scope: 'secret' };

describe('late parts are guarded like the first', () => {
  it('fields in @defer', async () => {
    const { parts, ran } = await setUp().all('{ book { title ... @defer { notes policed } } }');
    expect(parts).toEqual([
      { data: { book: { title: 'Emma' } }, hasNext: true },
      {
        incremental: [
          {
            data: { notes: null, policed: 'p' },
            path: ['book'],
            errors: [expect.objectContaining({ path: ['book', 'notes'], extensions: forbidden })],
          },
        ],
        hasNext: false,
      },
    ]);
    expect(ran).toEqual([]);
  });

  it('fields in named fragments, within each other and within lists', async () => {
    const { text, ran } = await setUp().all(
      `{ books { title ...Late @defer } }
       fragment Late on Book { policed chapters { name ...Later @defer(label: "l") } }
       fragment Later on Chapter { notes }`,
    );
    expect(text.match(/"notes":null/g)).toHaveLength(4);
    expect(text.match(/"policed":"p"/g)).toHaveLength(1);
    expect(text.match(/"policed":null/g)).toHaveLength(1);
    expect(ran).toEqual([]);
  });

  it.each(['drafts', 'draftFeed'])('items of %s that are left out', async (field) => {
    const { parts, text } = await setUp().all(`{ ${field} @stream(initialCount: 1) { title } }`);
    expect(parts[0]).toEqual({ data: { [field]: [{ title: 'done' }] }, hasNext: true });
    expect(text.match(/"title":"[^"]*"/g)).toEqual(['"title":"done"', '"title":"done too"']);
    expect(text).not.toContain('null');
  });

  it('an object that is left out has no late part', async () => {
    const { parts } = await setUp().all('{ drafts { ... @defer { title } } }');
    expect(JSON.stringify(parts).match(/"path":\["drafts",\d\]/g)).toEqual([
      '"path":["drafts",0]',
      '"path":["drafts",1]',
    ]);
  });

  it('root fields, of which the refused ones do not take the rest along', async () => {
    const { status, parts } = await setUp().all('{ mine ... @defer { book { title } } }');
    expect(status).toBe(200);
    expect(parts).toEqual([
      {
        data: { mine: null },
        errors: [expect.objectContaining({ path: ['mine'] })],
        hasNext: true,
      },
      { incremental: [{ data: { book: { title: 'Emma' } }, path: [] }], hasNext: false },
    ]);
  });

  it('non-null fields, which take the late part along', async () => {
    const { parts } = await setUp().all('{ book { title ... @defer { needed title } } }');
    expect(parts[1]).toMatchObject({
      incremental: [
        { data: null, errors: [{ path: ['book', 'needed'], extensions: { code: 'FORBIDDEN' } }] },
      ],
    });
  });

  it('runtime types in @stream', async () => {
    const { text } = await setUp().all('{ nodes @stream(initialCount: 1) { id __typename } }');
    expect(text).toContain('{"id":"1","__typename":"Open"}');
    expect(text).toContain('{"id":"3","__typename":"Open"}');
    expect(text).not.toContain('Closed');
    expect(text).not.toContain('"2"');
    expect(text).toContain('"path":["nodes",1]');
  });

  it('enum values in @stream', async () => {
    const { text } = await setUp().all('{ levels @stream }');
    expect(text).not.toContain('HIGH');
    expect(text.match(/LOW/g)).toHaveLength(2);
  });

  it('fields of items in @stream', async () => {
    const { text, ran } = await setUp().all('{ books @stream { title notes policed } }');
    expect(text.match(/"notes":null/g)).toHaveLength(2);
    expect(text.match(/"policed":"p"/g)).toHaveLength(1);
    expect(ran).toEqual([]);
  });

  it('and whoever may have them gets them', async () => {
    const { text } = await setUp().all(
      '{ book { ... @defer { notes } } secrets @stream nodes @stream { __typename } }',
      'secret',
    );
    expect(text).toContain('"notes":"n"');
    expect(text).toContain('Closed');
    expect(text).toContain('"items":["s"]');
    expect(text).not.toContain('errors');
  });
});

describe('what is refused before anything runs', () => {
  it('is a streamed list', async () => {
    const { status, ran, text } = await setUp().all('{ secrets @stream }');
    expect(status).toBe(403);
    expect(text).toContain('"scope":"secret"');
    expect(ran).toEqual([]);
  });

  it('is a mutation of which a late part is refused', async () => {
    const { status, ran } = await setUp().all('mutation { write { title ... @defer { notes } } }');
    expect([status, ran]).toEqual([403, []]);
  });
});

it.each([
  ['application/json', 406, []],
  ['text/plain, application/graphql-response+json;q=0.9', 406, []],
  ['multipart/mixed', 200, ['write']],
  ['application/json, text/*', 200, ['write']],
  ['*/*', 200, ['write']],
])('a mutation in parts runs for whoever takes parts: %s', async (accept, status, expected) => {
  const { ask, ran } = setUp();
  const { response } = await ask('mutation { write { ... @defer { title } } }', 'secret', accept);
  await response.text();
  expect([response.status, ran]).toEqual([status, expected]);
});

it('the errors of late parts are masked', async () => {
  const { text } = await setUp().all('{ book { ... @defer { fails } } books @stream { fails } }');
  expect(text).not.toMatch(/password/);
  expect(text.match(/Unexpected error\./g)).toHaveLength(3);
  expect(text).toContain('"id":"the-id"');
});

it('a result that comes in parts ends with the token', async () => {
  const { ask, clock, feed } = setUp();
  const { events } = await ask('{ feed @stream { title } }');
  expect(await events.next()).toEqual({ data: { feed: [] }, hasNext: true });
  feed.publish({ title: 'one' });
  expect(await events.next()).toMatchObject({ incremental: [{ items: [{ title: 'one' }] }] });
  const waiting = events.next();
  clock.advance(600);
  expect(await waiting).toEqual({
    errors: [
      expect.objectContaining({ extensions: expect.objectContaining({ reason: 'token_expired' }) }),
    ],
    hasNext: false,
  });
  expect(await events.next()).toBe('complete');
  await feed.reaches(0);
  expect(clock.waiting()).toBe(0);
});

it('is let go with its client', async () => {
  const { ask, clock, feed } = setUp();
  const { response, events } = await ask('{ feed @stream { title } }');
  expect(response.headers.get('cache-control')).toBe('no-store');
  await events.next();
  await events.leave();
  await feed.reaches(0);
  expect(clock.waiting()).toBe(0);
});

it('is let go where its client takes no parts, and nothing else has refused it', async () => {
  const { ask, clock, feed } = setUp(() => [useDeferStream()]);
  const { response } = await ask('{ feed @stream { title } }', 'nothing', 'application/json');
  expect(response.status).toBe(406);
  expect([feed.started, clock.waiting()]).toEqual([1, 0]);
  await feed.reaches(0);
});

it('a result that comes in parts ends at once where the server has stopped', async () => {
  const { ask, clock, feed, yoga } = setUp();
  await yoga.dispose();
  const { events } = await ask('{ feed @stream { title } }');
  expect(await events.next()).toMatchObject({
    errors: [{ extensions: { reason: 'stopping' } }],
    hasNext: false,
  });
  expect(await events.next()).toBe('complete');
  expect(clock.waiting()).toBe(0);
  await feed.reaches(0);
});

it('introspection beside late parts is answered from what the viewer could use', async () => {
  const { parts, text } = await setUp().all(
    '{ __type(name: "Book") { fields { name } } book { title ... @defer { policed } } }',
  );
  expect(parts[0]).toMatchObject({
    data: { __type: { fields: expect.any(Array) }, book: { title: 'Emma' } },
    hasNext: true,
  });
  expect(text).toContain('"policed":"p"');
  expect(JSON.stringify(parts[0])).not.toContain('"notes"');
});

it('introspection that comes late is answered from what the viewer could use', async () => {
  const { parts, text } = await setUp().all(
    '{ book { title } ... @defer { a: __type(name: "Book") { name } b: __type(name: "Query") { fields { name } } } }',
  );
  expect(parts[0]).toMatchObject({ data: { book: { title: 'Emma' } }, hasNext: true });
  expect(text).toContain('{"a":{"name":"Book"},"b":{"fields":[{"name":"book"}');
  expect(text).not.toContain('"secrets"');
});
