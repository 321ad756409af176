import { makeExecutableSchema } from '@graphql-tools/schema';
import { GraphQLError } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { describe, expect, it } from 'vitest';
import {
  type AuthContext,
  type AuthenticatedViewer,
  anonymous,
  authDirectives,
  guardSchema,
  maskUnexpectedErrors,
  type Policy,
  type UseAuthOptions,
  useAuth,
  viewerWith,
} from '../../../src/index.ts';

const somebody: AuthenticatedViewer = {
  kind: 'authenticated',
  id: 'somebody',
  subject: 'somebody',
  issuer: 'https://issuer.test/',
  scopes: new Set(['read']),
  claims: { sub: 'somebody' },
  expiresAt: new Date('2026-11-05T13:00:00Z'),
};

const typeDefs = /* GraphQL */ `
  ${authDirectives}
  type Query {
    open: String
    calls: Int
    fails: String
    failsWithin: String
    failsPlainly: String
    must: Box!
    box: Box
    named: Named
    policed: String @auth(policy: "throws")
    strong: String @auth(acr: ["gold", "silver"], maxAge: 60)
    claimed: String @auth(claims: ["email"])
    onlyRead: String @auth(scope: ["admin", "read write"])
  }
  type Box {
    secret: String! @auth(scope: "box")
  }
  interface Named {
    name: String
  }
  type Secret implements Named @auth(scope: "box") {
    name: String
  }
  type Plain implements Named {
    name: String
  }
  type Mutation {
    touch: String
    touchSecret: String @auth(scope: "box")
    touchPoliced: String @auth(policy: "no")
  }
`;

function setUp(options: Partial<UseAuthOptions> = {}) {
  const calls = { authenticate: 0, touch: 0 };
  const logged: unknown[] = [];
  const reported: { id: string; error: unknown }[] = [];
  const policies: Record<string, Policy> = {
    throws: () => {
      throw new Error('the policy broke');
    },
    no: () => false,
  };
  const schema = guardSchema(
    makeExecutableSchema<AuthContext>({
      typeDefs,
      resolvers: {
        Query: {
          open: () => 'open',
          fails: () => {
            throw new Error('the database said: password');
          },
          failsWithin: () => {
            const originalError = new Error('the database said: password');
            throw new GraphQLError(originalError.message, { originalError });
          },
          failsPlainly: () => {
            throw new GraphQLError('Too many of them.', { extensions: { code: 'TOO_MANY' } });
          },
          must: () => ({ secret: 's' }),
          box: () => ({ secret: 's' }),
          named: () => ({ __typename: 'Secret', name: 'n' }),
          policed: () => 'policed',
        },
        Mutation: {
          touch: () => {
            calls.touch += 1;
            return 'touched';
          },
        },
      },
    }),
    { policies },
  );
  const yoga = createYoga<object, AuthContext>({
    schema,
    batching: true,
    logging: { debug() {}, info() {}, warn() {}, error: (...all: unknown[]) => logged.push(all) },
    maskedErrors: {
      maskError: maskUnexpectedErrors({
        report: (error, id) => reported.push({ error, id }),
        createId: () => 'the-id',
      }),
    },
    plugins: [
      useAuth({
        authenticator: {
          async authenticate({ headers }) {
            calls.authenticate += 1;
            return headers.get('authorization') === null ? anonymous : somebody;
          },
        },
        ...options,
      }),
    ],
  });
  const ask = async (body: object, headers: Record<string, string> = {}) => {
    const response = await yoga.fetch('http://localhost/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  const asSomebody = (query: string) => ask({ query }, { authorization: 'Bearer x' });
  return { yoga, ask, asSomebody, calls, logged, reported };
}

describe('the answer', () => {
  it.each([
    ['nothing may be had', '{ claimed onlyRead }', 403, undefined],
    ['a refused non-null root field', '{ open must { secret } }', 403, null],
    ['a part is refused', '{ open box { secret } }', 200, { open: 'open', box: null }],
    [
      'what came turns out to be refused',
      '{ open named { name } }',
      200,
      { open: 'open', named: null },
    ],
    ['any refusal in a mutation', 'mutation { touch touchSecret }', 403, undefined],
    ['a policy refuses a mutation', 'mutation { touch touchPoliced }', 403, undefined],
  ])('%s: %s', async (_, query, status, data) => {
    const { asSomebody, calls } = setUp();
    const answer = await asSomebody(query);
    expect([answer.status, answer.body.data]).toEqual([status, data]);
    expect(answer.body.errors.length).toBeGreaterThan(0);
    expect(answer.headers.has('www-authenticate')).toBe(status !== 200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    for (const error of answer.body.errors) {
      expect(error.path).toBeDefined();
      expect(error.locations).toBeDefined();
      expect(error.extensions).not.toHaveProperty('http');
    }
    expect(calls.touch).toBe(0);
  });

  it.each([
    [
      'strong',
      401,
      { code: 'UNAUTHENTICATED', acr: ['gold', 'silver'], maxAge: 60 },
      'Bearer realm="graphql", error="insufficient_user_authentication", error_description="A stronger or more recent sign-in is required.", acr_values="gold silver", max_age="60"',
    ],
    ['claimed', 403, { code: 'FORBIDDEN', claims: ['email'] }, 'Bearer realm="graphql"'],
    [
      'onlyRead',
      403,
      { code: 'FORBIDDEN', scope: 'admin' },
      'Bearer realm="graphql", error="insufficient_scope", error_description="The access token is missing a scope that this operation requires.", scope="admin"',
    ],
    ['policed', 403, { code: 'FORBIDDEN' }, 'Bearer realm="graphql"'],
  ])('says what %s lacks', async (field, status, extensions, challenge) => {
    const { asSomebody } = setUp();
    const answer = await asSomebody(`{ ${field} }`);
    expect([answer.status, answer.body.errors[0].extensions]).toEqual([status, extensions]);
    expect(answer.headers.get('www-authenticate')).toBe(challenge);
  });

  it('names realm and metadata as they were given', async () => {
    const { ask } = setUp({ realm: 'mine', resourceMetadata: 'https://api.test/metadata' });
    const answer = await ask({ query: '{ claimed }' });
    expect(answer.headers.get('www-authenticate')).toBe(
      'Bearer realm="mine", resource_metadata="https://api.test/metadata"',
    );
  });

  it('refuses a query whole where that is wanted', async () => {
    const { asSomebody } = setUp({ refuse: 'operation' });
    const answer = await asSomebody('{ open claimed }');
    expect([answer.status, answer.body]).toEqual([
      403,
      { errors: [expect.objectContaining({ path: ['claimed'] })] },
    ]);
  });
});

describe('one verification', () => {
  it('serves a whole batch, each operation by its own answer', async () => {
    const { ask, calls } = setUp();
    const answer = await ask(
      [
        { query: '{ open }' },
        { query: '{ claimed }' },
        { query: 'mutation { touch touchSecret }' },
      ],
      { authorization: 'Bearer x' },
    );
    expect(calls).toEqual({ authenticate: 1, touch: 0 });
    expect(answer.status).toBe(200);
    expect(answer.headers.has('www-authenticate')).toBe(false);
    expect(answer.body[0]).toEqual({ data: { open: 'open' } });
    expect(answer.body[1].errors[0].extensions.code).toBe('FORBIDDEN');
    expect(answer.body[2].errors[0].path).toEqual(['touchSecret']);
  });

  it('comes before GraphQL is parsed', async () => {
    const { ask, calls } = setUp();
    await ask({ query: '{' });
    expect(calls.authenticate).toBe(1);
  });
});

describe('unexpected errors', () => {
  it.each(['fails', 'failsWithin'])(
    'are masked, and the log has the cause under the id that the client sees: %s',
    async (field) => {
      const { asSomebody, reported } = setUp();
      const answer = await asSomebody(`{ open ${field} }`);
      expect(answer.body).toEqual({
        data: { open: 'open', [field]: null },
        errors: [
          {
            message: 'Unexpected error.',
            path: [field],
            locations: [{ line: 1, column: 8 }],
            extensions: { code: 'INTERNAL_SERVER_ERROR', id: 'the-id' },
          },
        ],
      });
      expect(reported).toEqual([{ id: 'the-id', error: new Error('the database said: password') }]);
    },
  );

  it('of the authenticator answer 500, never somebody', async () => {
    const { ask, reported } = setUp({
      authenticator: { authenticate: () => Promise.reject(new Error('broken')) },
    });
    const answer = await ask({ query: '{ open }' });
    expect(answer.status).toBe(500);
    expect(answer.body).not.toHaveProperty('data');
    expect(reported).toHaveLength(1);
  });

  it('leave those that were meant for clients alone', async () => {
    const { asSomebody, reported } = setUp();
    const answer = await asSomebody('{ failsPlainly }');
    expect(answer.body.errors[0]).toMatchObject({
      message: 'Too many of them.',
      extensions: { code: 'TOO_MANY' },
    });
    expect(reported).toEqual([]);
  });

  it('of policies go to the log of Yoga, and refuse', async () => {
    const { asSomebody, logged } = setUp();
    await asSomebody('{ policed }');
    expect(logged).toEqual([
      ['Policy "throws" threw; access denied:', new Error('the policy broke')],
    ]);
  });
});

it('is in the plugins of a server once', () => {
  const authenticator = { authenticate: async () => anonymous };
  const schema = guardSchema(makeExecutableSchema({ typeDefs }), {
    policies: { throws: () => true, no: () => true },
  });
  const plugins = [useAuth({ authenticator }), useAuth({ authenticator })];
  expect(() => createYoga({ schema, plugins, logging: false })).toThrow(
    'The plugins have useAuth twice',
  );
});

describe('a schema that is not guarded', () => {
  const plugins = [useAuth({ authenticator: { authenticate: async () => anonymous } })];
  const plain = makeExecutableSchema({ typeDefs });

  it.each([
    ['has not been guarded', plain],
    ['was changed after it had been', makeExecutableSchema({ typeDefs, schemaExtensions: [] })],
  ])('does not start: it %s', (_, schema) => {
    expect(() => createYoga({ schema, plugins, logging: false })).toThrow(/guardSchema/);
  });

  it('cannot borrow the guard of another', () => {
    const guarded = guardSchema(plain, { policies: { throws: () => true, no: () => true } });
    const changed = makeExecutableSchema({ typeDefs });
    changed.extensions = guarded.extensions;
    expect(() => createYoga({ schema: changed, plugins, logging: false })).toThrow(
      'changed after guardSchema',
    );
  });
});

it('finds the viewer of a context whose request was replaced', async () => {
  const viewer = viewerWith();
  const schema = guardSchema(
    makeExecutableSchema({
      typeDefs: `${authDirectives} type Query { guarded: String @auth }`,
      resolvers: { Query: { guarded: () => 'guarded' } },
    }),
  );
  const yoga = createYoga({
    schema,
    logging: false,
    context: () => ({ request: { url: '/of-another-framework' } }),
    plugins: [useAuth({ authenticator: { authenticate: async () => viewer } })],
  });
  const response = await yoga.fetch('http://api.test/graphql?query={guarded}');
  expect(await response.json()).toEqual({ data: { guarded: 'guarded' } });
});

it.each<[string, Pick<UseAuthOptions, 'execution'>, object | null]>([
  ['compiles operations by default', {}, Object.prototype],
  ['compiles operations', { execution: 'compiled' }, Object.prototype],
  ['leaves operations to Yoga on request', { execution: 'ordinary' }, null],
])('%s, as the prototype of the data shows', async (_, options, prototype) => {
  const schema = guardSchema(
    makeExecutableSchema({ typeDefs: `${authDirectives} type Query { guarded: String @auth }` }),
  );
  const prototypes: unknown[] = [];
  const keepPrototypes: Plugin = {
    onExecute: () => ({
      onExecuteDone({ result }) {
        if ('data' in result) prototypes.push(Object.getPrototypeOf(result.data));
      },
    }),
  };
  const auth = useAuth({ authenticator: { authenticate: async () => viewerWith() }, ...options });
  const yoga = createYoga({ schema, logging: false, plugins: [auth, keepPrototypes] });
  await yoga.fetch('http://api.test/graphql?query={guarded}');
  expect(prototypes).toEqual([prototype]);
});

describe('options', () => {
  it.each([
    ['a misspelt one', { autenticator: {} }, 'There is no option autenticator'],
    ['no authenticator', {}, 'authenticator must be the result of createAuthenticator.'],
    ['another refuse', { refuse: 'some' }, "refuse must be 'selection' or 'operation'."],
    ['no function', { onRefusal: 'log' }, 'onRefusal must be a function.'],
    ['a realm that no header can carry', { realm: 'a\n' }, 'realm must be printable ASCII'],
  ])('are refused by name: %s', (_, wrong, message) => {
    const options = { authenticator: { authenticate: async () => anonymous }, ...wrong };
    const given = Object.keys(wrong).length > 0 ? options : {};
    expect(() => Reflect.apply(useAuth, undefined, [given])).toThrow(message);
  });
});
