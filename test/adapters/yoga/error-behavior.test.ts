import { ApolloClient, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { normalizedExecutor } from '@graphql-tools/executor';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { useResponseCache } from '@graphql-yoga/plugin-response-cache';
import { Client, fetchExchange } from '@urql/core';
import { GraphQLError, parse } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { describe, expect, it } from 'vitest';
import { WebSocketOperations } from '../../../src/adapters/graphql-ws/web-socket-operations.ts';
import {
  type AuthContext,
  anonymous,
  authDirectives,
  guardSchema,
  type UseAuthOptions,
  useAuth,
} from '../../../src/index.ts';

const typeDefs = /* GraphQL */ `
  ${authDirectives}
  type Query { open: String, secret: String! @auth, list: [Item!]!, nested: String, calls: Int, item: Item }
  type Item { id: ID!, secret: String! @auth(scope: "a"), broken: Int! }
  type Subscription { counts: Int! }
`;

interface YogaOptions extends Partial<UseAuthOptions> {
  readonly plugins?: readonly Plugin[];
  readonly behind?: (auth: ReturnType<typeof useAuth>) => Plugin;
}

/** A Yoga of other people, whose clients are all anonymous. */
function setUp({ plugins = [], behind, ...options }: YogaOptions = {}) {
  let calls = 0;
  const auth = useAuth({
    authenticator: { authenticate: async () => anonymous },
    onError: 'request',
    ...options,
  });
  const schema = guardSchema(
    makeExecutableSchema({
      typeDefs,
      resolvers: {
        Query: {
          open: () => 'open',
          list: () => Array.from({ length: 3 }, (_, id) => ({ id, broken: new Error('broken') })),
          item: () => ({ broken: new Error('broken') }),
          calls: () => {
            calls += 1;
            return calls;
          },
          // Executes another operation in the same context, as stitched schemas do.
          nested: async (_source: unknown, _args: unknown, context: object) => {
            const { execute } = yoga.getEnveloped(context);
            const document = parse('{ open secret }');
            return JSON.stringify(await execute({ schema, document, contextValue: context }));
          },
        },
        Subscription: {
          counts: {
            async *subscribe() {
              yield { counts: 1 };
            },
          },
        },
      },
    }),
  );
  const yoga = createYoga<object, AuthContext>({
    schema,
    plugins: [auth, ...plugins, ...(behind ? [behind(auth)] : [])],
    batching: true,
    logging: false,
  });
  const fetchFrom = (input: RequestInfo | URL, init: RequestInit = {}) =>
    Promise.resolve(yoga.fetch(String(input), init));
  async function post(body: unknown) {
    const response = await fetchFrom('http://yoga/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: JSON.parse(await response.text()) };
  }
  return { yoga, schema, fetchFrom, post };
}

const query = '{ open secret list { id secret } }';
const data = {
  open: 'open',
  secret: null,
  list: ['0', '1', '2'].map((id) => ({ id, secret: null })),
};
const paths = [['secret'], ...[0, 1, 2].map((index) => ['list', index, 'secret'])];

/** The paths of errors. */
const pathsOf = (errors: readonly { readonly path?: unknown }[]): unknown[] =>
  errors.map(({ path }) => path);

describe('in the Yoga of other people', () => {
  it('keeps each refusal in its position', async () => {
    const { status, body } = await setUp().post({ query, onError: 'NULL' });
    expect([status, body.data]).toEqual([200, data]);
    expect(pathsOf(body.errors)).toEqual(paths);
  });

  it('has the behavior of each operation of a batch', async () => {
    const { body } = await setUp().post([
      { query, onError: 'NULL' },
      { query, onError: 'PROPAGATE' },
      { query },
      { query, onError: 'HALT' },
    ]);
    expect(body.map(({ data }: { data?: unknown }) => data)).toEqual([
      data,
      undefined,
      undefined,
      undefined,
    ]);
    expect(body[3].errors[0].message).toBe('"onError" must be "NULL" or "PROPAGATE".');
  });

  it('propagates errors in operations that resolvers execute in its context', async () => {
    const { body } = await setUp().post({ query: '{ nested secret }', onError: 'NULL' });
    expect(body.data.secret).toBeNull();
    expect(JSON.parse(body.data.nested)).not.toHaveProperty('data');
  });

  it('reports no more than a hundred refusals, also where types are non-null', async () => {
    const many = Array.from({ length: 50 }, (_, index) => `l${index}: list { secret }`).join(' ');
    const { body } = await setUp().post({ query: `{ open ${many} }`, onError: 'NULL' });
    expect(body.data.l49).toEqual([{ secret: null }, { secret: null }, { secret: null }]);
    expect(body.errors).toHaveLength(101);
    expect(body.errors[100].message).toBe('50 more selections were denied.');
  });

  it('refuses the whole query with refuse: operation', async () => {
    const { status, body } = await setUp({ refuse: 'operation' }).post({ query, onError: 'NULL' });
    expect([status, body.data]).toEqual([401, undefined]);
  });

  it.each([
    ['{ open }', 200],
    ['{ item { broken } }', 500],
    ['{ list { broken } }', 500],
  ])('sends no propagated errors of another executor for NULL: %s', async (text, status) => {
    const behind = (): Plugin => ({
      onExecute: ({ setExecuteFn }) => setExecuteFn((args) => normalizedExecutor(args)),
    });
    const { post } = setUp({ behind });
    expect((await post({ query: text, onError: 'NULL' })).status).toBe(status);
    expect((await post({ query: text, onError: 'PROPAGATE' })).status).toBe(200);
  });

  it('rejects subscriptions with NULL before their source starts', async () => {
    const response = await setUp().fetchFrom('http://yoga/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: 'subscription { counts }', onError: 'NULL' }),
    });
    expect(await response.text()).toContain('cannot be executed');
  });

  it('is an unknown parameter by default', async () => {
    const { status } = await setUp({ onError: 'propagate' }).post({ query, onError: 'NULL' });
    expect(status).toBe(400);
  });

  it('requires compiled operations', () => {
    expect(() => setUp({ execution: 'ordinary' })).toThrow(
      "useAuth: onError: 'request' requires execution: 'compiled'.",
    );
    expect(() => Reflect.apply(setUp, undefined, [{ onError: 'NULL' }])).toThrow(
      "useAuth: onError must be 'propagate' or 'request'.",
    );
  });
});

describe('with a response cache', () => {
  const cached = (shouldCacheResult?: () => boolean) =>
    setUp({
      behind: ({ session }) =>
        useResponseCache({ session, ttl: 60_000, ...(shouldCacheResult && { shouldCacheResult }) }),
    });

  it('shares results without errors', async () => {
    const { post } = cached();
    const first = await post({ query: '{ calls }', onError: 'NULL' });
    expect(first.body.data).toEqual({ calls: 1 });
    expect((await post({ query: '{ calls }' })).body.data).toEqual({ calls: 1 });
  });

  it.each([
    ['NULL', 'PROPAGATE'],
    ['PROPAGATE', 'NULL'],
  ])('sends no result with errors of %s for %s', async (first, second) => {
    const { post } = cached(() => true);
    const broken = '{ item { broken } }';
    await post({ query: broken, onError: first });
    expect((await post({ query: broken, onError: first })).status).toBe(200);
    expect((await post({ query: broken, onError: second })).status).toBe(500);
  });
});

describe('over WebSocket', () => {
  const run = async (onError: unknown, options: YogaOptions = {}) => {
    const operations = new WebSocketOperations(
      setUp(options).yoga,
      () => new GraphQLError('masked'),
    );
    const connection = { viewer: anonymous, request: new Request('http://yoga/graphql') };
    const payload = { query, onError };
    const outcome = await Reflect.apply(operations.run, operations, [
      connection,
      payload,
      async () => undefined,
    ]);
    return Array.isArray(outcome) ? outcome : operations.resultOf(outcome);
  };

  const refusals = [expect.objectContaining({ path: ['secret'] }), expect.anything()];

  it.each([
    ['NULL', {}, expect.objectContaining({ data })],
    ['PROPAGATE', {}, refusals],
    ['HALT', {}, [expect.objectContaining({ message: expect.stringContaining('must be') })]],
    ['NULL', { onError: 'propagate' }, refusals],
  ] as const)('%s, with the options %o', async (onError, options, expected) => {
    expect(await run(onError, options)).toEqual(expected);
  });
});

describe('clients read data beside errors', () => {
  /** Adds `onError` to the body that a client sends. */
  const withNull = (fetchFrom: typeof fetch): typeof fetch => {
    return async (input, init) =>
      fetchFrom(input, {
        ...init,
        body: JSON.stringify({ ...JSON.parse(String(init?.body)), onError: 'NULL' }),
      });
  };

  it('Apollo Client', async () => {
    const client = new ApolloClient({
      cache: new InMemoryCache(),
      link: new HttpLink({ uri: 'http://yoga/graphql', fetch: withNull(setUp().fetchFrom) }),
    });
    const result = await client.query({ query: gql(query), errorPolicy: 'all' });
    client.stop();
    expect(result.data).toMatchObject(data);
    expect(CombinedGraphQLErrors.is(result.error) && pathsOf(result.error.errors)).toEqual(paths);
  });

  it('urql', async () => {
    const client = new Client({
      url: 'http://yoga/graphql',
      exchanges: [fetchExchange],
      preferGetMethod: false,
      fetch: withNull(setUp().fetchFrom),
    });
    const { data: seen, error } = await client.query(query, {}).toPromise();
    expect(seen).toMatchObject(data);
    expect(pathsOf(error?.graphQLErrors ?? [])).toEqual(paths);
  });
});
