import { makeExecutableSchema } from '@graphql-tools/schema';
import { type DocumentNode, execute, type GraphQLResolveInfo, graphql, Kind, parse } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { describe, expect, test } from 'vitest';
import { authDirectives, guardSchema, useAuth } from '../../src/index.ts';
import { anonymousViewer, createViewer, RulesApi } from '../support/rules-api.ts';

/** How a resolver may run an operation of its own, within the execution that it belongs to. */
type Nested = (
  info: GraphQLResolveInfo,
  context: unknown,
  operation: string,
  variableValues: Record<string, unknown>,
) => unknown;

const schemaText = /* GraphQL */ `
  ${authDirectives}
  type Query {
    outer(in: In, list: [In], role: Role): String
    find(secret: Int @auth, in: In, list: [In], role: Role, typed: Typed): String
  }
  input In { open: Int = 1, secret: Int = 2 @auth, inner: In }
  input Typed @auth { a: Int }
  enum Role { USER ADMIN @auth }
`;

/** What a resolver supplies to `find`, all of it guarded. */
const supplies: Readonly<Record<string, readonly [operation: string, variables: object]>> = {
  'an argument': ['query ($v: Int) { find(secret: $v) }', { v: 7 }],
  'an input field': ['query ($v: In) { find(in: $v) }', { v: { secret: 7 } }],
  'an input field, explicitly null': ['query ($v: In) { find(in: $v) }', { v: { secret: null } }],
  'an input field deep inside': [
    'query ($v: In) { find(in: $v) }',
    { v: { inner: { inner: { secret: 7 } } } },
  ],
  'an input field in a list': ['query ($v: [In]) { find(list: $v) }', { v: [{}, { secret: 7 }] }],
  'an enum value': ['query ($v: Role) { find(role: $v) }', { v: 'ADMIN' }],
  'an input type': ['query ($v: Typed) { find(typed: $v) }', { v: { a: 1 } }],
};

const withOperationOf = (info: GraphQLResolveInfo, operation: string): DocumentNode => {
  const [definition] = parse(operation).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('No operation.');
  // A copy of the running operation with everything of it replaced that can be written.
  const { selectionSet, variableDefinitions } = definition;
  return {
    kind: Kind.DOCUMENT,
    definitions: [
      { ...info.operation, selectionSet, variableDefinitions: variableDefinitions ?? [] },
    ],
  };
};

const ways: Readonly<Record<string, Nested>> = {
  'graphql() with the same context': (info, contextValue, source, variableValues) =>
    graphql({ schema: info.schema, source, variableValues, contextValue }),
  'execute() with the same context': (info, contextValue, operation, variableValues) =>
    execute({ schema: info.schema, document: parse(operation), variableValues, contextValue }),
  'execute() with a frozen context': (info, _context, operation, variableValues) =>
    execute({
      schema: info.schema,
      document: parse(operation),
      variableValues,
      contextValue: Object.freeze({ viewer: anonymousViewer }),
    }),
  'execute() with a copy of the running operation': (
    info,
    contextValue,
    operation,
    variableValues,
  ) =>
    execute({
      schema: info.schema,
      document: withOperationOf(info, operation),
      variableValues,
      contextValue,
    }),
};

/** What the client supplies: nothing that has a rule, under the names that the resolver uses. */
const request = {
  query: 'query ($v: In) { outer(in: $v) }',
  variables: { v: { open: 1 } },
};

async function ask(nested: Nested, operation: string, variables: object, body: object = request) {
  const found: unknown[] = [];
  const results: unknown[] = [];
  const schema = guardSchema(
    makeExecutableSchema({
      typeDefs: schemaText,
      resolvers: {
        Query: {
          outer: async (_source, _args, context, info) => {
            results.push(await nested(info, context, operation, { ...variables }));
            return 'done';
          },
          find: (_source, args) => {
            found.push(args);
            return 'found';
          },
        },
      },
    }),
  );
  const yoga = createYoga({
    schema,
    logging: false,
    plugins: [useAuth({ authenticator: { authenticate: async () => anonymousViewer } })],
  });
  const response = await yoga.fetch('http://api.test/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json(), found, results };
}

describe.each(Object.entries(ways))('%s', (_way, nested) => {
  test.each(Object.entries(supplies))(
    'supplies %s, and is refused it',
    async (_what, [operation, variables]) => {
      const { status, body, found, results } = await ask(nested, operation, variables);
      expect({ status, body }).toEqual({ status: 200, body: { data: { outer: 'done' } } });
      expect(found).toEqual([]);
      expect(results).toMatchObject([
        { data: { find: null }, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] },
      ]);
    },
  );

  test('supplies more items of a list than the client, and is refused them', async () => {
    const { found, results } = await ask(
      nested,
      'query ($v: [In]) { find(list: $v) }',
      { v: [{}, { secret: 7 }] },
      { query: 'query ($v: [In]) { outer(list: $v) }', variables: { v: [{}] } },
    );
    expect(found).toEqual([]);
    expect(results).toMatchObject([{ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] }]);
  });

  test('supplies nothing that has a rule, and is served', async () => {
    const { found } = await ask(nested, '{ find(role: USER) }', {});
    expect(found).toEqual([{ role: 'USER' }]);
  });
});

test('the policies of a mutation that executes itself again run again', async () => {
  let votes = 0;
  const results: unknown[] = [];
  const api = new RulesApi(
    `type Query { a: Int } type Mutation { vote: Int @auth(policy: "has not voted") }`,
    {
      policies: { 'has not voted': () => votes === 0 },
      resolvers: {
        Mutation: {
          vote: async (_source, _args, contextValue, { schema, operation }) => {
            votes += 1;
            const document = { kind: Kind.DOCUMENT, definitions: [operation] } as const;
            if (votes === 1) results.push(await execute({ schema, document, contextValue }));
            return votes;
          },
        },
      },
    },
  );
  const { data } = await api.execute('mutation { vote }', { viewer: createViewer() });
  expect(data).toEqual({ vote: 1 });
  expect(results).toMatchObject([
    { data: { vote: null }, errors: [{ extensions: { code: 'FORBIDDEN' } }] },
  ]);
});

test('a frozen context, shared by several executions at once', async () => {
  const schema = guardSchema(
    makeExecutableSchema({
      typeDefs: schemaText,
      resolvers: { Query: { find: async (_source, args) => JSON.stringify(args) } },
    }),
  );
  const shared = Object.freeze({ shared: true });
  const yoga = createYoga<object, object>({
    schema,
    logging: false,
    batching: true,
    context: () => shared,
    plugins: [useAuth({ authenticator: { authenticate: async () => anonymousViewer } })],
  });
  const query = 'query ($v: In) { find(in: $v) }';
  const response = await yoga.fetch('http://api.test/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([
      { query, variables: { v: { open: 3 } } },
      { query, variables: { v: { secret: 2 } } },
      { query, variables: { v: {} } },
    ]),
  });
  expect(await response.json()).toMatchObject([
    { data: { find: '{"in":{"open":3,"secret":2}}' } },
    { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] },
    { data: { find: '{"in":{"open":1,"secret":2}}' } },
  ]);
});
