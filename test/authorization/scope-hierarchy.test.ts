import fc from 'fast-check';
import { buildSchema, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { anonymous } from '../../src/authentication/viewer.ts';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import type { Rule } from '../../src/authorization/directives/requirement.ts';
import {
  ScopeHierarchy,
  type ScopeImplications,
} from '../../src/authorization/directives/scope-hierarchy.ts';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';
import { findRefusals } from '../../src/authorization/operation/find-refusals.ts';
import { accessRules, listScopes } from '../../src/authorization/review/access-rules.ts';
import { isWeaker } from '../../src/authorization/review/compare-rules.ts';
import { explainOperation } from '../../src/authorization/review/explain-operation.ts';
import { formatRule } from '../../src/authorization/review/format-rule.ts';
import { findSmallestScope } from '../../src/authorization/rules/smallest-scope.ts';
import { buildApi } from '../../src/server/build-api.ts';
import { expectAccess } from '../../src/testing/expect-access.ts';
import { viewerWith } from '../../src/testing/viewer-with.ts';
import { createViewer, RulesApi } from '../support/rules-api.ts';
import { guardWithHierarchy } from '../support/rules-document-hierarchy.ts';

const scopeHierarchy: ScopeImplications = {
  admin: ['write', 'audit'],
  write: ['read'],
};
const types = `
  type Query {
    read: String @auth(scope: "read")
    write: String @auth(scope: "write")
    both: String @auth(scope: "read write other")
    either: String @auth(scope: ["read", "audit other"])
    unrelated: String @auth(scope: "other")
    notes: [Note] @auth(scope: "read")
  }
  type Note @auth(scope: "write") { text: String @auth(scope: "audit") }
`;

describe('a viewer with a scope has what it implies', () => {
  const data = { read: '1', write: '1', both: '1', either: '1', unrelated: '1', notes: [{}] };
  const api = new RulesApi(types, { scopeHierarchy, data });
  test.each<[held: string, operation: string, missing: string | undefined]>([
    ['read', '{ read }', undefined],
    ['write', '{ read }', undefined],
    ['admin', '{ read }', undefined],
    ['admin', '{ read write either }', undefined],
    ['admin other', '{ both }', undefined],
    ['admin', '{ notes { text } }', undefined],
    ['write other', '{ both }', undefined],
    ['write', '{ either }', undefined],
    // Never in the other direction.
    ['read', '{ write }', 'write'],
    ['audit', '{ read }', 'read'],
    // The scope that the rule requires, not one that implies it, and nothing that another one implies.
    ['', '{ read }', 'read'],
    ['', '{ both }', 'write other'],
    ['admin', '{ both }', 'write other'],
    ['', '{ either }', 'read'],
    ['', '{ read write }', 'write'],
    ['', '{ read audit: notes { text } }', 'write'],
    ['other', '{ read write either }', 'write'],
  ])('scopes "%s" %s: %s', async (held, operation, missing) => {
    const viewer = createViewer(held);
    for (const outcome of [
      await api.execute(operation, { viewer }),
      await api.executeDirectly(operation, { viewer }),
    ]) {
      expect(outcome.status).toBe(missing === undefined ? 200 : 403);
      expect(outcome.challenge?.match(/scope="([^"]*)"/)?.[1]).toBe(missing);
    }
  });

  test('the challenge for what only execution finds out has nothing redundant', async () => {
    const found = new RulesApi(
      `type Query { a: U b: U }
       union U = A | B | C
       type A @auth(scope: "read") { x: Int }
       type B @auth(scope: "write") { x: Int }
       type C { x: Int }`,
      {
        scopeHierarchy,
        refuse: 'operation',
        data: { a: { __typename: 'A' }, b: { __typename: 'B' } },
      },
    );
    const outcome = await found.execute('{ a { __typename } b { __typename } }', {
      viewer: createViewer('other'),
    });
    expect([outcome.status, outcome.challenge]).toEqual([
      403,
      expect.stringContaining('scope="write"'),
    ]);
  });
});

test('what the viewer has stays what the token has', async () => {
  const api = new RulesApi('type Query { scopes: String @auth(scope: "read", policy: "p") }', {
    scopeHierarchy,
    policies: { p: ({ viewer }) => [...viewer.scopes].join() === 'admin' },
    data: { scopes: 'yes' },
  });
  const outcome = await api.execute('{ scopes }', { viewer: createViewer('admin') });
  expect(outcome.data).toEqual({ scopes: 'yes' });
});

test('the example of the documentation', () => {
  const schema = guardWithHierarchy(
    buildSchema(`${authDirectives} type Query { a: Int @auth(scope: "messages:read audit") }`),
  );
  expectAccess(schema)
    .by({ admin: viewerWith({ scopes: ['admin'] }) })
    .toBe({ 'Query.a': ['admin'] });
});

describe('what describes the rules', () => {
  const guarded = (hierarchy?: ScopeImplications) =>
    guardSchema(buildSchema(`${authDirectives}\n${types}`), {
      ...(hierarchy ? { scopeHierarchy: hierarchy } : {}),
    });
  const schema = guarded(scopeHierarchy);

  test('metadata lists the scopes that imply others', () => {
    expect(listScopes(schema)).toEqual(['admin', 'audit', 'other', 'read', 'write']);
    expect(listScopes(guarded())).toEqual(['audit', 'other', 'read', 'write']);
  });

  test('the access table lists everything that is sufficient', () => {
    expect(
      Object.fromEntries(accessRules(schema).map((rule) => [rule.coordinate, formatRule(rule)])),
    ).toEqual({
      'Query.read': '@auth(scope: ["read", "admin", "write"])',
      'Query.write': '@auth(scope: ["write", "admin"])',
      'Query.both': '@auth(scope: ["write other", "admin other"])',
      'Query.either': '@auth(scope: ["read", "admin", "write", "audit other"])',
      'Query.unrelated': '@auth(scope: "other")',
      'Query.notes': '@auth(scope: ["write", "admin"])',
      'Note.text': '@auth(scope: ["write audit", "admin"])',
    });
  });

  test('a hierarchy makes rules weaker, so the review of a change finds it', () => {
    const before = new Map(accessRules(guarded()).map((rule) => [rule.coordinate, rule]));
    const weaker = accessRules(schema).filter((rule) => {
      const old = before.get(rule.coordinate);
      return old !== undefined && isWeaker(rule, old);
    });
    expect(weaker.map(({ coordinate }) => coordinate)).toEqual([
      'Query.read',
      'Query.write',
      'Query.both',
      'Query.either',
      'Query.notes',
      'Note.text',
    ]);
  });

  test('many implied scopes are listed one by one', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const wide = guardSchema(
      buildSchema(
        `${authDirectives} type Query { x: Int @auth(scope: ["${names.join(' ')}", "z"]) }`,
      ),
      { scopeHierarchy: Object.fromEntries(names.map((name) => [`all-${name}`, [name]])) },
    );
    const [rule] = accessRules(wide);
    expect(rule?.scope).toBeUndefined();
    expect(rule?.anyOf?.map(({ scope, allOf }) => scope ?? allOf?.map((one) => one.scope))).toEqual(
      [names.map((name) => [name, `all-${name}`]), ['z']],
    );
  });

  test('findRefusals, explain and expectAccess', () => {
    const document = parse('{ read unrelated }');
    const viewer = viewerWith({ scopes: ['admin'] });
    expect(findRefusals({ schema, document, viewer }).map(({ path }) => path)).toEqual([
      ['unrelated'],
    ]);
    const explained = explainOperation({ schema, document: parse('{ read write }'), viewer });
    expect(explained?.selections.map(({ verdict }) => verdict)).toEqual(['allowed', 'allowed']);
    expect(explained?.scope).toBe('write');
    expectAccess(schema)
      .by({ anonymous, viewer, writer: viewerWith({ scopes: ['write'] }) })
      .toContain({
        'Query.read': ['viewer', 'writer'],
        'Query.either': ['viewer', 'writer'],
        'Note.text': ['viewer'],
        'Query.unrelated': [],
      });
  });

  test('an API has it in its definition', () => {
    const api = buildApi({ typeDefs: [authDirectives, types], resolvers: {}, scopeHierarchy });
    expect(api.scopes).toContain('admin');
  });
});

describe('a hierarchy is refused that', () => {
  test.each<[string, object, string]>([
    [
      'has a cycle',
      { a: ['b'], b: ['x', 'c'], c: ['a'] },
      'scopeHierarchy has a cycle: a implies b implies c implies a. Remove one of them.',
    ],
    [
      'has a scope that implies itself',
      { a: ['a'] },
      'scopeHierarchy has a cycle: a implies a. Remove one of them.',
    ],
    [
      'has two scopes in one string',
      { a: ['b c'] },
      "scopeHierarchy: a must have a list of the scopes that it implies, such as ['read:messages'].",
    ],
    [
      'has a string in place of a list',
      { a: 'b' },
      "scopeHierarchy: a must have a list of the scopes that it implies, such as ['read:messages'].",
    ],
    [
      'names something that is not a scope',
      { 'a b': ['c'] },
      'scopeHierarchy: "a b" is not a scope, which has printable ASCII characters other than spaces, quotes and backslashes.',
    ],
    [
      'is a list',
      ['a'],
      "scopeHierarchy must be an object of lists, such as { 'admin:write': ['read:messages'] }.",
    ],
  ])('%s', (_, wrong, message) => {
    const schema = buildSchema(`${authDirectives} type Query { a: Int @auth }`);
    expect(() =>
      Reflect.apply(guardSchema, undefined, [schema, { scopeHierarchy: wrong }]),
    ).toThrow(new TypeError(message));
  });
});

test('the smallest scope is a way to meet the rule, nothing in it is redundant, and none is smaller', () => {
  const hierarchy = new ScopeHierarchy({ a: ['b', 'c'], d: ['c'] });
  const scope = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const alternative = fc.uniqueArray(scope, { minLength: 1, maxLength: 3 });
  const rules = fc
    .array(fc.array(alternative, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 5 })
    .map(
      (all): Rule =>
        all.map((scopes) => ({ coordinate: 'Q.f', scopes, hierarchy, claims: [], policies: [] })),
    );
  fc.assert(
    fc.property(rules, fc.uniqueArray(scope), (rule, has) => {
      const held = hierarchy.heldBy(new Set<string>(has));
      const found = findSmallestScope(rule, new Set(has))?.split(' ') ?? [];
      const cost = (way: ReadonlySet<string>): number =>
        [...hierarchy.withImplied(way)].filter((one) => !held.has(one)).length;
      const ways = rule.reduce<ReadonlySet<string>[]>(
        (known, { scopes = [] }) =>
          known.flatMap((way) => scopes.map((one) => new Set([...way, ...one]))),
        [new Set()],
      );
      const least = Math.min(...ways.map(cost));
      expect(cost(new Set(found))).toBe(least);
      const sufficient = hierarchy.heldBy(new Set(found));
      return (
        hierarchy.reduce(new Set(found)).size === found.length &&
        rule.every(({ scopes = [] }) =>
          scopes.some((one) => one.every((name) => sufficient.has(name))),
        )
      );
    }),
    { numRuns: 1_000, seed: 12 },
  );
});
