import {
  buildClientSchema,
  buildSchema,
  executeSync,
  type GraphQLSchema,
  getIntrospectionQuery,
  getNamedType,
  type IntrospectionQuery,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  lexicographicSortSchema,
  parse,
  printSchema,
  validateSchema,
} from 'graphql';
import { describe, expect, it, test } from 'vitest';
import { anonymous, type Viewer } from '../../src/authentication/viewer.ts';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import type { Rule } from '../../src/authorization/directives/requirement.ts';
import { SchemaRuleError } from '../../src/authorization/directives/schema-rule-error.ts';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';
import { guardOf } from '../../src/authorization/operation/guard.ts';
import { findUnmet } from '../../src/authorization/rules/unmet.ts';
import { createSchemaFilter } from '../../src/authorization/visibility/filter-schema.ts';
import { findVisibleValidationErrors } from '../../src/authorization/visibility/visible-errors.ts';
import { generatedCases } from '../support/generated-cases.ts';
import { Choices, now, policyNames, randomSchema, randomViewer } from '../support/random-rules.ts';

const introspectionQuery = parse(
  getIntrospectionQuery({
    inputValueDeprecation: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    specifiedByUrl: true,
    oneOf: true,
  }),
);

/** What a client makes of what introspection returns. */
function clientSchema(schema: GraphQLSchema): GraphQLSchema {
  const { data, errors } = executeSync({ schema, document: introspectionQuery });
  expect(errors).toBeUndefined();
  return buildClientSchema(data as unknown as IntrospectionQuery);
}

/** The schema that a client of the viewer sees, in one order. */
function seen(text: string, viewer: Viewer = anonymous): string {
  const schema = guardSchema(buildSchema(`${authDirectives} ${text}`), {
    policies: { p: () => true },
  });
  const client = clientSchema(createSchemaFilter(schema)(viewer));
  expect(validateSchema(client)).toEqual([]);
  return inOrder(client);
}

function inOrder(schema: GraphQLSchema): string {
  return printSchema(lexicographicSortSchema(schema))
    .replaceAll(/"""[\s\S]*?"""/g, '')
    .replaceAll(/directive @auth\([\s\S]*?\) on .*|directive @public on .*/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function viewerWith(scopes: readonly string[], claims: Record<string, unknown> = {}): Viewer {
  return {
    kind: 'authenticated',
    id: 'someone',
    subject: 'someone',
    issuer: 'https://issuer.test/',
    scopes: new Set(scopes),
    claims,
    expiresAt: new Date(8.64e15),
  };
}

describe('what an anonymous viewer sees', () => {
  it.each<[string, string, string]>([
    [
      'an implementer that hides a field of its interface does not implement it',
      'type Query { n: N t: T u: U } interface N { id: ID s: Int } type T implements N { id: ID @auth s: Int } type U implements N { id: ID s: Int }',
      'type Query { n: N t: T u: U } interface N { id: ID s: Int } type T { s: Int } type U implements N { id: ID s: Int }',
    ],
    [
      'a field that the interface hides is hidden in each implementer',
      'type Query { n: N t: T } interface N { id: ID @auth s: Int } type T implements N { id: ID s: Int }',
      'type Query { n: N t: T } interface N { s: Int } type T implements N { s: Int }',
    ],
    [
      'an implementer that hides an argument does not implement the interface',
      'type Query { n: N t: T } interface N { f(a: Int): ID } type T implements N { f(a: Int @auth): ID }',
      'type Query { n: N t: T } interface N { f(a: Int): ID } type T { f: ID }',
    ],
    [
      'an argument that the interface hides is hidden in the implementer',
      'type Query { n: N t: T } interface N { f(a: Int @auth): ID } type T implements N { f(a: Int): ID }',
      'type Query { n: N t: T } interface N { f: ID } type T implements N { f: ID }',
    ],
    [
      'an interface is not implemented through one that is not',
      'type Query { m: M n: N t: T } interface N { id: ID } interface M implements N { id: ID s: Int } type T implements N & M { id: ID s: Int @auth }',
      'type Query { m: M n: N t: T } interface M implements N { id: ID s: Int } interface N { id: ID } type T implements N { id: ID }',
    ],
    [
      'an interface is not implemented without those that it implements',
      'type Query { m: M n: N t: T } interface N { f(a: Int): ID } interface M implements N { f(a: Int): ID s: Int } type T implements N & M { f(a: Int @auth): ID s: Int }',
      'type Query { m: M n: N t: T } interface M implements N { f(a: Int): ID s: Int } interface N { f(a: Int): ID } type T { f: ID s: Int }',
    ],
    [
      'a narrower return type that no longer is one ends the relation',
      'type Query { o: O p: P } interface N { id: ID s: Int } type T implements N { id: ID @auth s: Int } interface O { n: N } type P implements O { n: T }',
      'type Query { o: O p: P } interface N { id: ID s: Int } interface O { n: N } type P { n: T } type T { s: Int }',
    ],
    [
      'in whatever order they are defined',
      'interface O { n: N } type P implements O { n: T } interface N { id: ID s: Int } type T implements N { id: ID @auth s: Int } type Query { o: O p: P }',
      'type Query { o: O p: P } interface N { id: ID s: Int } interface O { n: N } type P { n: T } type T { s: Int }',
    ],
    [
      'what only something hidden leads to is hidden',
      'type Query { s: Int x: X @auth f(i: I @auth): Int u: U } type X { y: Y e: E } type Y { s: Int } enum E { A } scalar S input I { s: S j: J } input J { s: S } interface L { z: Z } type Z implements L { z: Z } union U = V type V { s: Int w: W @auth } type W { s: Int }',
      'type Query { s: Int f: Int u: U } type V { s: Int } union U = V',
    ],
    [
      'an interface without fields goes, and those who implement it stay',
      'type Query { t: T n: N } interface N { id: ID @auth } type T implements N { id: ID s: Int }',
      'type Query { t: T } type T { s: Int }',
    ],
    [
      'a union keeps the members that are left',
      'type Query { u: U } union U = A | B type A @auth { s: Int } type B { s: Int }',
      'type Query { u: U } type B { s: Int } union U = B',
    ],
    [
      'a union without members goes, with what returns it',
      'type Query { s: Int u: U x: X } union U = A type A { s: Int @auth } type X { u: U }',
      'type Query { s: Int }',
    ],
    [
      'types without fields go, through each other',
      'type Query { s: Int a: A } type A { b: B } type B { c: C } type C { s: Int @auth }',
      'type Query { s: Int }',
    ],
    [
      'an argument that must be sent takes its field along',
      'type Query { s: Int f(e: E!): Int g(e: E! = A): Int h(e: E): Int } enum E { A @auth }',
      'type Query { g: Int h: Int s: Int }',
    ],
    [
      'an input field that must be sent takes its type along, and that the next',
      'type Query { s: Int f(i: I!): Int g(i: I): Int } input I { j: J! } input J { s: Int! @auth t: Int }',
      'type Query { g: Int s: Int }',
    ],
    [
      'defaults that could name what is hidden are not shown',
      'type Query { f(e: E! = B, i: I = { e: B, l: [B] }, k: E = A): Int } enum E { A B @auth } input I { e: E = B l: [E!]! = [B] s: Int = 3 }',
      'type Query { f(e: E, i: I, k: E): Int } enum E { A } input I { e: E l: [E!] s: Int = 3 }',
    ],
    [
      'a default that one of interface and implementer has ends the relation where it is hidden',
      'type Query { n: N t: T } interface N { f(e: E!): Int } type T implements N { f(e: E! = B): Int } enum E { A B @auth }',
      'type Query { n: N t: T } enum E { A } interface N { f(e: E!): Int } type T { f(e: E): Int }',
    ],
    [
      'directives have no arguments of hidden types',
      'directive @d(e: E, s: Int) on OBJECT directive @r(e: E!) on OBJECT type Query { s: Int } enum E { A @auth }',
      'directive @d(s: Int) on OBJECT type Query { s: Int }',
    ],
    [
      'a query type without fields says so',
      'type Query { s: Int @auth } type Mutation { s: Int @auth }',
      'type Query { _empty: Boolean }',
    ],
    [
      'a query type without fields implements nothing and is returned nowhere',
      'schema { query: Query mutation: Mutation } interface N { s: Int } type Query implements N { s: Int @auth } type Mutation { p: P n: N } type P { query: Query s: Int }',
      'type Query { _empty: Boolean } type Mutation { p: P n: N } interface N { s: Int } type P { s: Int }',
    ],
    [
      'deprecated elements stay deprecated',
      'type Query { f(a: Int @deprecated(reason: "x"), e: E! = B @deprecated(reason: "y")): Int @deprecated(reason: "z") } enum E { A @deprecated(reason: "w") B @auth }',
      'type Query { f(a: Int @deprecated(reason: "x"), e: E @deprecated(reason: "y")): Int @deprecated(reason: "z") } enum E { A @deprecated(reason: "w") }',
    ],
    [
      'one-of input types keep what is left',
      'type Query { f(i: I): Int } input I @oneOf { a: Int @auth b: Int }',
      'type Query { f(i: I): Int } input I @oneOf { b: Int }',
    ],
    [
      'scalars say where they are specified, unless they are hidden',
      'scalar Open @specifiedBy(url: "https://open.test/") scalar Closed @auth type Query { o: Open c: Closed }',
      'type Query { o: Open } scalar Open @specifiedBy(url: "https://open.test/")',
    ],
    [
      'what only a policy or a new sign-in decides stays for those who are signed in alone',
      'type Query { s: Int p: Int @auth(policy: "p") m: Int @auth(maxAge: 60) }',
      'type Query { s: Int }',
    ],
  ])('%s', (_, text, expected) => {
    expect(seen(text)).toBe(inOrder(buildSchema(expected)));
  });

  it('a viewer who meets every rule sees everything that can be reached', () => {
    const text =
      'type Query { n: N u: U f(i: I! = { e: B }): Int } interface N { id: ID } type T implements N { id: ID @auth(scope: "a") } union U = T enum E { A B @auth(scope: "a") } input I { e: E = B @auth }';
    const expected =
      'type Query { n: N u: U f(i: I! = { e: B }): Int } enum E { A B } input I { e: E = B } interface N { id: ID } type T implements N { id: ID } union U = T';
    expect(seen(text, viewerWith(['a']))).toBe(inOrder(buildSchema(expected)));
  });
});

test('the quadratic validation rule runs on small documents only', () => {
  let asked = 0;
  const rule = {
    OverlappingFieldsCanBeMergedRule: () => {
      asked += 1;
      return {};
    },
  }.OverlappingFieldsCanBeMergedRule;
  const schema = buildSchema('type Query { s: Int }');
  for (const [fields, times] of [
    [200, 1],
    [201, 1],
    [1, 2],
  ] as const) {
    const document = parse(`{ ${'s '.repeat(fields - 1)} ...F } fragment F on Query { s }`);
    findVisibleValidationErrors(schema, document, [rule]);
    expect(asked).toBe(times);
  }
});

describe('for every schema and every viewer', () => {
  const policies = Object.fromEntries(policyNames.map((name) => [name, () => true]));

  test('introspection returns a valid schema without anything that a rule hides', () => {
    const seeds = generatedCases(10);
    let schemas = 0;
    let hidden = 0;
    for (let seed = 0; seed < seeds; seed += 1) {
      const choices = new Choices(seed);
      const text = seed % 2 === 0 ? randomSchema(choices, true) : tangledSchema(choices);
      const guarded = guardedOrUndefined(text);
      if (guarded === undefined) continue;
      schemas += 1;
      const schemaFor = createSchemaFilter(guarded);
      const whole = Object.keys(guarded.getTypeMap()).length;
      for (let index = 0; index < 2; index += 1) {
        const random = randomViewer(choices);
        const viewer = random ? viewerWith([...random.scopes], random.claims) : anonymous;
        const client = clientSchema(schemaFor(viewer));
        const problems = [...validateSchema(client), ...refusedElements(client, guarded, viewer)];
        if (problems.length > 0) {
          const who = random ? [...random.scopes].join(' ') : 'anonymous';
          throw new Error(`seed ${seed} ${who}\n${problems.join('\n')}\n${printSchema(client)}`);
        }
        if (Object.keys(client.getTypeMap()).length < whole) hidden += 1;
      }
    }
    expect(schemas).toBeGreaterThan(seeds / 3);
    expect(hidden).toBeGreaterThan(seeds / 3);
  });

  function guardedOrUndefined(text: string): GraphQLSchema | undefined {
    const schema = buildSchema(text);
    if (validateSchema(schema).length > 0) return undefined;
    try {
      return guardSchema(schema, { policies, now: () => now * 1000 });
    } catch (error) {
      // @public where another rule applies, or no rule at all: the random schema is not enforceable.
      if (error instanceof SchemaRuleError) return undefined;
      throw error;
    }
  }
});

/** The elements of a client's schema that the viewer may not use. */
function refusedElements(client: GraphQLSchema, guarded: GraphQLSchema, viewer: Viewer): string[] {
  const { rules } = guardOf(guarded);
  const refused: string[] = [];
  const check = (coordinate: string, rule: Rule = []): void => {
    const kind = findUnmet(rule, viewer, () => now * 1000)?.kind;
    if (kind !== undefined && kind !== 'step-up') refused.push(coordinate);
  };
  for (const type of Object.values(client.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    // Introspection starts there, even where nothing of it may be used.
    if (isObjectType(type) && type.getFields()['_empty']) continue;
    check(type.name, rules.type(type.name));
    const whole = guarded.getType(type.name);
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const { name, args, type: returned } of Object.values(type.getFields())) {
        const { rule, anyOf, inputs } = rules.field(type.name, name);
        check(`${type.name}.${name}`, rule);
        check(`${type.name}.${name}`, rules.type(getNamedType(returned).name));
        const isOpen =
          anyOf.length === 0 ||
          anyOf.some((one) => {
            const kind = findUnmet(one, viewer, () => now * 1000)?.kind;
            return kind === undefined || kind === 'step-up';
          });
        if (!isOpen) refused.push(`${type.name}.${name}`);
        for (const argument of args) {
          check(`${type.name}.${name}(${argument.name}:)`, inputs.get(argument.name)?.rule);
        }
      }
    } else if (isInputObjectType(type) && isInputObjectType(whole)) {
      for (const name of Object.keys(type.getFields())) {
        check(`${type.name}.${name}`, rules.inputFields(whole).get(name)?.rule);
      }
    } else if (isEnumType(type) && isEnumType(whole)) {
      for (const { name } of type.getValues()) {
        check(`${type.name}.${name}`, rules.enumValues(whole)?.get(name));
      }
    } else if (isUnionType(type)) {
      for (const member of type.getTypes()) check(member.name, rules.type(member.name));
    }
  }
  return refused;
}

/** Interfaces of interfaces, narrower return types, arguments that must be sent, defaults. */
function tangledSchema(choices: Choices): string {
  const auth = (rarity: number): string =>
    choices.once(rarity)
      ? ` @auth${choices.of(['', '(scope: "a")', '(scope: "b")', '(claims: "k")'])}`
      : '';
  const rare = choices.of([3, 5, 9]);
  const argument = choices.of([
    'e: E! = B',
    'e: E!',
    'i: In = { e: B }',
    'i: In! = { e: A }',
    'l: [[E!]!] = [[B]]',
    'i: In!',
    'n: Int',
  ]);
  const other = choices.of(['e: E! = B', 'e: E!', 'i: In! = { e: B }', 'x: Int = 1']);
  const give = (extra: string): string => (choices.once(2) ? extra : '');
  const narrowed = choices.of(['I0', 'I1', 'T0', 'T1']);
  const wide = choices.of(['I0', 'U']);
  const f = (of: string): string =>
    `f(${argument}${auth(rare)}${give(`, ${of === 'T' ? 'o' : 'p'}: Int = 3${auth(rare)}`)}): ${'Int'}${auth(rare)}`;
  const first = `id: ID${auth(rare)} up: ${wide}${auth(rare)}`;
  const fieldsOf = (name: string, up: string, extra: string): string =>
    `id: ID${auth(rare)} up: ${up}${auth(rare)} ${extra} ${give(`own${name}: E${auth(rare)}`)}`;
  const withArgument = `g(${argument}): Int`;
  const guardedArgument = (): string => `g(${argument}${auth(rare)}): Int${auth(rare)}`;
  return `${authDirectives}
    directive @cost(${other}) on FIELD_DEFINITION
    type Query { t0: T0${auth(rare)} t1: T1${auth(rare)} i0: I0${auth(rare)} i1: I1 u: U${auth(rare)} ${f('Q')} q: Int${auth(rare)} }
    type Mutation { back: Query${auth(rare)} t: T1 }
    interface I0${auth(9)} { ${first} }
    interface I1 implements I0${auth(9)} { ${fieldsOf('I1', wide, withArgument)} }
    type T0 implements I0${auth(9)} { ${fieldsOf('T0', narrowed === 'T1' && wide === 'U' ? 'T1' : wide === 'U' ? 'U' : narrowed, '')} }
    type T1 implements I0 & I1${auth(9)} { ${fieldsOf('T1', wide === 'U' ? choices.of(['U', 'T0', 'T1']) : choices.of(['I0', 'I1', 'T0', 'T1']), guardedArgument())} }
    union U${auth(9)} = T0 | T1
    enum E { A${auth(rare)} B${auth(rare)} }
    input In { e: E = B${auth(rare)} ${give(`must: Int!${auth(rare)}`)} in: In${auth(rare)} ${give('es: [E!]! = [A, B]')} }`;
}
