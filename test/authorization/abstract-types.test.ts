import { makeExecutableSchema } from '@graphql-tools/schema';
import { execute, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';
import { findRefusals } from '../../src/authorization/operation/find-refusals.ts';
import { anonymousViewer, createViewer, RulesApi } from '../support/rules-api.ts';
import { testCases } from '../support/rules-table.ts';

/* Behind an interface or a union the rule of the runtime type counts: up front where every possible type refuses, else object by object. */

const schema = `
  type Query { node: Node nodes: [Node] strict: [Node!] found: [Found] allGuarded: AllGuarded }
  interface Node { id: ID s: String }
  type Open implements Node { id: ID s: String own: String @auth(scope: "own") }
  type Closed implements Node @auth(scope: "closed") { id: ID s: String }
  type Half implements Node { id: ID s: String @auth(scope: "half") }
  union Found = Open | Closed
  union AllGuarded = Closed | Other
  type Other @auth(scope: "other") { s: String }
`;
const open = { __typename: 'Open', id: 1, s: 'plain', own: 'secret' };
const closed = { __typename: 'Closed', id: 2, s: 'secret' };
const half = { __typename: 'Half', id: 3, s: 'secret' };

describe('object by object', () => {
  testCases([
    {
      case: 'a refused type becomes null at its place, __typename included',
      schema,
      data: { nodes: [open, closed, half] },
      operation: '{ nodes { __typename } }',
      expected: { nodes: [{ __typename: 'Open' }, null, { __typename: 'Half' }] },
      errors: { 'nodes.1': 'UNAUTHENTICATED scope=closed' },
    },
    {
      case: 'a refused field of one type',
      schema,
      data: { nodes: [open, closed, half] },
      operation: '{ nodes { id s } }',
      expected: { nodes: [{ id: '1', s: 'plain' }, null, { id: '3', s: null }] },
      errors: {
        'nodes.1': 'UNAUTHENTICATED scope=closed',
        'nodes.2.s': 'UNAUTHENTICATED scope=half',
      },
    },
    {
      case: 'through a union',
      schema,
      data: { found: [closed, open] },
      operation: '{ found { ... on Node { s } ... on Open { own } } }',
      viewer: createViewer('own'),
      expected: { found: [null, { s: 'plain', own: 'secret' }] },
      errors: { 'found.0': 'FORBIDDEN scope=closed' },
    },
    {
      case: 'a non-null item takes its list along',
      schema,
      data: { strict: [open, closed] },
      operation: '{ __typename strict { s } }',
      expected: { __typename: 'Query', strict: null },
      errors: { 'strict.1': 'UNAUTHENTICATED scope=closed' },
    },
    {
      case: 'promises',
      schema,
      data: {
        node: Promise.resolve(closed),
        nodes: [Promise.resolve(closed), Promise.resolve(open)],
      },
      operation: '{ node { id } nodes { id } }',
      expected: { node: null, nodes: [null, { id: '1' }] },
      errors: {
        node: 'UNAUTHENTICATED scope=closed',
        'nodes.0': 'UNAUTHENTICATED scope=closed',
      },
    },
  ]);
});

describe('up front', () => {
  const api = new RulesApi(schema, { data: { allGuarded: closed, node: open } });
  test.each([
    [
      'every possible type refuses',
      '{ allGuarded { __typename } }',
      anonymousViewer,
      ['allGuarded'],
    ],
    ['one of them would do', '{ allGuarded { __typename } }', createViewer('other'), []],
    ['one possible type is open', '{ node { s } }', anonymousViewer, []],
    [
      'a fragment on the refused type',
      '{ node { ... on Closed { id } ... on Half { id s } } }',
      anonymousViewer,
      ['node.id', 'node.s'],
    ],
    ['a fragment on another interface', '{ found { ... on Node { id s } } }', anonymousViewer, []],
    [
      'a refused field of one type',
      '{ node { ... on Open { own } } }',
      anonymousViewer,
      ['node.own'],
    ],
    [
      'a fragment that can never apply',
      '{ found { ... on Node { ... on Closed { ... on Node { id } } } } }',
      createViewer('closed'),
      [],
    ],
  ] as const)('%s', async (_name, operation, viewer, paths) => {
    expect(api.refusals(operation, { viewer }).map(({ path }) => path.join('.'))).toEqual(paths);
  });

  test('the resolver does not run', async () => {
    expect(await api.execute('{ allGuarded { __typename } }')).toMatchObject({
      status: 401,
      ran: [],
    });
    expect(await api.alone('{ allGuarded { __typename } }')).toMatchObject({
      data: { allGuarded: null },
      ran: [],
    });
  });

  test('narrower return types of implementing types count', () => {
    const narrow = new RulesApi(`
      type Query { holder: Holder }
      interface Holder { node: Node }
      type Only implements Holder { node: Closed2 }
      interface Node { s: String }
      type Free implements Node { s: String }
      type Closed2 implements Node { s: String @auth }
    `);
    expect(narrow.refusals('{ holder { node { s } } }')).toEqual([
      { path: ['holder', 'node', 's'], coordinate: 'Closed2.s', code: 'UNAUTHENTICATED' },
    ]);
  });

  test('the only possible type is named, where all types have the same rule', () => {
    const same = new RulesApi(`
      type Query { dog: Dog }
      interface Animal { name: String @auth }
      type Cat implements Animal { name: String }
      type Dog implements Animal { name: String }
    `);
    for (const operation of ['{ dog { name } }', '{ dog { ... on Animal { name } } }']) {
      expect(same.refusals(operation)).toMatchObject([{ coordinate: 'Dog.name' }]);
    }
  });

  test('the least demanding way in is named, with the coordinate that was written', () => {
    const [refusal] = new RulesApi(`
      type Query { node: Node }
      interface Node { s: String }
      type A implements Node { s: String @auth(scope: "a b") }
      type B implements Node { s: String @auth(scope: "c") }
    `).refusals('{ node { s } }', { viewer: createViewer() });
    expect(refusal).toEqual({
      path: ['node', 's'],
      coordinate: 'Node.s',
      code: 'FORBIDDEN',
      scope: 'c',
    });
  });
});

describe('interfaces with hundreds of types, all of which are denied', () => {
  const types = Array.from(
    { length: 100 },
    (_, index) =>
      `type T${index} implements Node @auth(scope: ["t${index} x", "u${index} x y"]) { at(x: Int @auth(scope: "i")): Node @auth(scope: ["a${index} b", "c${index}"]) }`,
  );
  const large = guardSchema(
    makeExecutableSchema({
      typeDefs: [
        authDirectives,
        `type Query { list: [Item] one: Node }
        type Item { node: Node @auth(scope: "item") }
        interface Node { at(x: Int): Node }`,
        ...types,
      ],
      resolverValidationOptions: { requireResolversForResolveType: 'ignore' },
      resolvers: { Query: { list: () => Array.from({ length: 300 }, () => ({})) } },
    }),
  );

  /** Counts how often scopes are compared. Those that are listed are held. */
  class CountedScopes extends Set<string> {
    static lookups = 0;
    override has(scope: string): boolean {
      CountedScopes.lookups += 1;
      return super.has(scope);
    }
  }

  test.each([
    ['in a list', '{ list { node { __typename } } }', ['y']],
    [
      'by 100 selections',
      `{ one { ${Array.from({ length: 100 }, (_, index) => `at${index}: at(x: ${index}) { __typename }`).join(' ')} } }`,
      ['t7', 'x'],
    ],
  ])('are compared a few times: %s', async (_name, text, scopes) => {
    const viewer = { ...createViewer(), scopes: new CountedScopes(scopes) };
    const document = parse(text);
    CountedScopes.lookups = 0;
    const refusals = findRefusals({ schema: large, document, viewer });
    const result = await execute({ schema: large, document, contextValue: { viewer } });
    expect(refusals.length).toBeGreaterThan(0);
    expect(result.errors?.length ?? 0).toBeGreaterThanOrEqual(text.includes('list') ? 300 : 0);
    // Each type with each other, for each item or selection, there would be millions.
    expect(CountedScopes.lookups).toBeLessThan(100_000);
  });

  test('the least demanding of them is named', () => {
    const [refusal] = findRefusals({
      schema: large,
      document: parse('{ list { node { __typename } } }'),
      viewer: { ...createViewer(), scopes: new Set(['x', 't90']) },
    });
    expect(refusal).toMatchObject({ path: ['list', 'node'], scope: 'item t90 x' });
  });
});

describe('isTypeOf and resolveType of the schema’s own', () => {
  const types = `type Query { xs: [Node] }
    interface Node { s: String }
    type A implements Node @auth { s: String }
    type B implements Node { s: String }`;
  const is =
    (kind: string, how: (is: boolean) => unknown) =>
    (value: unknown): unknown =>
      how(JSON.stringify(value).includes(kind));
  test.each([
    ['at once', (one: boolean) => one],
    ['as a promise', (one: boolean) => Promise.resolve(one)],
    // Written in JavaScript, they return anything.
    ['as something that is truthy', (one: boolean) => (one ? 'yes' : undefined)],
    [
      'as something with a then',
      // biome-ignore lint/suspicious/noThenProperty: what the executor would wait for.
      (one: boolean) => ({ then: (done: (value: boolean) => void) => done(one) }),
    ],
  ])('isTypeOf returns %s', async (_name, how) => {
    const guarded = guardSchema(
      makeExecutableSchema({
        typeDefs: `${authDirectives}${types}`,
        resolvers: {
          Query: {
            xs: () => [
              { kind: 'kindA', s: 'secret' },
              { kind: 'kindB', s: 'plain' },
            ],
          },
          A: { __isTypeOf: is('kindA', how) },
          B: { __isTypeOf: is('kindB', how) },
        },
      }),
    );
    const document = parse('{ xs { __typename s } }');
    const refused = await execute({ schema: guarded, document, contextValue: {} });
    expect(refused.data).toEqual({ xs: [null, { __typename: 'B', s: 'plain' }] });
    const viewer = createViewer();
    const allowed = await execute({ schema: guarded, document, contextValue: { viewer } });
    expect(allowed.data).toEqual({
      xs: [
        { __typename: 'A', s: 'secret' },
        { __typename: 'B', s: 'plain' },
      ],
    });
  });
});
