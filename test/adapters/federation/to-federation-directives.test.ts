import { buildSchema, type GraphQLSchema, parse, print } from 'graphql';
import { describe, expect, test } from 'vitest';
import { toFederationDirectives } from '../../../src/adapters/federation/index.ts';
import { authDirectives } from '../../../src/authorization/directives/auth-directives.ts';
import {
  type GuardSchemaOptions,
  guardSchema,
} from '../../../src/authorization/enforcement/guard-schema.ts';
import { federationDefinitions, subgraphDefinitions } from '../../support/federation.ts';

/* What composers make of it is tested in test/compatibility. */

const policies = Object.fromEntries(['a', 'b', 'c', 'mine'].map((name) => [name, () => true]));

/** A subgraph whose `_service.sdl` is the given SDL. */
function createSubgraph(types: string, options: GuardSchemaOptions = {}): GraphQLSchema {
  const sdl = `${authDirectives}\n${types}`;
  const schema = buildSchema(`${sdl}\n${subgraphDefinitions('T')}`);
  const service = schema.getQueryType()?.getFields()['_service'];
  if (service) service.resolve = () => ({ sdl });
  return guardSchema(schema, { policies, ...options });
}

/** A definition of the result, on one line. */
function definitionOf(sdl: string, name: string): string {
  const definition = parse(sdl).definitions.find(
    (one) => 'name' in one && one.name?.value === name && one.kind !== 'DirectiveDefinition',
  );
  return definition ? print(definition).replaceAll(/\s+/g, ' ') : '';
}

const definitions = `
  directive @link(url: String, as: String, for: String, import: [link__Import]) repeatable on SCHEMA
  directive @external on OBJECT | FIELD_DEFINITION
  directive @federation__authenticated on FIELD_DEFINITION | OBJECT
  scalar link__Import
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external"])
`;

const types = (fields: string, others = ''): string =>
  `${definitions} type Query { ${fields} } type T { id: ID } ${others}`;

test('a router gets the scopes that imply others as alternatives', () => {
  const schema = createSubgraph(types('x: Int @auth(scope: ["a b", "c"])'), {
    scopeHierarchy: { all: ['a', 'c'] },
  });
  expect(definitionOf(toFederationDirectives(schema), 'Query')).toContain(
    '@requiresScopes(scopes: [["a", "b"], ["c"], ["all"]])',
  );
});

describe('each rule as directives of Apollo Federation', () => {
  test.each([
    ['x: Int', 'x: Int'],
    ['x: Int @auth', 'x: Int @auth @authenticated'],
    [
      'x: Int @auth(scope: ["a b", "c"])',
      'x: Int @auth(scope: ["a b", "c"]) @authenticated @requiresScopes(scopes: [["a", "b"], ["c"]])',
    ],
    [
      'x: Int @auth(policy: ["a", "b"])',
      'x: Int @auth(policy: ["a", "b"]) @authenticated @policy(policies: [["a", "b"]])',
    ],
    ['x: Int @auth(claims: "c", maxAge: 5)', 'x: Int @auth(claims: "c", maxAge: 5) @authenticated'],
    ['x(y: Int @auth(scope: "a")): Int', 'x(y: Int @auth(scope: "a")): Int'],
    // What has its own directives needs none here.
    [
      'x: Account @auth(scope: "a")',
      'x: Account @auth(scope: "a") @authenticated @requiresScopes(scopes: [["a"]])',
    ],
    ['x: Account', 'x: Account'],
    ['x: Mood', 'x: Mood'],
    // Routers take no rules from interfaces and unions.
    ['x: Node', 'x: Node @authenticated @requiresScopes(scopes: [["nodes"]])'],
    ['x: Result', 'x: Result @authenticated @requiresScopes(scopes: [["r", "s"], ["t"]])'],
    [
      'x: Result @auth(scope: ["s", "u"])',
      'x: Result @auth(scope: ["s", "u"]) @authenticated @requiresScopes(scopes: [["s", "r"], ["s", "t"], ["u", "t"]])',
    ],
    ['x: Int @auth @external', 'x: Int @auth @external'],
  ])('%s', (field, expected) => {
    const sdl = toFederationDirectives(
      createSubgraph(
        types(
          field,
          `type Account implements Node @auth(scope: "accounts") { id: ID @auth(scope: "ids") name: Int }
           interface Node @auth(scope: "nodes") { id: ID }
           union Result @auth(scope: ["r s", "t"]) = T
           enum Mood @auth(scope: "moods") { GOOD @auth(scope: "good") }
           type Other { a: Account r: Result }`,
        ),
      ),
    );
    expect(definitionOf(sdl, 'Query')).toBe(`type Query { ${expected} }`);
    expect(definitionOf(sdl, 'Account')).toBe(
      'type Account implements Node @auth(scope: "accounts") @authenticated @requiresScopes(scopes: [["accounts", "nodes"]]) { id: ID @auth(scope: "ids") @authenticated @requiresScopes(scopes: [["ids"]]) name: Int }',
    );
    expect(definitionOf(sdl, 'Node')).toBe('interface Node @auth(scope: "nodes") { id: ID }');
    expect(definitionOf(sdl, 'Mood')).toBe(
      'enum Mood @auth(scope: "moods") @authenticated @requiresScopes(scopes: [["moods"]]) { GOOD @auth(scope: "good") }',
    );
  });

  test('the rule of the schema is on every field that is not @public', () => {
    const sdl = toFederationDirectives(
      createSubgraph(`${definitions} schema @auth(scope: "s") { query: Query }
        type Query { x: Int y: Int @public } type T { id: ID }`),
    );
    const rule = '@authenticated @requiresScopes(scopes: [["s"]])';
    expect(definitionOf(sdl, 'Query')).toBe(`type Query { x: Int ${rule} y: Int @public }`);
    expect(definitionOf(sdl, 'T')).toBe(`type T { id: ID ${rule} }`);
  });

  test('with the policies that the router evaluates only', () => {
    const schema = createSubgraph(
      `${federationDefinitions} type T { id: ID } type Query {
        x: Int @auth(policy: ["a", "mine"])
        y: Int @federation__policy(policies: [["a", "mine"], ["b"]])
        z: Int @auth(policy: "mine")
      }`,
      { federationDirectives: 'enforce' },
    );
    const query = definitionOf(toFederationDirectives(schema, { policies: ['a'] }), 'Query');
    expect(query).toContain('@authenticated @federation__policy(policies: [["a"]])');
    expect(query).toContain('z: Int @auth(policy: "mine") @authenticated }');
  });

  test('combined with those that are there, once', () => {
    for (const federationDirectives of ['enforce', 'ignore'] as const) {
      const schema = createSubgraph(
        `${federationDefinitions} type T { id: ID } type Query {
          x: Int @auth(scope: "s", policy: "c") @needs(scopes: [["a"], ["b"]]) @federation__policy(policies: [["a"], ["b"]])
        }`,
        { federationDirectives },
      );
      const sdl = toFederationDirectives(schema);
      expect(definitionOf(sdl, 'Query')).toBe(
        'type Query { x: Int @auth(scope: "s", policy: "c") @authenticated @needs(scopes: [["s", "a"], ["s", "b"]]) @federation__policy(policies: [["c", "a"], ["c", "b"]]) }',
      );
    }
  });
});

describe('the links', () => {
  const linksOf = (sdl: string): string[] =>
    [
      ...sdl.matchAll(
        /@link\(url: "([^"]+)"(?:, import: \[([^\]]*)\])?|@((?:\w+__)?composeDirective)\(name: "(@\w+)"/g,
      ),
    ].map(([, url, names = '', compose = '', name = '']) =>
      url ? `${url} ${names}` : `${compose} ${name}`,
    );

  test.each([
    [
      'x: Int @auth(policy: "a") y: Int @public',
      [
        'https://specs.apollo.dev/federation/v2.6 "@key", "@external", "@composeDirective", "@authenticated", "@policy"',
        'https://graphql-resource-server.example/auth/v1.0 "@auth", "@public"',
        'composeDirective @auth',
        'composeDirective @public',
      ],
    ],
    [
      'x: Int @auth(scope: "s")',
      [
        'https://specs.apollo.dev/federation/v2.5 "@key", "@external", "@composeDirective", "@authenticated", "@requiresScopes"',
        'https://graphql-resource-server.example/auth/v1.0 "@auth"',
        'composeDirective @auth',
      ],
    ],
    // A name that is used with its prefix stays.
    [
      'x: Int @auth y: Int @federation__authenticated',
      [
        'https://specs.apollo.dev/federation/v2.5 "@key", "@external", "@composeDirective"',
        'https://graphql-resource-server.example/auth/v1.0 "@auth"',
        'composeDirective @auth',
      ],
    ],
  ])('%s', (fields, expected) => {
    const schema = createSubgraph(types(fields), { federationDirectives: 'ignore' });
    expect(linksOf(toFederationDirectives(schema))).toEqual(expected);
  });

  test('that are there stay as they are', () => {
    const schema = createSubgraph(
      `directive @link(url: String, as: String, for: String, import: [link__Import]) repeatable on SCHEMA
      directive @fed__composeDirective(name: String) repeatable on SCHEMA
      directive @authenticated(by: Int) on FIELD_DEFINITION
      scalar link__Import
      extend schema
        @link(url: "https://specs.apollo.dev/federation/v2.9", as: "fed")
        @link(url: "https://example.com/rules/v1.0", import: ["@auth"])
        @fed__composeDirective(name: "@auth")
      type Query { x: Int @auth y: Int @authenticated } type T { id: ID }`,
      { federationDirectives: 'ignore' },
    );
    const sdl = toFederationDirectives(schema);
    expect(linksOf(sdl)).toEqual([
      'https://specs.apollo.dev/federation/v2.9 ',
      'https://example.com/rules/v1.0 "@auth"',
      'fed__composeDirective @auth',
    ]);
    // The name is taken by a directive of another tool.
    expect(definitionOf(sdl, 'Query')).toBe(
      'type Query { x: Int @auth @fed__authenticated y: Int @authenticated }',
    );
  });
});

describe('errors', () => {
  const guarded = (text: string): GraphQLSchema => guardSchema(buildSchema(authDirectives + text));

  test.each([
    [
      'is not a subgraph, because it has no Query._service',
      () => guarded('type Query { x: Int @auth }'),
    ],
    [
      'does not link Apollo Federation 2',
      () => createSubgraph('type Query { x: Int @auth } type T { id: ID }'),
    ],
    [
      'If @auth is on the query type, it applies to _service too',
      () => createSubgraph(`${definitions} type Query @auth { x: Int } type T { id: ID }`),
    ],
    [
      'Query.x: its rules have more than 64 alternatives together',
      () => {
        const list = (name: string): string =>
          JSON.stringify(Array.from({ length: 9 }, (_, index) => `${name}${index}`));
        return createSubgraph(
          types(`x: R @auth(scope: ${list('a')})`, `union R @auth(scope: ${list('b')}) = T`),
        );
      },
    ],
    ['The schema is not guarded', () => buildSchema('type Query { x: Int }')],
  ])('%s', (message, create) => {
    expect(() => toFederationDirectives(create())).toThrow(message);
  });
});
