import {
  buildSchema,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  parse,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { anonymous, type Viewer } from '../../src/authentication/viewer.ts';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';
import { accessRules } from '../../src/authorization/review/access-rules.ts';
import type { AccessTerms } from '../../src/authorization/review/access-terms.ts';
import { isWeaker } from '../../src/authorization/review/compare-rules.ts';
import { formatRule } from '../../src/authorization/review/format-rule.ts';
import { expectAccess } from '../../src/testing/expect-access.ts';
import { viewerWith } from '../../src/testing/viewer-with.ts';
import { generatedCases } from '../support/generated-cases.ts';
import { Choices } from '../support/random-rules.ts';
import { evaluateReference, type ReferenceViewer } from '../support/rules-reference.ts';

const guard = (types: string): GraphQLSchema =>
  guardSchema(buildSchema(`${authDirectives}\n${types}`), { policies: { p: () => true } });
const listed = (types: string): Record<string, string> =>
  Object.fromEntries(accessRules(guard(types)).map((rule) => [rule.coordinate, formatRule(rule)]));

describe('the rules that accessRules returns', () => {
  test.each<[string, string, Readonly<Record<string, string>>]>([
    [
      'of a union whose members are all guarded',
      'type Query { u: U } union U = A | B type A @auth(scope: "a") { x: Int } type B @auth(scope: "b c") { x: Int }',
      { 'Query.u': '@auth(scope: ["a", "b c"])' },
    ],
    [
      'of a union of which one member is open',
      'type Query { u: U } union U = A | B type A @auth(scope: "a") { x: Int } type B { x: Int }',
      { 'Query.u': 'public' },
    ],
    [
      'of members that require other things than scopes',
      'type Query { u: U @auth(scope: "u") } union U = A | B | C type A @auth(policy: "p") { x: Int } type B @auth(acr: "gold", maxAge: 60) { x: Int } type C @auth(claims: "c") { x: Int }',
      {
        'Query.u':
          '@auth(scope: "u") and (@auth(policy: "p") or @auth(acr: "gold", maxAge: 60) or @auth(claims: "c"))',
      },
    ],
    [
      'of members of which one lets in everyone whom the others do',
      'type Query { u: U } union U = A | B | C type A @auth { x: Int } type B @auth(scope: "b") { x: Int } type C @auth(policy: "p") { x: Int }',
      { 'Query.u': '@auth' },
    ],
    [
      'of an interface whose implementers are all guarded, and of its fields',
      'type Query { n: N } interface N { x: Int } type A implements N @auth(scope: "a") { x: Int } type B implements N { x: Int @auth(scope: "b") }',
      { 'Query.n': 'public', 'N.x': '@auth(scope: ["a", "b"])' },
    ],
    [
      'of a field that is public in the interface only',
      'schema @auth { query: Query } type Query { n: N @public } interface N { x: Int @public } type A implements N { x: Int }',
      { 'Query.n': 'public', 'N.x': '@auth' },
    ],
    [
      'of an enum whose values are all guarded',
      'type Query { e: E f(e: E): Int g(e: E!): Int h(e: [E!]!): Int } enum E @auth(scope: "e") { A @auth(scope: "a") B @auth(scope: "b") }',
      {
        'Query.e': '@auth(scope: ["e a", "e b"])',
        'Query.f': 'public',
        'Query.f(e:)': '@auth(scope: "e")',
        'Query.g': '@auth(scope: ["e a", "e b"])',
        'Query.h': '@auth(scope: "e")',
        'E.A': '@auth(scope: "e a")',
      },
    ],
    [
      'of arguments that must be supplied',
      'type Query { f(a: Int! @auth(scope: "a")): Int g(a: Int! = 1 @auth(scope: "a")): Int i(i: I!): Int } input I { b: Int! @auth(scope: "b") c: Int @auth(scope: "c") d: J! } input J { e: Int! @auth(claims: "e") }',
      {
        'Query.f': '@auth(scope: "a")',
        'Query.f(a:)': '@auth(scope: "a")',
        'Query.g': 'public',
        'Query.g(a:)': '@auth(scope: "a")',
        'Query.i': '@auth(scope: "b", claims: "e")',
        'I.c': '@auth(scope: "c")',
        'J.e': '@auth(claims: "e")',
      },
    ],
    [
      'of inputs of which one member is chosen',
      'type Query { f(o: O!): Int g(o: P!): Int } input O @oneOf { a: Int @auth(scope: "a") b: Int @auth(policy: "p") c: O @auth } input P @oneOf { a: Int @auth b: Int }',
      { 'Query.f': '(@auth(scope: "a") or @auth(policy: "p"))', 'Query.g': 'public' },
    ],
  ])('%s', (_name, types, expected) => {
    expect(listed(types)).toMatchObject(expected);
  });

  test('lists fields, and arguments, input fields and enum values with rules of their own', () => {
    const types =
      'type Query { a(b: I, c: Int @auth): E } input I { d: Int e: Int @auth } enum E { F G @auth }';
    expect(Object.keys(listed(types))).toEqual(['Query.a', 'Query.a(c:)', 'I.e', 'E.G']);
  });

  test('where all that applies comes from', () => {
    const [rule] = accessRules(
      guard(
        'type Query { u: U @auth } union U = A | B type A @auth(policy: "p") { x: Int } type B @auth(scope: "b") { x: Int }',
      ),
    );
    expect(rule).toEqual({
      coordinate: 'Query.u',
      access: 'authenticated',
      anyOf: [
        { access: 'authenticated', policy: ['p'], from: ['A'] },
        { access: 'authenticated', scope: ['b'], from: ['B'] },
      ],
      from: ['Query.u', 'A', 'B'],
    });
  });
});

describe('rules that have many ways', () => {
  const scopes = (name: string, count: number): string =>
    JSON.stringify(Array.from({ length: count }, (_, index) => `${name}${index}`));
  const interfaces = (count: number, alternatives: number): string => {
    const names = Array.from({ length: count }, (_, index) => `I${index}`);
    const definitions = names.map(
      (name) => `interface ${name} @auth(scope: ${scopes(name, alternatives)}) { x: Int }`,
    );
    return `${definitions.join('\n')}\ntype Query { t: T } type T implements ${names.join(' & ')} { x: Int }`;
  };
  const sizeOf = (value: unknown): number => JSON.stringify(value).length;

  test('are multiplied out while they are few', () => {
    expect(listed(interfaces(2, 2))['Query.t']).toBe(
      '@auth(scope: ["I00 I10", "I01 I10", "I00 I11", "I01 I11"])',
    );
  });

  test.each([
    ['11 interfaces of 2', interfaces(11, 2), 11],
    ['4 interfaces of 12', interfaces(4, 12), 4],
    ['40 interfaces of 40', interfaces(40, 40), 40],
  ])('are listed one by one where they are many: %s', (_name, types, places) => {
    const rules = accessRules(guard(types));
    const rule = rules.find(({ coordinate }) => coordinate === 'Query.t');
    expect(rule).not.toHaveProperty('scope');
    expect(rule?.allOf).toHaveLength(places);
    expect(sizeOf(rules)).toBeLessThan(20 * sizeOf(types) * places);
  });

  test('keep what is needed in any case apart from the choices', () => {
    const types = `schema @auth(scope: "always") { query: Query } ${interfaces(11, 2).replace('t: T', 't: T @auth(claims: "c")')}`;
    const rule = accessRules(guard(types)).find(({ coordinate }) => coordinate === 'Query.t');
    expect(rule).toMatchObject({ scope: ['always'], claims: ['c'] });
    expect(rule?.allOf).toHaveLength(11);
  });

  test('are compared: no weakening passes, and nothing else is called one', () => {
    const at = (types: string): AccessTerms => {
      const found = accessRules(guard(types)).find(({ coordinate }) => coordinate === 'Query.t');
      if (!found) throw new Error('No Query.t.');
      return found;
    };
    for (const [count, alternatives] of [
      [11, 2],
      [4, 12],
    ] as const) {
      const before = at(interfaces(count, alternatives));
      expect(isWeaker(before, before)).toBe(false);
      expect(isWeaker(at(interfaces(count + 1, alternatives)), before)).toBe(false);
      expect(isWeaker(before, at(interfaces(count + 1, alternatives)))).toBe(true);
      expect(isWeaker(at(interfaces(count, alternatives + 1)), before)).toBe(true);
      expect(isWeaker(before, at(interfaces(count, alternatives + 1)))).toBe(false);
    }
  });
});

/* Generated: what the table says of a field is what examination and execution do with it. */

function auth(choices: Choices): string {
  return choices.of([
    '',
    '',
    ' @auth',
    ' @auth(scope: "a")',
    ' @auth(scope: ["a b", "c"])',
    ' @auth(claims: "k")',
    ' @auth(scope: "b", claims: "l")',
    ' @auth(acr: "gold")',
  ]);
}

function randomTypes(choices: Choices): string {
  const rarely = (): string => (choices.once(3) ? auth(choices) : '');
  const often = (): string => (choices.once(4) ? '' : auth(choices));
  const returned = (): string =>
    choices.of(['Int', 'E', '[E]', 'A', 'B', 'N', 'M', 'U', 'V', '[U]']);
  const argument = (): string => {
    const type = choices.of(['Int', 'Int!', 'Int! = 3', 'E', 'E!', '[E!]!', 'I', 'I!', 'O!', 'J!']);
    return `(x: ${type}${rarely()})`;
  };
  const field = (name: string, type: string, mayOpen = false): string =>
    `${name}${choices.once(2) ? argument() : ''}: ${type}${choices.once(2) ? auth(choices) : ''}${mayOpen && choices.once(6) ? ' @public' : ''}`;
  const names = ['f0', 'f1', 'f2', 'f3'];
  const shared = `s: ${returned()}`;
  return `
    schema${choices.once(4) ? auth(choices) : ''} { query: Query }
    type Query { ${names.map((name) => field(name, returned(), true)).join(' ')} a: A b: B n: N m: M }
    enum E${rarely()} { X${often()} Y${often()} }
    input I${rarely()} { r: Int!${rarely()} o: Int${rarely()} e: E!${rarely()} }
    input J { i: I!${rarely()} }
    input O @oneOf { a: Int${often()} e: E${often()} o: O${often()} }
    interface N${rarely()} { ${shared}${rarely()} }
    interface M { t: Int }
    union U${rarely()} = A | B
    union V = B
    type A implements N${often()} { ${shared}${rarely()} ${field('own', returned())} }
    type B implements N & M${often()} { ${shared}${rarely()} t: Int${often()} }
  `;
}

/** Every value of an input type that may matter, in GraphQL, without what can be left out. */
function valuesOf(type: GraphQLInputType, depth = 4): string[] {
  if (depth === 0) return [];
  if (!isNonNullType(type)) return ['null'];
  return nonNull(type.ofType, depth);
}

function nonNull(type: GraphQLInputType, depth: number): string[] {
  if (isNonNullType(type)) return nonNull(type.ofType, depth);
  if (isListType(type)) return ['[]'];
  if (isEnumType(type)) return type.getValues().map(({ name }) => name);
  if (!isInputObjectType(type)) return ['1'];
  const fields = Object.values(type.getFields());
  if (type.isOneOf) {
    return fields.flatMap((field) =>
      depth === 0
        ? []
        : nonNull(field.type, depth - 1).map((value) => `{ ${field.name}: ${value} }`),
    );
  }
  return fields
    .filter(isRequiredInputField)
    .reduce<string[]>(
      (made, field) =>
        made.flatMap((text) =>
          valuesOf(field.type, depth - 1).map((value) =>
            text.replace('}', `${field.name}: ${value} }`),
          ),
        ),
      ['{ }'],
    );
}

describe('the table matches the results of operations', () => {
  const viewers: Readonly<Record<string, ReferenceViewer | undefined>> = {
    anonymous: undefined,
    bare: { scopes: new Set(), claims: {} },
    some: { scopes: new Set(['a', 'b']), claims: { l: 1 } },
    other: { scopes: new Set(['c']), claims: { k: 1, acr: 'gold' } },
  };
  const asViewer = (viewer: ReferenceViewer | undefined): Viewer =>
    viewer ? viewerWith({ scopes: viewer.scopes, claims: viewer.claims }) : anonymous;

  /** Whether some selection of a root field gives a value that is not null, by the reference. */
  function gives(
    schema: GraphQLSchema,
    selection: readonly string[],
    path: readonly string[],
    viewer: ReferenceViewer | undefined,
  ): boolean {
    const objects = Object.values(schema.getTypeMap()).filter(
      (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'),
    );
    return selection.some((text) =>
      // Every type and every value that fields could return.
      [...objects.map(({ name }) => name)].some((typeName) =>
        ['X', 'Y'].some((value) => {
          const result = evaluateReference(
            {
              schema,
              now: 0,
              rootValue: { kind: 'Query' },
              value: (type) => valueFor(schema, type, typeName, value),
              typeOf: (object) => String(Reflect.get(Object(object), 'kind')),
              agrees: () => true,
              propagates: true,
            },
            { document: parse(text), variables: {}, viewer },
          );
          return !result.refused && !isNullAt(result.data, path);
        }),
      ),
    );
  }

  test('for random schemas and viewers', () => {
    const seeds = generatedCases(7);
    let guarded = 0;
    let compared = 0;
    for (let seed = 0; seed < seeds; seed += 1) {
      const types = randomTypes(new Choices(seed * 7919 + 13));
      let schema: GraphQLSchema;
      try {
        schema = guard(types);
      } catch {
        continue;
      }
      guarded += 1;
      const plain = buildSchema(`${authDirectives}\n${types}`);
      const query = schema.getQueryType();
      if (!query) throw new Error('No query type.');
      const access = expectAccess(schema);
      const rules = new Map(accessRules(schema).map((rule) => [rule.coordinate, rule]));
      for (const field of Object.values(query.getFields())) {
        const calls = field.args
          .filter(isRequiredArgument)
          .reduce<string[]>(
            (made, argument) =>
              made.flatMap((text) =>
                valuesOf(argument.type).map((value) => `${text}(${argument.name}: ${value})`),
              ),
            [field.name],
          );
        const named = getNamedType(field.type);
        const selections = calls.map(
          (call) => `{ ${call}${isCompositeType(named) ? ' { __typename }' : ''} }`,
        );
        const coordinate = `Query.${field.name}`;
        for (const [name, viewer] of Object.entries(viewers)) {
          const may = gives(plain, selections, [field.name], viewer);
          compared += 1;
          const about = `${types}\n${coordinate} ${name}`;
          expect(mayUse(access, coordinate, asViewer(viewer)), about).toBe(may);
          // Terms are what a reader sees of the same.
          const rule = rules.get(coordinate);
          expect(rule && meetsTerms(rule, viewer), about).toBe(may);
          if (viewer === undefined) expect(rule?.access === 'public', about).toBe(may);
        }
      }
      // The fields of an interface, through a field that returns it.
      for (const [through, name] of [
        ['n', 's'],
        ['m', 't'],
      ] as const) {
        const type = getNamedType(query.getFields()[through]?.type);
        if (!isInterfaceType(type)) throw new Error('No interface.');
        const inner = type.getFields()[name];
        const below = inner && isCompositeType(getNamedType(inner.type)) ? ' { __typename }' : '';
        for (const viewer of Object.values(viewers)) {
          if (!mayUse(access, `Query.${through}`, asViewer(viewer))) continue;
          const may = gives(plain, [`{ ${through} { ${name}${below} } }`], [through, name], viewer);
          const about = `${types}\n${type.name}.${name} ${JSON.stringify([...(viewer?.scopes ?? ['anonymous'])])}`;
          expect(mayUse(access, `${type.name}.${name}`, asViewer(viewer)), about).toBe(may);
        }
      }
    }
    expect(guarded).toBeGreaterThan(seeds / 2);
    expect(compared).toBeGreaterThan(seeds * 12);
  });
});

function mayUse(
  access: ReturnType<typeof expectAccess>,
  coordinate: string,
  viewer: Viewer,
): boolean {
  try {
    access.by({ viewer }).toContain({ [coordinate]: ['viewer'] });
    return true;
  } catch {
    return false;
  }
}

/** By the text of the documentation: everything that is stated applies. */
function meetsTerms(terms: AccessTerms, viewer: ReferenceViewer | undefined): boolean {
  if (terms.access === 'public') return true;
  if (viewer === undefined) return false;
  const { scope, claims = [], acr, anyOf, allOf = [] } = terms;
  return (
    (scope === undefined ||
      scope.some((one) => one.split(' ').every((each) => viewer.scopes.has(each)))) &&
    claims.every((claim) => viewer.claims[claim] !== undefined) &&
    (acr === undefined || acr.some((one) => one === viewer.claims['acr'])) &&
    (anyOf === undefined || anyOf.some((one) => meetsTerms(one, viewer))) &&
    allOf.every((one) => meetsTerms(one, viewer))
  );
}

function valueFor(
  schema: GraphQLSchema,
  type: Parameters<typeof getNamedType>[0],
  typeName: string,
  value: string,
): unknown {
  if (isNonNullType(type)) return valueFor(schema, type.ofType, typeName, value);
  if (isListType(type)) return [valueFor(schema, type.ofType, typeName, value)];
  if (isEnumType(type)) return value;
  if (isObjectType(type)) return { kind: type.name };
  if (!isCompositeType(type)) return 1;
  const possible = schema.getPossibleTypes(type).map(({ name }) => name);
  return { kind: possible.includes(typeName) ? typeName : possible[0] };
}

function isNullAt(data: unknown, path: readonly string[]): boolean {
  let at = data;
  for (const key of path) at = typeof at === 'object' && at !== null ? Reflect.get(at, key) : null;
  if (Array.isArray(at)) at = at[0];
  return at === null || at === undefined;
}
