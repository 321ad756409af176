import { buildSchema, type GraphQLSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { SchemaRuleError } from '../../src/authorization/directives/schema-rule-error.ts';
import {
  type GuardSchemaOptions,
  guardSchema,
} from '../../src/authorization/enforcement/guard-schema.ts';
import { accessRules } from '../../src/authorization/review/access-rules.ts';
import { isWeaker } from '../../src/authorization/review/compare-rules.ts';
import type { Policy } from '../../src/authorization/rules/policies.ts';
import { federationDefinitions } from '../support/federation.ts';
import { createViewer } from '../support/rules-api.ts';
import { type RulesCase, testCases } from '../support/rules-table.ts';

const sdl = (types: string): GraphQLSchema =>
  buildSchema(`${authDirectives}\n${federationDefinitions}\n${types}`);

const allowing = (...names: readonly string[]): Readonly<Record<string, Policy>> =>
  Object.fromEntries(
    ['a', 'b', 'c', 'later'].map((name): [string, Policy] => [
      name,
      () => (name === 'later' ? Promise.resolve(names.includes(name)) : names.includes(name)),
    ]),
  );

describe('rules of Apollo Federation are enforced like @auth', () => {
  const one = (directive: string): Pick<RulesCase, 'schema' | 'operation' | 'data'> => ({
    schema: `${federationDefinitions} type Query { open: String x: String ${directive} }`,
    operation: '{ open x }',
    data: { open: 'open', x: 'secret' },
  });
  const refused = { open: 'open', x: null };
  const allowed = { open: 'open', x: 'secret' };
  const policy = one('@federation__policy(policies: [["a", "later"], ["b"]])');
  const cases: readonly Omit<RulesCase, 'federationDirectives'>[] = [
    {
      ...one('@authenticated'),
      case: '@authenticated refuses anonymous callers',
      expected: refused,
      errors: { x: 'UNAUTHENTICATED' },
    },
    {
      ...one('@authenticated'),
      case: '@authenticated accepts any token',
      viewer: createViewer(),
      expected: allowed,
    },
    {
      ...one('@needs(scopes: [["s", "t"], ["u", "v"]])'),
      case: '@requiresScopes under another name: what is missing is told',
      viewer: createViewer('s'),
      expected: refused,
      errors: { x: 'FORBIDDEN scope=s t' },
    },
    {
      ...one('@needs(scopes: [["s", "t"], ["u"]])'),
      case: '@requiresScopes accepts one list',
      viewer: createViewer('u'),
      expected: allowed,
    },
    {
      ...one('@needs(scopes: [["s"], ["u"]]) @auth(scope: ["t", "u v"])'),
      case: '@requiresScopes and @auth must both be met',
      viewer: createViewer('t'),
      expected: refused,
      errors: { x: 'FORBIDDEN scope=s t' },
    },
    {
      ...policy,
      case: '@policy accepts one list of which all allow',
      viewer: createViewer(),
      policies: allowing('a', 'later'),
      expected: allowed,
    },
    {
      ...policy,
      case: '@policy accepts the other list',
      viewer: createViewer(),
      policies: allowing('a', 'b'),
      expected: allowed,
    },
    {
      ...policy,
      case: '@policy refuses if no list is complete',
      viewer: createViewer(),
      policies: allowing('a', 'c'),
      expected: refused,
      errors: { x: 'FORBIDDEN' },
    },
    {
      ...policy,
      case: '@policy requires a token',
      policies: allowing('a', 'b', 'later'),
      expected: refused,
      errors: { x: 'UNAUTHENTICATED' },
    },
    {
      ...one('@federation__policy(policies: [["a"], ["b"]]) @auth(policy: "c")'),
      case: '@policy and the policies of @auth must both allow',
      viewer: createViewer(),
      policies: allowing('a', 'b'),
      expected: refused,
      errors: { x: 'FORBIDDEN' },
    },
    {
      case: 'on types, @policy gets each object, and other rules are checked before',
      schema: `${federationDefinitions}
        type Query { us: [U] ts: [T] }
        type T @federation__policy(policies: [["a"], ["b"]]) { s: String }
        type U @needs(scopes: "s") { s: String }`,
      operation: '{ us { s } ts { s } }',
      data: { us: [{ s: 'secret' }], ts: [{ s: 'no secret' }, { s: 'mine' }] },
      viewer: createViewer(),
      policies: {
        a: ({ source }) => JSON.stringify(source).includes('mine'),
        b: async () => false,
      },
      expected: { us: null, ts: [null, { s: 'mine' }] },
      errors: { us: 'FORBIDDEN scope=s', 'ts.0': 'FORBIDDEN' },
    },
  ];
  testCases(
    cases.map((row) => ({
      policies: allowing(),
      ...row,
      federationDirectives: 'enforce' as const,
    })),
  );
});

describe('what cannot be enforced is a problem', () => {
  function problemsOf(schema: GraphQLSchema, options?: GuardSchemaOptions): string[] {
    try {
      guardSchema(schema, options);
      return [];
    } catch (error) {
      if (!(error instanceof SchemaRuleError)) throw error;
      return error.problems.map(({ coordinate, message }) => `${coordinate}: ${message}`);
    }
  }

  const strings = (directive: string, list: string): string =>
    `Query.x: @${directive} needs the one argument ${list}, a list of at least one list of at least one string, such as ${list}: [["a", "b"], ["c"]].`;

  test.each([
    ['@federation__policy(policies: [])', strings('policy', 'policies')],
    ['@federation__policy(policies: [["a"], []])', strings('policy', 'policies')],
    ['@federation__policy(policies: [["a", ""]])', strings('policy', 'policies')],
    ['@needs(scopes: [])', strings('requiresScopes', 'scopes')],
    ['@needs(scopes: [[]])', strings('requiresScopes', 'scopes')],
    [
      '@needs(scopes: [["s t"]])',
      'Query.x: a scope of @requiresScopes can only have printable ASCII characters other than spaces, quotes and backslashes (RFC 6749, section 3.3).',
    ],
    [
      '@federation__policy(policies: [["a"], ["d"]])',
      'Query.x: names the policy "d", which was not given to guardSchema: add it to its policies.',
    ],
  ])('%s', (directive, problem) => {
    const schema = sdl(`type Query { x: String ${directive} }`);
    const options = { policies: allowing(), federationDirectives: 'enforce' as const };
    expect(problemsOf(schema, options)).toEqual([problem]);
  });

  test('rules of Apollo Federation that nothing was decided about', () => {
    const schema = sdl(
      'type Query { x: String @auth y: String @authenticated z: String @needs(scopes: "s") }',
    );
    expect(problemsOf(schema)).toEqual([
      "schema { … }: uses @authenticated and @needs of Apollo Federation: pass federationDirectives: 'enforce' to enforce them here too, or 'ignore' to leave them to the router.",
    ]);
    expect(problemsOf(schema, { federationDirectives: 'ignore' })).toEqual([]);
    expect(problemsOf(schema, { federationDirectives: 'enforce' })).toEqual([]);
  });

  test('directives that no link imports', () => {
    const schema = buildSchema(`${authDirectives}
      directive @authenticated on FIELD_DEFINITION
      directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION
      type Query { x: String @auth y: String @authenticated z: String @requiresScopes(scopes: [["s"]]) }`);
    const problem = (coordinate: string, name: string): string =>
      `${coordinate}: @${name} is not enforced, because no @link imports it from https://specs.apollo.dev/federation: import it`;
    // @authenticated may belong to another tool.
    expect(problemsOf(schema)).toEqual([
      `${problem('Query.z', 'requiresScopes')}, or pass federationDirectives: 'ignore'.`,
    ]);
    expect(problemsOf(schema, { federationDirectives: 'ignore' })).toEqual([]);
    expect(problemsOf(schema, { federationDirectives: 'enforce' })).toEqual([
      `${problem('Query.y', 'authenticated')}.`,
      `${problem('Query.z', 'requiresScopes')}.`,
    ]);
  });

  test('another value of the option', () => {
    const options: GuardSchemaOptions = JSON.parse('{ "federationDirectives": true }');
    expect(() => guardSchema(sdl('type Query { x: String @auth }'), options)).toThrow(
      "federationDirectives must be 'enforce', 'ignore' or omitted.",
    );
  });
});

describe('the access table', () => {
  const rulesOf = (types: string) =>
    accessRules(
      guardSchema(sdl(types), { policies: allowing(), federationDirectives: 'enforce' }),
    ).filter(({ coordinate }) => coordinate.startsWith('Query.'));

  test('has alternatives of policies in anyOf', () => {
    const [x] = rulesOf(`type Query {
      x: String @federation__policy(policies: [["a", "b"], ["c"]]) @auth(policy: "later", scope: "s")
    }`);
    expect(x).toEqual({
      coordinate: 'Query.x',
      access: 'authenticated',
      scope: ['s'],
      policy: ['later'],
      anyOf: [
        { access: 'authenticated', policy: ['a', 'b'], from: ['Query.x'] },
        { access: 'authenticated', policy: ['c'], from: ['Query.x'] },
      ],
      from: ['Query.x'],
    });
  });

  test('leaves out alternatives that are met anyway, and never one that is not', () => {
    const [x, y, z] = rulesOf(`type Query {
      x: String @federation__policy(policies: [["a"], ["b"]]) @auth(policy: "a")
      y: String @federation__policy(policies: [["a", "b"], ["a"]])
      z: U
    }
    union U = A | B
    type A @federation__policy(policies: [["a"], ["b"]]) { a: String }
    type B @federation__policy(policies: [["a"], ["b"]]) @auth(scope: "s") { b: String }`);
    expect(x).toMatchObject({ policy: ['a'] });
    expect(x).not.toHaveProperty('anyOf');
    expect(y).toMatchObject({ policy: ['a'] });
    // The rule of A, which is the weaker one.
    expect(z?.anyOf?.map(({ policy }) => policy)).toEqual([['a'], ['b']]);
  });

  test('can be compared', () => {
    const [both, one, other, more] = rulesOf(`type Query {
      both: String @federation__policy(policies: [["a", "b"]])
      one: String @federation__policy(policies: [["a"], ["b"]])
      other: String @federation__policy(policies: "a")
      more: String @federation__policy(policies: [["a"], ["b"], ["c"]])
    }`);
    if (!both || !one || !other || !more) throw new Error('A field is missing.');
    expect([isWeaker(one, both), isWeaker(one, other), isWeaker(more, one)]).toEqual([
      true,
      true,
      true,
    ]);
    expect([isWeaker(both, one), isWeaker(other, one), isWeaker(one, more)]).toEqual([
      false,
      false,
      false,
    ]);
  });
});
