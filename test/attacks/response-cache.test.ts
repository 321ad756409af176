import { makeExecutableSchema } from '@graphql-tools/schema';
import { useResponseCache } from '@graphql-yoga/plugin-response-cache';
import type { ExecutionResult } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { describe, expect, test } from 'vitest';
import {
  type AuthContext,
  type AuthPlugin,
  anonymous,
  authDirectives,
  guardSchema,
  useAuth,
  useViewerIntrospection,
  type Viewer,
  viewerWith,
} from '../../src/index.ts';

const typeDefs = /* GraphQL */ `
  ${authDirectives}
  type Query {
    open: String
    private: String @auth
    mine: String @auth(policy: "owner")
    thing(secret: Int @auth): Thing
    role: Role
  }
  interface Thing { name: String }
  type Plain implements Thing { name: String }
  type Hidden implements Thing @auth(scope: "things") { name: String }
  enum Role { USER ADMIN @auth(scope: "admin") }
`;

const viewers: Readonly<Record<string, Viewer>> = {
  nobody: anonymous,
  one: viewerWith({ subject: 'one', scopes: ['things', 'admin'] }),
  two: viewerWith({ subject: 'two', scopes: ['things', 'admin'] }),
  'one with fewer scopes': viewerWith({ subject: 'one' }),
  'one of another issuer': viewerWith({
    subject: 'one',
    issuer: 'https://other.test/',
    scopes: ['things', 'admin'],
  }),
};

type Cache = (auth: AuthPlugin) => Plugin;

/** A cache that keeps results as JSON, as one in another process does. */
function jsonCache() {
  const kept = new Map<string, string>();
  return {
    get: async (key: string) => {
      const text = kept.get(key);
      return text === undefined ? undefined : JSON.parse(text);
    },
    set: async (key: string, result: unknown) => void kept.set(key, JSON.stringify(result)),
    invalidate: async () => {},
  };
}

const options = { shouldCacheResult: () => true, ttl: 60_000 };

/** A cache around execution, which knows nothing of sessions. */
const aroundExecution: Cache = () => {
  const kept = new Map<string, unknown>();
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const key = JSON.stringify(args.document);
      setExecuteFn(async (all) => {
        if (!kept.has(key)) kept.set(key, await executeFn(all));
        return kept.get(key);
      });
    },
  };
};

/** A cache by the text of the query, whose results do not say who they are for. */
const ofPlainData: Cache = () => {
  const kept = new Map<string, object>();
  const queries = new WeakMap<object, string>();
  return {
    onParams({ params, context, setResult }) {
      const query = params.query ?? '';
      queries.set(context, query);
      const known = kept.get(query);
      if (known) setResult(known);
    },
    onExecutionResult({ result, context }) {
      if (result && 'data' in result) kept.set(queries.get(context) ?? '', { data: result.data });
    },
  };
};

/** A cache of whole results, by whatever the key says. */
const keepingResults = (keyOf: (request: Request) => string): Plugin => {
  const kept = new Map<string, ExecutionResult>();
  return {
    onParams({ request, setResult }) {
      const known = kept.get(keyOf(request));
      if (known) setResult(known);
    },
    onExecutionResult({ request, result }) {
      if (result && 'data' in result) kept.set(keyOf(request), { ...result });
    },
  };
};

/** Plugins that put a result in the place of one that has been executed for the request. */
const replacing: Readonly<Record<string, () => Plugin>> = {
  'the stale one while another is executed': () => {
    const kept = new Map<string, unknown>();
    return {
      onExecute({ args, executeFn, setExecuteFn }) {
        const key = JSON.stringify(args.document);
        setExecuteFn(async (all) => {
          const fresh: unknown = await executeFn(all);
          if (!kept.has(key)) kept.set(key, fresh);
          return kept.get(key);
        });
      },
    };
  },
  'the stale one where the new one failed': () => {
    const kept = new Map<string, unknown>();
    return {
      onExecute({ args, executeFn, setExecuteFn }) {
        const key = JSON.stringify(args.document);
        setExecuteFn(async (all) => {
          const fresh = await executeFn(all);
          if ('errors' in fresh && kept.has(key)) return kept.get(key);
          kept.set(key, fresh);
          return fresh;
        });
      },
    };
  },
  'after execution': () => {
    const kept = new Map<string, ExecutionResult>();
    return {
      onExecute({ args }) {
        const key = JSON.stringify(args.document);
        return {
          onExecuteDone({ result, setResult }) {
            const known = kept.get(key);
            if (known) setResult(known);
            else if (!(Symbol.asyncIterator in result)) kept.set(key, result);
          },
        };
      },
    };
  },
  'of data without what says who it is for': () => {
    let kept: ExecutionResult['data'];
    return {
      onExecutionResult({ result, setResult }) {
        if (kept) setResult({ data: kept });
        else if (result && 'data' in result) kept = result.data;
      },
    };
  },
  'by a plugin that a plugin adds': () => {
    let kept: ExecutionResult | undefined;
    return {
      onPluginInit({ addPlugin }) {
        const late: Plugin = {
          onExecutionResult({ result, setResult }) {
            if (kept) setResult(kept);
            else if (result && 'data' in result) kept = result;
          },
        };
        addPlugin(late);
      },
    };
  },
  'when the response is written': () => {
    let kept: ExecutionResult | undefined;
    return {
      onResultProcess({ result, setResult }) {
        if (kept) setResult(kept);
        else if ('data' in result) kept = result;
      },
    };
  },
};

/** Caches that tell no session from another. */
const unsafe: Readonly<Record<string, Cache>> = {
  'in memory, one session': () => useResponseCache({ ...options, session: () => null }),
  'in memory, one named session': () => useResponseCache({ ...options, session: () => 'all' }),
  'as JSON, one session': () =>
    useResponseCache({ ...options, session: () => null, cache: jsonCache() }),
  'with results that say nothing': ofPlainData,
  'around execution': aroundExecution,
};

/** Caches with a session that is safe. */
const safe: Readonly<Record<string, Cache>> = {
  "useAuth's session": (auth) => useResponseCache({ ...options, session: auth.session }),
  "useAuth's session, as JSON": (auth) =>
    useResponseCache({ ...options, session: auth.session, cache: jsonCache() }),
  'the header Authorization': () =>
    useResponseCache({ ...options, session: (request) => request.headers.get('authorization') }),
};

const orders = {
  'cache before useAuth': (cache: Plugin, auth: AuthPlugin) => [cache, auth],
  'cache after useAuth': (cache: Plugin, auth: AuthPlugin) => [auth, cache],
};

interface CacheContext extends AuthContext {
  /** The fields whose resolvers ran. */
  readonly ran: string[];
}

const note =
  (field: string, value: unknown) =>
  (_source: unknown, _args: unknown, { viewer, ran }: CacheContext) => {
    ran.push(field);
    return viewer.kind === 'authenticated' && typeof value === 'string'
      ? `${value} of ${viewer.issuer} ${viewer.subject}`
      : value;
  };

const cachedSchema = guardSchema(
  makeExecutableSchema<CacheContext>({
    typeDefs,
    resolvers: {
      Query: {
        open: (_source, _args, { ran }) => {
          ran.push('open');
          return 'open';
        },
        private: note('private', 'private'),
        mine: note('mine', 'mine'),
        thing: note('thing', { __typename: 'Hidden', name: 'hidden thing' }),
        role: () => 'ADMIN',
      },
    },
  }),
  { policies: { owner: ({ viewer }) => viewer.subject === 'one' } },
);

function setUp(cache: Cache, order: keyof typeof orders) {
  const ran: string[] = [];
  const logged: unknown[] = [];
  const noting: Plugin<CacheContext> = {
    onContextBuilding: ({ extendContext }) => extendContext({ ran }),
  };
  const auth = useAuth({
    authenticator: {
      authenticate: async ({ headers }) => viewers[headers.get('authorization') ?? ''] ?? anonymous,
    },
  });
  const yoga = createYoga<object, CacheContext>({
    schema: cachedSchema,
    logging: { debug() {}, info() {}, warn() {}, error: (...parts) => void logged.push(parts) },
    plugins: [noting, ...orders[order](cache(auth), auth)],
  });
  const ask = async (viewer: keyof typeof viewers, query: string, headers = {}) => {
    const response = await yoga.fetch('http://api.test/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: viewer, ...headers },
      body: JSON.stringify({ query }),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return { ask, ran, logged };
}

const issuerOf = (name: string): unknown => Reflect.get(viewers[name] ?? {}, 'issuer');
const subjectOf = (name: string): unknown => Reflect.get(viewers[name] ?? {}, 'subject');

const operations = [
  '{ private }',
  '{ mine }',
  '{ open private }',
  '{ thing { name } }',
  '{ thing { __typename } }',
  '{ role }',
];

describe.each(Object.keys(orders) as (keyof typeof orders)[])('%s', (order) => {
  describe.each(Object.entries(unsafe))('%s', (_name, cache) => {
    test.each(operations)('no one is sent what %s gave someone else', async (query) => {
      const { ask, logged } = setUp(cache, order);
      const first = await ask('one', query);
      expect(first.status).toBe(200);
      for (const viewer of ['nobody', 'two', 'one with fewer scopes', 'one of another issuer']) {
        const { status, text } = await ask(viewer, query);
        expect(text, viewer).not.toMatch(/"(?:private|mine|hidden thing)|Hidden|ADMIN/);
        expect(status, viewer).toBeGreaterThanOrEqual(400);
      }
      expect(JSON.stringify(logged)).toContain('session');
    });

    test('what is public is cached for everyone', async () => {
      const { ask, ran } = setUp(cache, order);
      for (const viewer of ['one', 'nobody', 'two']) {
        expect(await ask(viewer, '{ open }')).toMatchObject({
          status: 200,
          text: '{"data":{"open":"open"}}',
        });
      }
      expect(ran).toEqual(['open']);
    });
  });

  describe.each(Object.entries(replacing))('a result is replaced: %s', (_name, replace) => {
    test.each(['{ open private }', '{ mine }', '{ thing { name } }'])(
      'no one is sent what %s gave someone else',
      async (query) => {
        const { ask } = setUp(replace, order);
        expect((await ask('one', query)).status).toBe(200);
        for (const viewer of ['nobody', 'two', 'one with fewer scopes', 'one of another issuer']) {
          const { text } = await ask(viewer, query);
          const own = text.replaceAll(`${issuerOf(viewer)} ${subjectOf(viewer)}`, 'itself');
          expect(own, viewer).not.toMatch(/of https/);
          if (viewer !== 'two' && viewer !== 'one of another issuer') {
            expect(own, viewer).not.toMatch(/hidden thing|Hidden|ADMIN/);
          }
        }
      },
    );
  });

  describe.each(Object.entries(safe))('%s', (_name, cache) => {
    test('serves each viewer from the cache what is theirs', async () => {
      const { ask, ran } = setUp(cache, order);
      for (const viewer of ['one', 'two', 'one of another issuer', 'one']) {
        const { status, headers, text } = await ask(viewer, '{ open private }');
        expect({ status, text }).toEqual({
          status: 200,
          text: JSON.stringify({
            data: {
              open: 'open',
              private: `private of ${Reflect.get(viewers[viewer] ?? {}, 'issuer')} ${Reflect.get(viewers[viewer] ?? {}, 'subject')}`,
            },
          }),
        });
        expect(headers.get('cache-control')).toBe('no-store');
      }
      expect(ran.filter((field) => field === 'private')).toHaveLength(3);
    });
  });
});

test('what is public in one schema is not so in another that has the same documents', async () => {
  const schemaOf = (rule: string) =>
    guardSchema(
      makeExecutableSchema({
        typeDefs: `${authDirectives} type Query { open: Int @auth name: String ${rule} }`,
        resolvers: { Query: { name: (_source, _args, { viewer }) => viewer.subject ?? 'no one' } },
      }),
    );
  const schemas = { open: schemaOf(''), closed: schemaOf('@auth') };
  const yoga = createYoga<object, AuthContext>({
    schema: ({ request }) =>
      request.headers.get('tenant') === 'open' ? schemas.open : schemas.closed,
    logging: false,
    plugins: [
      useAuth({
        authenticator: {
          authenticate: async ({ headers }) =>
            viewers[headers.get('authorization') ?? ''] ?? anonymous,
        },
      }),
      keepingResults((request) => request.headers.get('tenant') ?? ''),
    ],
  });
  const ask = async (tenant: string, authorization: string) => {
    const response = await yoga.fetch('http://api.test/graphql?query={name}', {
      headers: { tenant, authorization },
    });
    return response.text();
  };
  expect(await ask('open', 'one')).toContain('"one"');
  expect(await ask('closed', 'one')).toContain('"one"');
  expect(await ask('closed', 'two')).not.toContain('"one"');
});

test('a result is judged by the schema of its request, whichever was used last', async () => {
  const schemaOf = (rule: string) =>
    guardSchema(
      makeExecutableSchema({
        typeDefs: `${authDirectives} type Query { open: Int @auth name: String ${rule} }`,
        resolvers: { Query: { name: (_source, _args, { viewer }) => viewer.subject ?? 'no one' } },
      }),
    );
  const schemas = { open: schemaOf(''), closed: schemaOf('@auth') };
  const auth = useAuth({
    authenticator: {
      authenticate: async ({ headers }) => viewers[headers.get('authorization') ?? ''] ?? anonymous,
    },
  });
  const logged: unknown[] = [];
  const yoga = createYoga<object, AuthContext>({
    schema: ({ request }) =>
      request.headers.get('tenant') === 'open' ? schemas.open : schemas.closed,
    logging: { debug() {}, info() {}, warn() {}, error: (text) => void logged.push(text) },
    plugins: [auth, ofPlainData(auth)],
  });
  const ask = async (tenant: string, authorization: string, query: string) => {
    const response = await yoga.fetch(`http://api.test/graphql?query=${query}`, {
      headers: { tenant, authorization },
    });
    return response.text();
  };
  expect(await ask('closed', 'one', '{name}')).toContain('"one"');
  expect(await ask('open', 'nobody', '{of:name}')).toContain('"no one"');
  expect(await ask('closed', 'nobody', '{name}')).toContain('Unexpected error.');
  expect(logged).toEqual([expect.stringContaining('was not authorized for this request')]);
  expect(await ask('open', 'nobody', '{name}')).toContain('"one"');
});

test('what is no operation of a schema is not sent from another one', async () => {
  const schemaOf = (argument: string) =>
    guardSchema(
      makeExecutableSchema({
        typeDefs: `${authDirectives} type Query { name${argument}: String more: Int @auth }`,
        resolvers: { Query: { name: (_source, _args, { viewer }) => viewer.subject ?? 'no one' } },
      }),
    );
  const schemas = { one: schemaOf('(of: Int @auth)'), other: schemaOf('') };
  const auth = useAuth({
    authenticator: {
      authenticate: async ({ headers }) => viewers[headers.get('authorization') ?? ''] ?? anonymous,
    },
  });
  const yoga = createYoga<object, AuthContext>({
    schema: ({ request }) =>
      request.headers.get('tenant') === 'one' ? schemas.one : schemas.other,
    logging: false,
    plugins: [auth, ofPlainData(auth)],
  });
  const ask = async (tenant: string, authorization: string, query: string) => {
    const response = await yoga.fetch(`http://api.test/graphql?query=${query}`, {
      headers: { tenant, authorization },
    });
    return response.text();
  };
  expect(await ask('one', 'one', '{name(of:1)}')).toContain('"one"');
  expect(await ask('other', 'nobody', '{name}')).toContain('"no one"');
  expect(await ask('other', 'nobody', '{name(of:1)}')).toContain('Unexpected error.');
});

test('what one viewer sees of the schema is not shown to another', async () => {
  const yoga = createYoga<object, AuthContext>({
    schema: guardSchema(
      makeExecutableSchema({
        typeDefs: `${authDirectives} type Query { open: Int hidden: Int @auth }`,
      }),
    ),
    logging: false,
    plugins: [
      useAuth({
        authenticator: {
          authenticate: async ({ headers }) =>
            viewers[headers.get('authorization') ?? ''] ?? anonymous,
        },
      }),
      useViewerIntrospection(),
      keepingResults(() => 'everyone'),
    ],
  });
  const ask = async (authorization: string) => {
    const query = '{ __type(name: "Query") { fields { name } } }';
    const response = await yoga.fetch(
      `http://api.test/graphql?query=${encodeURIComponent(query)}`,
      {
        headers: { authorization },
      },
    );
    return response.text();
  };
  expect(await ask('one')).toContain('hidden');
  expect(await ask('nobody')).not.toContain('hidden');
});

test('a stream that no execution gave is not sent, and its source is released', async () => {
  let released = 0;
  const source: AsyncIterableIterator<ExecutionResult> = {
    [Symbol.asyncIterator]: () => source,
    next: async () => ({ done: false, value: { data: { private: 'private of someone else' } } }),
    return: async () => {
      released += 1;
      return { done: true, value: undefined };
    },
  };
  const streaming: Plugin = { onParams: ({ setResult }) => setResult(source) };
  const { ask } = setUp(() => streaming, 'cache before useAuth');
  const { status, text } = await ask('one', '{ private }', { accept: 'text/event-stream' });
  expect(text).not.toContain('someone else');
  expect({ status, released }).toEqual({ status: 500, released: 1 });
});

test('a conditional request is answered in full', async () => {
  const { ask } = setUp(
    () => useResponseCache({ ...options, session: () => null }),
    'cache before useAuth',
  );
  const tag = (await ask('one', '{ private }')).headers.get('etag') ?? '';
  expect(tag).not.toBe('');
  const { status } = await ask('nobody', '{ private }', { 'if-none-match': tag });
  expect(status).toBeGreaterThanOrEqual(400);
});
