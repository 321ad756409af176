import { makeExecutableSchema } from '@graphql-tools/schema';
import { createYoga } from 'graphql-yoga';
import { describe, expect, test } from 'vitest';
import {
  type AuthContext,
  authDirectives,
  guardSchema,
  maskUnexpectedErrors,
  type Policy,
  useAuth,
  viewerWith,
} from '../../src/index.ts';
import { anonymousViewer, createViewer, type Resolvers, RulesApi } from '../support/rules-api.ts';

describe('policies of mutations', () => {
  const types = /* GraphQL */ `
    type Query { a: Int }
    type Mutation { vote(for: Int): Int @auth(policy: "has not voted"), touch: Int, look: Int @auth }
  `;
  /** A policy that holds until what it guards has run. */
  function setUp() {
    let votes = 0;
    const asked: number[] = [];
    const policies: Record<string, Policy> = {
      'has not voted': async () => {
        asked.push(votes);
        return votes === 0;
      },
    };
    const resolvers: Resolvers = {
      Mutation: {
        vote: () => {
          votes += 1;
          return votes;
        },
        touch: () => {
          votes += 1;
          return votes;
        },
      },
    };
    const api = new RulesApi(types, { policies, resolvers });
    return {
      asked,
      ask: (operation: string) => api.execute(operation, { viewer: createViewer() }),
    };
  }

  test.each<[operation: string, data: unknown, ran: readonly string[]]>([
    ['mutation { vote }', { vote: 1 }, ['Mutation.vote']],
    ['mutation { a: vote b: vote }', { a: 1, b: null }, ['Mutation.vote']],
    [
      'mutation { a: vote(for: 1) b: vote(for: 2) c: vote }',
      { a: 1, b: null, c: null },
      ['Mutation.vote'],
    ],
    ['mutation { touch vote }', { touch: 1, vote: null }, ['Mutation.touch']],
    [
      'mutation { ...F } fragment F on Mutation { a: vote ... { b: vote } }',
      { a: 1, b: null },
      ['Mutation.vote'],
    ],
    [
      'mutation { skipped: touch @skip(if: true) vote look }',
      { vote: 1, look: null },
      ['Mutation.vote', 'Mutation.look'],
    ],
  ])('%s', async (operation, data, ran) => {
    const { ask } = setUp();
    const result = await ask(operation);
    expect(result.data).toEqual(data);
    expect(result.ran).toEqual(ran);
  });

  test('the policies of the first field run once, those of the others twice', async () => {
    const { ask, asked } = setUp();
    await ask('mutation { a: vote b: vote }');
    expect(asked).toEqual([0, 0, 1]);
  });
});

describe("refuse: 'operation'", () => {
  const types = /* GraphQL */ `
    type Query {
      open: Int
      policed: Int @auth(policy: "no")
      parent: Parent
      found: Found
      list: [Found]
      role: Role
      roles: [Role]
      deep: Parent!
    }
    type Mutation { run: Parent }
    type Parent { open: Int, policed: Int @auth(policy: "no"), mustBe: Int! @auth(policy: "no") }
    interface Found { id: Int }
    type Plain implements Found { id: Int }
    type Secret implements Found @auth(scope: "secret") { id: Int }
    enum Role { USER ADMIN @auth(scope: "admin") }
  `;
  const data = {
    open: 1,
    policed: 2,
    parent: { open: 1, policed: 2, mustBe: 3 },
    deep: { open: 1, policed: 2, mustBe: 3 },
    found: { __typename: 'Secret', id: 1 },
    list: [
      { __typename: 'Plain', id: 1 },
      { __typename: 'Secret', id: 2 },
    ],
    role: 'ADMIN',
    roles: ['USER', 'ADMIN'],
    run: { open: 1, policed: 2 },
  };
  const api = (refuse: 'operation' | 'selection') =>
    new RulesApi(types, { data, refuse, policies: { no: async () => false } });

  test.each<[operation: string, status: number, challenge: string | undefined]>([
    ['{ open policed }', 403, undefined],
    ['{ open parent { open policed } }', 403, undefined],
    ['{ open parent { open mustBe } }', 403, undefined],
    ['{ open deep { mustBe } }', 403, undefined],
    ['{ open found { id } }', 403, 'scope="secret"'],
    ['{ open list { id } }', 403, 'scope="secret"'],
    ['{ open role }', 403, 'scope="admin"'],
    ['{ open roles }', 403, 'scope="admin"'],
    ['{ roles list { id } }', 403, 'scope="admin secret"'],
  ])('%s', async (operation, status, challenge) => {
    const partial = await api('selection').execute(operation, { viewer: createViewer() });
    expect(partial.status).toBe(operation.includes('deep') ? 403 : 200);
    const result = await api('operation').execute(operation, { viewer: createViewer() });
    expect(result).toMatchObject({ status, data: undefined });
    expect(Object.keys(result.errors).length).toBeGreaterThan(0);
    const scopes = challenge === undefined ? [] : challenge.replace(/scope="|"/g, '').split(' ');
    const sent = /scope="([^"]*)"/.exec(result.challenge ?? '')?.[1]?.split(' ') ?? [];
    expect(sent.sort()).toEqual(scopes.sort());
  });

  test('what a mutation has done is not hidden', async () => {
    const result = await api('operation').execute('mutation { run { open policed } }', {
      viewer: createViewer(),
    });
    expect(result).toMatchObject({ status: 200, data: { run: { open: 1, policed: null } } });
  });

  test('a query of which nothing is refused is served', async () => {
    const result = await api('operation').execute('{ open parent { open } }', {
      viewer: anonymousViewer,
    });
    expect(result).toMatchObject({ status: 200, data: { open: 1, parent: { open: 1 } } });
  });
});

describe('errors of GraphQL.js about invalid values', () => {
  const canary = 'salary-of-123456';
  const bad = { salary: canary };
  const typeDefs = /* GraphQL */ `
    ${authDirectives}
    type Query {
      guard: Int @auth
      object: A
      abstract: I
      union: U
      int: Int
      float: Float
      string: String
      boolean: Boolean
      id: ID
      role: Role
      list: [Int]
      items: [Int]
      must: Int!
    }
    type Subscription { events: Int }
    type A { a: Int }
    type B implements I { a: Int }
    interface I { a: Int }
    union U = A
    enum Role { USER }
  `;
  const reported: unknown[] = [];
  const yoga = createYoga<object, AuthContext>({
    schema: guardSchema(
      makeExecutableSchema({
        typeDefs,
        resolvers: {
          A: { __isTypeOf: () => false },
          I: { __resolveType: ({ name }: { name?: string }) => name },
          Query: Object.fromEntries(
            [
              'object',
              'abstract',
              'union',
              'int',
              'float',
              'string',
              'boolean',
              'id',
              'role',
              'list',
            ].map((name) => [name, () => bad]),
          ),
          Subscription: { events: { subscribe: () => bad } },
        },
      }),
    ),
    maskedErrors: {
      maskError: maskUnexpectedErrors({
        report: (error) => reported.push(error),
        createId: () => 'id',
      }),
    },
    logging: false,
    plugins: [useAuth({ authenticator: { authenticate: async () => viewerWith() } })],
  });

  test.each([
    '{ object { a } }',
    '{ abstract { a } }',
    '{ union { ... on A { a } } }',
    '{ int }',
    '{ float }',
    '{ string }',
    '{ boolean }',
    '{ id }',
    '{ role }',
    '{ list }',
    'subscription { events }',
  ])('%s', async (query) => {
    reported.length = 0;
    const response = await yoga.fetch('http://api.test/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream, application/json',
      },
      body: JSON.stringify({ query }),
    });
    const text = await response.text();
    expect(text).toContain('"message":"Unexpected error."');
    expect(text).not.toContain(canary);
    expect(text).not.toMatch(/cannot represent|Expected|Abstract/);
    expect(reported).toHaveLength(1);
  });
});
