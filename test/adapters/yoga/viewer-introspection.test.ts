import { makeExecutableSchema } from '@graphql-tools/schema';
import { buildClientSchema, getIntrospectionQuery, printSchema } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { describe, expect, it } from 'vitest';
import {
  type AuthContext,
  type AuthenticatedViewer,
  anonymous,
  authDirectives,
  guardSchema,
  useAuth,
  useViewerIntrospection,
} from '../../../src/index.ts';

const typeDefs = /* GraphQL */ `
  ${authDirectives}
  type Query {
    open(plain: Int, hidden: Int @auth(scope: "a"), by: Order = SECRET, filter: Filter): Open
    token: String @auth
    scoped: Scoped @auth(scope: "a")
    viaType: Guarded
    claimed: String @auth(claims: ["email"])
    strong: String @auth(maxAge: 60)
    policed: String @auth(policy: "p")
    node: Node
    either: Either
    needs(value: Secretive!): String
  }
  type Open {
    name: String
    secretName: String @auth(scope: "b")
  }
  type Scoped {
    onlyHere: OnlyThroughScoped
  }
  type OnlyThroughScoped {
    name: String
  }
  type Guarded @auth(scope: "b") {
    name: String
  }
  interface Node {
    id: ID
    hiddenId: ID @auth(scope: "b")
  }
  type PlainNode implements Node {
    id: ID
    hiddenId: ID
  }
  type GuardedNode implements Node @auth(scope: "b") {
    id: ID
    hiddenId: ID
  }
  union Either = Open | Guarded
  enum Order {
    NAME
    SECRET @auth(scope: "b")
  }
  input Filter {
    name: String
    secret: String @auth(scope: "b")
  }
  input Secretive {
    mustBeSent: String! @auth(scope: "b")
  }
  type Mutation {
    change: String @auth(scope: "b")
  }
`;

const viewerWith = (
  scopes: string[],
  claims: Record<string, unknown> = {},
): AuthenticatedViewer => ({
  kind: 'authenticated',
  id: 's',
  subject: 's',
  issuer: 'https://issuer.test/',
  scopes: new Set(scopes),
  claims,
  expiresAt: new Date(0),
});
const viewers = {
  anonymous,
  plain: viewerWith([]),
  a: viewerWith(['a']),
  b: viewerWith(['b']),
  all: viewerWith(['a', 'b'], { email: 'x' }),
};

const schema = guardSchema(
  makeExecutableSchema({
    typeDefs,
    resolvers: { Query: { open: () => ({ name: 'n' }), token: () => 't' } },
  }),
  { policies: { p: () => true } },
);

async function ask(viewer: keyof typeof viewers, query: string, variables = {}) {
  const yoga = createYoga<object, AuthContext>({
    schema,
    logging: false,
    plugins: [
      useAuth({ authenticator: { authenticate: async () => viewers[viewer] } }),
      useViewerIntrospection(),
    ],
  });
  const response = await yoga.fetch('http://localhost/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return { status: response.status, ...(await response.json()) };
}

const seenBy = async (viewer: keyof typeof viewers): Promise<string> => {
  const { data, errors } = await ask(viewer, getIntrospectionQuery());
  expect(errors).toBeUndefined();
  return printSchema(buildClientSchema(data));
};

describe('introspection answers what the viewer could use', () => {
  it.each<[keyof typeof viewers, string[], string[]]>([
    [
      'anonymous',
      [
        'open(plain: Int, by: Order, filter: Filter): Open',
        'node: Node',
        'either: Either',
        'PlainNode',
        'union Either = Open',
      ],
      [
        'token',
        'scoped',
        'OnlyThroughScoped',
        'viaType',
        'Guarded',
        'claimed',
        'strong',
        'policed',
        'SECRET',
        'secret',
        'hidden',
        'Mutation',
        'needs',
        'Secretive',
      ],
    ],
    ['plain', ['token: String', 'strong', 'policed'], ['scoped', 'claimed', 'hidden', 'secret']],
    [
      'a',
      ['scoped: Scoped', 'OnlyThroughScoped', 'hidden: Int'],
      ['secretName', 'Guarded', 'Mutation'],
    ],
    [
      'b',
      [
        'secretName',
        'viaType: Guarded',
        'GuardedNode',
        'hiddenId',
        'SECRET',
        'secret: String',
        'change',
        'needs(value: Secretive!)',
        'union Either = Open | Guarded',
        'by: Order = SECRET',
      ],
      ['scoped:', 'claimed', 'hidden: Int'],
    ],
    ['all', ['scoped', 'secretName', 'claimed', 'hidden: Int', 'change'], []],
  ])('%s', async (viewer, there, hidden) => {
    const sdl = (await seenBy(viewer)).replaceAll(/"""[\s\S]*?"""/g, '');
    for (const text of there) expect(sdl).toContain(text);
    for (const text of hidden) expect(sdl).not.toMatch(new RegExp(`\\b${text}`));
  });

  it('in fragments, beside data, under aliases and in the order of the document', async () => {
    const query = `
      query Both($name: String!, $filter: Filter) {
        token
        ...Part
        hers: __type(name: $name) { fields { name } }
        open(filter: $filter) { name }
      }
      fragment Part on Query { __schema { mutationType { name } } }
    `;
    const variables = { name: 'Open', filter: { name: 'x' } };
    const answer = await ask('plain', query, variables);
    expect(JSON.stringify(answer.data)).toBe(
      '{"token":"t","__schema":{"mutationType":null},"hers":{"fields":[{"name":"name"}]},"open":{"name":"n"}}',
    );
    const refused = await ask('anonymous', query, variables);
    expect(refused.data).toMatchObject({ token: null, hers: { fields: [{ name: 'name' }] } });
    expect(refused.errors).toMatchObject([{ path: ['token'] }]);
  });

  it('does not know types that the viewer may not have', async () => {
    const query = '{ __type(name: "Guarded") { name fields { name } } }';
    expect((await ask('a', query)).data).toEqual({ __type: null });
    expect((await ask('b', query)).data).toMatchObject({ __type: { name: 'Guarded' } });
  });

  it('shows a query type of which nothing may be used with a field that says so', async () => {
    const closed = guardSchema(
      makeExecutableSchema({
        typeDefs: `${authDirectives} schema @auth { query: Query } type Query { a: String }`,
      }),
    );
    const yoga = createYoga<object, AuthContext>({
      schema: closed,
      logging: false,
      plugins: [
        useAuth({ authenticator: { authenticate: async () => anonymous } }),
        useViewerIntrospection(),
      ],
    });
    const response = await yoga.fetch(
      `http://localhost/graphql?query=${encodeURIComponent('{ __schema { queryType { name fields { name } } } }')}`,
    );
    expect(await response.json()).toEqual({
      data: { __schema: { queryType: { name: 'Query', fields: [{ name: '_empty' }] } } },
    });
  });
});

describe('no answer suggests what there is', () => {
  it.each([
    ['a field', '{ tokem }', 'Cannot query field "tokem" on type "Query".'],
    [
      'an argument',
      '{ open(hiddem: 1) { name } }',
      'Unknown argument "hiddem" on field "Query.open".',
    ],
    [
      'an enum value',
      '{ open(by: SECRE) { name } }',
      'Value "SECRE" does not exist in "Order" enum.',
    ],
    [
      'an input field',
      '{ open(filter: { secre: "x" }) { name } }',
      'Field "secre" is not defined by type "Filter".',
    ],
    ['a type', '{ ... on Guarde { name } }', 'Unknown type "Guarde".'],
    ['a fragment', '{ node { secretName } }', 'Cannot query field "secretName" on type "Node".'],
  ])('of %s', async (_, query, message) => {
    const answer = await ask('anonymous', query);
    expect(answer.errors.map((error: { message: string }) => error.message)).toContain(message);
    expect(JSON.stringify(answer)).not.toContain('Did you mean');
  });

  it('of variables', async () => {
    const query = 'query ($f: Filter, $o: Order) { open(filter: $f, by: $o) { name } }';
    const answer = await ask('anonymous', query, { f: { secre: 'x' }, o: 'SECRE' });
    expect(answer.errors.length).toBeGreaterThan(0);
    expect(JSON.stringify(answer)).not.toMatch(/Did you mean|secret|SECRET/);
  });
});
