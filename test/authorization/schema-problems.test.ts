import { createRequire } from 'node:module';
import { makeExecutableSchema } from '@graphql-tools/schema';
import {
  buildASTSchema,
  buildSchema,
  execute,
  extendSchema,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  parse,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { schemaElements } from '../../src/authorization/directives/applied-directives.ts';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import {
  SchemaRuleError,
  type SchemaRuleProblem,
} from '../../src/authorization/directives/schema-rule-error.ts';
import {
  type GuardSchemaOptions,
  guardSchema,
} from '../../src/authorization/enforcement/guard-schema.ts';

/* No @auth is ever silently inert: what could not be enforced keeps the schema from being made. */

function problemsOf(
  schema: GraphQLSchema,
  options?: GuardSchemaOptions,
): readonly SchemaRuleProblem[] {
  try {
    guardSchema(schema, options);
  } catch (error) {
    if (error instanceof SchemaRuleError) return error.problems;
    throw error;
  }
  return [];
}

const sdl = (types: string, directives = authDirectives): GraphQLSchema =>
  buildASTSchema(parse(`${directives}\n${types}`), { assumeValidSDL: true });
const coordinates = (problems: readonly SchemaRuleProblem[]): string[] =>
  problems.map((problem) => problem.coordinate);

describe('one problem', () => {
  test.each([
    [
      'an unknown policy',
      'type Query { x: Int @auth(policy: "gone") }',
      'Query.x',
      /policy "gone".*add it/,
    ],
    [
      'an empty list',
      'type Query { x: Int @auth(scope: []) }',
      'Query.x',
      /scope must be a list of at least one/,
    ],
    [
      'an empty string',
      'type Query { x: Int @auth(scope: "") }',
      'Query.x',
      /scope must be a list/,
    ],
    [
      'an empty string among others',
      'type Query { x: Int @auth(claims: ["a", ""]) }',
      'Query.x',
      /claims must be a list/,
    ],
    [
      'an empty policy',
      'type Query { x: Int @auth(policy: []) }',
      'Query.x',
      /policy must be a list/,
    ],
    ['an empty acr', 'type Query { x: Int @auth(acr: []) }', 'Query.x', /acr must be a list/],
    ['null', 'type Query { x: Int @auth(scope: null) }', 'Query.x', /scope must be a list/],
    [
      'null in a list',
      'type Query { x: Int @auth(scope: ["a", null]) }',
      'Query.x',
      /scope must be a list/,
    ],
    ['null for maxAge', 'type Query { x: Int @auth(maxAge: null) }', 'Query.x', /maxAge must be/],
    [
      'a number for a scope',
      'type Query { x: Int @auth(scope: 1) }',
      'Query.x',
      /scope must be a list/,
    ],
    [
      'an enum value for a scope',
      'type Query { x: Int @auth(scope: admin) }',
      'Query.x',
      /scope must be a list/,
    ],
    [
      'a quote in a scope',
      String.raw`type Query { x: Int @auth(scope: "a\"b") }`,
      'Query.x',
      /RFC 6749/,
    ],
    [
      'a backslash in a scope',
      String.raw`type Query { x: Int @auth(scope: "a\\b") }`,
      'Query.x',
      /RFC 6749/,
    ],
    ['two spaces', 'type Query { x: Int @auth(scope: "a  b") }', 'Query.x', /one space/],
    ['a space in front', 'type Query { x: Int @auth(scope: " a") }', 'Query.x', /one space/],
    ['a tab', String.raw`type Query { x: Int @auth(scope: "a\tb") }`, 'Query.x', /RFC 6749/],
    [
      'a letter beyond ASCII',
      'type Query { x: Int @auth(scope: "lesen:bücher") }',
      'Query.x',
      /RFC 6749/,
    ],
    ['a space in acr', 'type Query { x: Int @auth(acr: "a b") }', 'Query.x', /acr value must not/],
    ['a negative maxAge', 'type Query { x: Int @auth(maxAge: -1) }', 'Query.x', /zero or more/],
    [
      'a maxAge with a fraction',
      'type Query { x: Int @auth(maxAge: 1.5) }',
      'Query.x',
      /zero or more/,
    ],
    ['a maxAge in words', 'type Query { x: Int @auth(maxAge: "1h") }', 'Query.x', /zero or more/],
    [
      'an unknown argument',
      'type Query { x: Int @auth(scopes: "a") }',
      'Query.x',
      /no argument "scopes"/,
    ],
    [
      'an argument in another case',
      'type Query { x: Int @auth(Scope: "a") }',
      'Query.x',
      /no argument "Scope"/,
    ],
    [
      'an argument given twice',
      'type Query { x: Int @auth(scope: "a", scope: "b") }',
      'Query.x',
      /more than once/,
    ],
    ['another case', 'type Query { x: Int @Auth }', 'Query.x', /write @auth/],
    ['a letter more', 'type Query { x: Int @auths }', 'Query.x', /write @auth/],
    ['a letter less', 'type Query { x: Int @aut(scope: "a") }', 'Query.x', /write @auth/],
    ['letters swapped', 'type Query { x: Int @atuh }', 'Query.x', /write @auth/],
    ['@public misspelt', 'type Query { x: Int @publc }', 'Query.x', /write @public/],
    ['a prefix', 'type Query { x: Int @rules__auth(scope: "a") }', 'Query.x', /write @auth/],
    [
      'the name of another tool, not defined',
      'type Query { x: Int @authz }',
      'Query.x',
      /or define @authz/,
    ],
    [
      '@public where another rule applies',
      'schema @auth { query: Query } type Query { x: Int @auth(scope: "a") @public }',
      'Query.x',
      /rule of Query.x still applies/,
    ],
    [
      '@public where the type has a rule',
      'type Query { x: T @public } type T @auth { s: Int }',
      'Query.x',
      /rule of T still applies/,
    ],
    ['@public on a type', 'type Query @public { x: Int }', 'Query', /fields only/],
    [
      '@public on an argument',
      'type Query { x(a: Int @public): Int }',
      'Query.x(a:)',
      /fields only/,
    ],
    [
      '@public with arguments',
      'type Query { x: Int @public(scope: "a") }',
      'Query.x',
      /no arguments/,
    ],
    [
      'acr values that exclude each other',
      'type Query { x: T @auth(acr: "a") } type T @auth(acr: "b") { s: Int }',
      'Query.x',
      /no token can meet/,
    ],
    [
      '@auth on an argument of a directive',
      'directive @d(a: Int @auth) on FIELD type Query { x: Int }',
      '@d(a:)',
      /would not be enforced/,
    ],
    [
      'a guarded type on a directive that operations use',
      'directive @d(e: [E!]) on FIELD type Query { x: Int } enum E { A @auth }',
      '@d(e:)',
      /would not be enforced/,
    ],
    [
      'a scalar of GraphQL’s own',
      'scalar String @auth type Query { x: Int y: String }',
      'String',
      /dropped/,
    ],
    [
      'on the schema',
      'schema @auth(scope: "") { query: Query } type Query { x: Int }',
      'schema { … }',
      /scope must be a list/,
    ],
    [
      'on an enum value',
      'type Query { x: E } enum E { A @auth(scope: "") }',
      'E.A',
      /scope must be a list/,
    ],
    [
      'on an input field',
      'type Query { x(i: I): Int } input I { a: Int @auth(scope: "") }',
      'I.a',
      /scope must be a list/,
    ],
    [
      'on an argument',
      'type Query { x(i: Int @auth(scope: "")): Int }',
      'Query.x(i:)',
      /scope must be a list/,
    ],
    [
      'on a type that nothing uses',
      'type Query { x: Int } type T @auth(scope: "") { s: Int }',
      'T',
      /scope must be a list/,
    ],
  ])('%s', (_name, types, coordinate, message) => {
    const problems = problemsOf(sdl(types));
    expect(coordinates(problems)).toContain(coordinate);
    expect(problems.find((problem) => problem.coordinate === coordinate)?.message).toMatch(message);
  });

  test('a maxAge beyond 32 bits', () => {
    expect(coordinates(problemsOf(sdl('type Query { x: Int @auth(maxAge: 3000000000) }')))).toEqual(
      ['Query.x'],
    );
  });
});

describe('the definition', () => {
  const query = 'type Query { x: Int @auth(scope: "a") }';
  const instead = (from: string | RegExp, to: string): string => authDirectives.replace(from, to);
  test.each([
    ['is missing', '', 'Query.x', /does not define/],
    ['lacks an argument', instead(/ {2}"Claims[^:]*: \[String!\]\n/, ''), '@auth', /differs/],
    ['has another argument', instead('maxAge: Int', 'maxAge: Int age: Int'), '@auth', /differs/],
    ['has another type', instead('scope: [String!]', 'scope: String'), '@auth', /differs/],
    ['has a default', instead('scope: [String!]', 'scope: [String!] = ["a"]'), '@auth', /differs/],
    ['has a location less', instead(' | INPUT_FIELD_DEFINITION', ''), '@auth', /differs/],
    ['has a location more', instead('on SCHEMA', 'on FIELD | SCHEMA'), '@auth', /differs/],
    ['is repeatable', instead(') on SCHEMA', ') repeatable on SCHEMA'), '@auth', /differs/],
    [
      'of @public has an argument',
      instead('@public on', '@public(a: Int) on'),
      '@public',
      /differs/,
    ],
    ['has another name', instead('@auth(', '@guard('), '@guard', /under another name/],
    ['has a name that is near', instead('@auth(', '@Auth('), '@Auth', /name it @auth/],
    ['has a prefix', instead('@auth(', '@rules__auth('), '@rules__auth', /under another name/],
    [
      'has another name and other locations',
      instead('@auth(', '@secured(').replace(/SCHEMA \| .*/, 'OBJECT | FIELD_DEFINITION'),
      '@secured',
      /under another name/,
    ],
    [
      'is there a second time, in another case and with less',
      `${authDirectives} directive @AUTH(scope: [String!]) on FIELD_DEFINITION`,
      '@AUTH',
      /name it @auth/,
    ],
    [
      'is there a second time, in another case and with nothing',
      `${authDirectives} directive @Auth on OBJECT`,
      '@Auth',
      /name it @auth/,
    ],
    [
      'is there a second time, misspelt and with less',
      `${authDirectives} directive @atuh(scope: [String!]) on FIELD_DEFINITION`,
      '@atuh',
      /name it @auth/,
    ],
    [
      'of @public is there under a name that is near',
      `${authDirectives} directive @pulbic on FIELD_DEFINITION`,
      '@pulbic',
      /name it @public/,
    ],
  ])('%s', (_name, directives, coordinate, message) => {
    const problems = problemsOf(sdl(query, directives));
    expect(problems.find((problem) => problem.coordinate === coordinate)?.message).toMatch(message);
  });

  test('other descriptions, another order and other directives are fine', () => {
    const bare = authDirectives
      .replace(/"""[^"]*"""\n/, '')
      .replace(/ {2}"[^"]*"\n/g, '')
      .replace('SCHEMA | OBJECT', 'OBJECT | SCHEMA');
    expect(bare).not.toBe(authDirectives);
    expect(
      problemsOf(sdl(`${query} directive @cost(value: Int) on FIELD_DEFINITION`, bare)),
    ).toEqual([]);
  });
});

test.each([
  '@authz(rules: [String!]!) on FIELD_DEFINITION',
  '@authz(scope: [String!]) on FIELD_DEFINITION',
  '@authn on OBJECT | FIELD_DEFINITION',
  '@oauth(scope: String!, provider: String) repeatable on FIELD_DEFINITION',
  '@auth0(scope: [String!]) on FIELD_DEFINITION',
  '@auths on FIELD_DEFINITION',
  '@author(name: String) on FIELD_DEFINITION',
  '@Auth(requires: Role = ADMIN) on FIELD_DEFINITION enum Role { ADMIN }',
  '@publish on FIELD_DEFINITION',
])('a directive of another tool is fine: directive %s', (definition) => {
  const [name] = /@\w+/.exec(definition) ?? [''];
  const given = definition.includes('String!')
    ? `${name}(${definition.includes('rules') ? 'rules' : 'scope'}: "a")`
    : name;
  const types = `directive ${definition} type Query { x: Int @auth(scope: "a") y: Int ${given} }`;
  expect(problemsOf(sdl(types))).toEqual([]);
  // That one is not enforced does not make a schema one with rules.
  const without = types.replace('@auth(scope: "a") y', 'y');
  expect(coordinates(problemsOf(sdl(without)))).toEqual(['schema { … }']);
});

describe('a schema in which no rule was found', () => {
  test.each([
    ['is one without', () => sdl('type Query { x: Int }')],
    ['is one with @public only', () => sdl('type Query { x: Int @public }')],
    ['is empty of definitions too', () => buildSchema('type Query { x: Int }')],
  ])('is refused, unless that is meant: it %s', (_name, make) => {
    expect(problemsOf(make())).toEqual([
      { coordinate: 'schema { … }', message: expect.stringMatching(/allowNoRules: true/) },
    ]);
    expect(problemsOf(make(), { allowNoRules: false })).toHaveLength(1);
    expect(problemsOf(make(), { allowNoRules: true })).toEqual([]);
  });
  test.each([
    'schema @auth { query: Query } type Query { x: Int @public }',
    'type Query { x(a: Int @auth): Int }',
    'type Query { x: E } enum E { A @auth }',
    'type Query { x(i: I): Int } input I { a: Int @auth }',
  ])('has none, not even one: %s', (types) => {
    expect(problemsOf(sdl(types))).toEqual([]);
  });
});

test('all problems are reported at once, with coordinates and fixes', () => {
  const schema = sdl(`
    type Query { a: Int @auth(scope: "") b(c: Int @auth(policy: "gone")): Int d: T @auths }
    type T @auth(maxAge: -1) { s: E }
    enum E { V @auth(who: "me") }
  `);
  expect(() => guardSchema(schema)).toThrow(SchemaRuleError);
  const problems = problemsOf(schema);
  expect(coordinates(problems).sort()).toEqual(['E.V', 'Query.a', 'Query.b(c:)', 'Query.d', 'T']);
  const message = new SchemaRuleError(problems).message;
  for (const { coordinate, message: text } of problems)
    expect(message).toContain(`${coordinate}: ${text}`);
});

describe('guardSchema itself', () => {
  test('refuses a schema of another copy of graphql, and what is no schema', () => {
    const text = 'type Query { x: Int }';
    const ownModules = createRequire(import.meta.url);
    const path = ownModules.resolve('graphql');
    const known = Object.entries(ownModules.cache).filter(([file]) => file.includes('/graphql/'));
    for (const [file] of known) delete ownModules.cache[file];
    const other: typeof import('graphql') = ownModules(path);
    for (const [file] of Object.entries(ownModules.cache)) {
      if (file.includes('/graphql/')) delete ownModules.cache[file];
    }
    for (const [file, module] of known) ownModules.cache[file] = module;
    expect(() => guardSchema(other.buildSchema(text))).toThrow(
      /comes from another copy of graphql .*: keep one in node_modules/,
    );
    expect(() => guardSchema(JSON.parse('"text"'))).toThrow(/requires a GraphQLSchema/);
  });

  test('refuses a schema that is guarded, and what is no policy or no option', () => {
    const schema = sdl('type Query { x: Int @auth }');
    const guarded = guardSchema(schema);
    expect(() => guardSchema(guarded)).toThrow(/already guarded/);
    expect(() => guardSchema(schema, { policies: { p: JSON.parse('"text"') } })).toThrow(
      /must be a function/,
    );
    expect(() => guardSchema(schema, { requireRuleOn: JSON.parse('"everything"') })).toThrow(
      /requireRuleOn/,
    );
    expect(() => guardSchema(schema, { allowNoRules: JSON.parse('"yes"') })).toThrow(
      /allowNoRules/,
    );
  });

  test('leaves the given schema as it was, and open fields their own resolvers', () => {
    const schema = sdl('type Query { open: Int closed: Int @auth } type Mutation { open: Int }');
    const resolve = (): number => 1;
    const fields = (one: GraphQLSchema) => one.getQueryType()?.getFields() ?? {};
    for (const field of Object.values(fields(schema))) field.resolve = resolve;
    const guarded = guardSchema(schema);
    expect(fields(guarded)['open']?.resolve).toBe(resolve);
    expect(fields(guarded)['closed']?.resolve).not.toBe(resolve);
    expect(fields(schema)['closed']?.resolve).toBe(resolve);
    expect(guarded.getMutationType()?.getFields()['open']?.resolve).toBeUndefined();
  });

  test('requireRuleOn: root-fields', () => {
    const options = { requireRuleOn: 'root-fields' } as const;
    const types = `
      type Query { decided: Int @auth open: Int @public byReturn: T undecided: Int }
      type Mutation { undecided: Int }
      type Subscription @auth { decided: Int }
      type T @auth { s: Int }
    `;
    expect(coordinates(problemsOf(sdl(types), options))).toEqual([
      'Query.undecided',
      'Mutation.undecided',
    ]);
    expect(problemsOf(sdl(types))).toEqual([]);
    expect(
      problemsOf(sdl(`schema @auth { query: Query } ${types.replace('byReturn: T', '')}`), options),
    ).toEqual([]);
  });
});

describe('requireRuleOn: all-fields', () => {
  const options = { requireRuleOn: 'all-fields' } as const;
  test.each<[string, string, string[]]>([
    [
      'fields of object types and interfaces',
      'type Query { a: T @auth b: Int @public } type T { c: Int d: Int @public } interface N { e: Int }',
      ['T.c', 'N.e'],
    ],
    ['not those of a type with a rule', 'type Query { a: T } type T @auth { c: Int }', []],
    [
      'not where the schema has one',
      'schema @auth { query: Query } type Query { a: T } type T { c: Int }',
      [],
    ],
    [
      'not those of input types and enums',
      'type Query { a(i: I): E @auth } input I { b: Int } enum E { F }',
      [],
    ],
    [
      'not where each possible type has one',
      'type Query { u: U v: V } union U = A union V = A | B type A @auth { c: Int } type B { d: Int @public }',
      ['Query.v'],
    ],
    [
      'not where each implementer has one',
      'type Query { n: N @public } interface N { c: Int d: Int } type A implements N { c: Int @auth d: Int @auth } type B implements N { c: Int @auth d: Int @public }',
      ['N.d'],
    ],
    [
      'where only an argument has one that can be left out',
      'type Query { a(x: Int @auth): Int b(x: Int! @auth): Int }',
      ['Query.a'],
    ],
  ])('%s', (_name, types, undecided) => {
    const problems = problemsOf(sdl(types), options);
    expect(coordinates(problems)).toEqual(undecided);
    for (const { message } of problems) expect(message).toMatch(/@public.*all-fields/);
  });
});

describe('code first', () => {
  const schema = (directives: unknown, type: 'field' | 'scalar' = 'field') => {
    const definitions = sdl('type Query { x: Int }').getDirectives();
    const given = { extensions: { directives } };
    const returned =
      type === 'scalar' ? new GraphQLScalarType({ name: 'ID', ...given }) : GraphQLString;
    return new GraphQLSchema({
      directives: definitions,
      query: new GraphQLObjectType({
        name: 'Query',
        fields: {
          x: { type: returned, resolve: () => 'secret', ...(type === 'field' ? given : {}) },
        },
      }),
    });
  };
  test.each([
    ['by name', { auth: { scope: ['a'] } }],
    ['by name, several', { auth: [{ scope: ['a'] }, { claims: 'c' }] }],
    ['a list', [{ name: 'auth', args: { scope: 'a', maxAge: 60 } }]],
    ['a list without arguments', [{ name: 'auth' }]],
    ['true', { auth: true }],
    ['beside others', { auth: {}, cost: new Map() }],
  ])('%s is read', async (_name, directives) => {
    const guarded = guardSchema(schema(directives));
    const result = await execute({ schema: guarded, document: parse('{ x }'), contextValue: {} });
    expect(result.data).toEqual({ x: null });
  });
  test.each([
    ['a Map', new Map([['auth', {}]])],
    ['text', '@auth'],
    ['a list of text', ['auth']],
    ['arguments as text', { auth: 'scope: "a"' }],
    ['arguments as a Map', { auth: new Map() }],
    ['arguments that are null', { auth: null }],
    ['a list item without a name', [{ auth: { scope: 'a' } }]],
    ['a name in another case', { Auth: {} }],
    ['an unknown argument', { auth: { scopes: ['a'] } }],
    ['an argument that is null', { auth: { scope: null } }],
    ['a Set of scopes', { auth: { scope: new Set(['a']) } }],
    ['an empty list', { auth: { scope: [] } }],
    ['no use at all', { auth: [] }],
    ['a missing use', { auth: [undefined] }],
    ['a use that is undefined', { auth: undefined }],
    ['an argument that is undefined', { auth: { scope: undefined } }],
    ['a list item with arguments', [{ name: 'auth', arguments: { scope: ['a'] } }]],
    ['a list item with an argument beside its name', [{ name: 'auth', scope: ['a'] }]],
    ['a list item with arg', [{ name: 'auth', arg: { policy: ['p'] } }]],
    ['a list item with args and more', [{ name: 'auth', args: {}, scope: ['a'] }]],
    ['a list item whose args are undefined', [{ name: 'auth', args: undefined }]],
    ['a list item of a class', [Object.create({ name: 'auth', args: { scope: ['a'] } })]],
    ['a syntax tree', [{ kind: 'Directive', name: { kind: 'Name', value: 'auth' } }]],
    ['a hidden use', Object.defineProperty({}, 'auth', { value: {} })],
    ['a hidden argument', { auth: Object.defineProperty({}, 'scope', { value: ['a'] }) }],
    ['hidden args', [Object.defineProperty({ name: 'auth' }, 'args', { value: { scope: ['a'] } })]],
  ])('%s is a problem', (_name, directives) => {
    expect(coordinates(problemsOf(schema(directives)))).toEqual(['Query.x']);
  });
  test('list items of other tools can have any members', () => {
    const directives = [{ name: 'auth' }, { name: 'cost', arguments: { value: 1 } }];
    expect(problemsOf(schema(directives))).toEqual([]);
  });
  const rule = { auth: { scope: ['a'] } };
  const bare = (extensions: object): GraphQLSchema => {
    const one = schema({ auth: {} });
    const query = one.getQueryType();
    if (!query) throw new Error('No query type.');
    Object.assign(query.extensions, extensions);
    return one;
  };
  test.each([
    ['auth', { scope: ['a'] }],
    ['auth', true],
    ['public', true],
    ['directive', rule],
    ['Directives', rule],
    ['direcitves', rule],
    ['@auth', {}],
    ['Auth', {}],
    ['atuh', {}],
    ['authDirective', { scope: ['a'] }],
    ['authDirectives', [{ scope: ['a'] }]],
    ['auth_directive', {}],
    ['directiveAuth', {}],
    ['astDirectives', rule],
    ['schemaDirectives', [{ name: 'auth' }]],
    ['directiveNodes', [{ kind: 'Directive', name: { kind: 'Name', value: 'public' } }]],
    ['directiveText', '@auth(scope: "a")'],
  ])('extensions.%s is an error, with the fix', (name, value) => {
    expect(problemsOf(bare({ [name]: value }))).toEqual([
      {
        coordinate: 'Query',
        message: expect.stringContaining(`has extensions.${name}, which is not read: write`),
      },
    ]);
  });
  test.each(['oauth', 'authz', 'author', 'complexity', 'auto', 'direction'])(
    'extensions.%s is of another tool',
    (name) => {
      expect(problemsOf(bare({ [name]: {} }))).toEqual([]);
    },
  );
  test.each([
    ['astDirectives', { cost: {} }],
    ['directiveNodes', [{ name: 'cost' }]],
    ['authScopes', { admin: true }],
  ])('extensions.%s without a directive of ours is of another tool', (name, value) => {
    expect(problemsOf(bare({ [name]: value }))).toEqual([]);
  });
  test.each<[string, object, string | undefined]>([
    ['inherited rules are read', Object.create({ directives: rule }), undefined],
    ['hidden rules are read', Object.defineProperty({}, 'directives', { value: rule }), undefined],
    ['an inherited extensions.auth is an error', Object.create({ auth: {} }), 'extensions.auth'],
    [
      'a hidden extensions.auth is an error',
      Object.defineProperty({}, 'auth', { value: {} }),
      'extensions.auth',
    ],
  ])('%s', async (_name, extensions, error) => {
    const one = schema({ auth: {} });
    const field = one.getQueryType()?.getFields()['x'];
    Object.assign(field ?? {}, { extensions });
    if (error === undefined) {
      const document = parse('{ x }');
      const result = await execute({ schema: guardSchema(one), document, contextValue: {} });
      expect(result.data).toEqual({ x: null });
    } else {
      expect(problemsOf(one).map(({ message }) => message)).toContainEqual(
        expect.stringContaining(error),
      );
    }
  });
  test('extensions.auth is an error everywhere', () => {
    const one = sdl(`
      directive @d(a: Int) on FIELD
      type Query { x(a: Int): E @auth }
      interface N { x: Int }
      union U = Query
      scalar S
      enum E { V }
      input I { a: Int }
    `);
    // Those of GraphQL.js belong to every schema.
    const shared =
      /^(Int|String|Boolean|@(auth|public|skip|include|deprecated|specifiedBy|oneOf)\b)/;
    const elements = [...schemaElements(one)].filter(({ coordinate }) => !shared.test(coordinate));
    for (const { element } of elements) Object.assign(element, { extensions: { auth: {} } });
    expect(coordinates(problemsOf(one)).sort()).toEqual([
      '@d',
      '@d(a:)',
      'E',
      'E.V',
      'I',
      'I.a',
      'N',
      'N.x',
      'Query',
      'Query.x',
      'Query.x(a:)',
      'S',
      'U',
      'schema { … }',
    ]);
  });
  test('a scalar that replaces GraphQL’s own is guarded', async () => {
    const guarded = guardSchema(schema({ auth: {} }, 'scalar'));
    const result = await execute({ schema: guarded, document: parse('{ x }'), contextValue: {} });
    expect(result.data).toEqual({ x: null });
  });
});

describe('definitions that tools have merged', () => {
  const made = (...typeDefs: string[]) =>
    problemsOf(
      makeExecutableSchema({ typeDefs: [authDirectives, 'type Query { q: Int }', ...typeDefs] }),
    );
  const lost = (coordinate: string) => [
    { coordinate, message: expect.stringMatching(/more than once|dropped/) },
  ];

  test.each([
    ['two strings', 'type T @auth(scope: "a") { s: Int }', 'extend type T @auth(scope: "b")', 'T'],
    [
      'two lists',
      'type T @auth(scope: ["a"]) { s: Int }',
      'extend type T @auth(scope: ["b"])',
      'T',
    ],
    [
      'two lists of which one holds the other',
      'type T @auth(scope: ["a", "b"]) { s: Int }',
      'extend type T @auth(scope: ["b"]) { t: Int }',
      'T',
    ],
    ['two ages', 'type T @auth(maxAge: 60) { s: Int }', 'extend type T @auth(maxAge: 600)', 'T'],
    ['two classes', 'type T @auth(acr: ["a"]) { s: Int }', 'extend type T @auth(acr: ["b"])', 'T'],
    [
      'two on a field',
      'type T { s: Int @auth(scope: "a") }',
      'type T { s: Int @auth(scope: "b") }',
      'T.s',
    ],
    [
      'two on an interface',
      'interface T @auth(scope: ["a"]) { s: Int }',
      'extend interface T @auth(scope: ["b"])',
      'T',
    ],
    [
      'two on an input type',
      'input T @auth(scope: ["a"]) { s: Int }',
      'extend input T @auth(scope: ["b"])',
      'T',
    ],
    [
      'two on an enum',
      'enum T @auth(scope: ["a"]) { A }',
      'extend enum T @auth(scope: ["b"])',
      'T',
    ],
    [
      'two on an enum value',
      'enum T { A @auth(scope: ["a"]) }',
      'enum T { A @auth(scope: ["b"]) }',
      'T.A',
    ],
    ['two on a scalar', 'scalar T @auth(scope: "a")', 'extend scalar T @auth(scope: "b")', 'T'],
    [
      'one of two on an argument',
      'type T { s(a: Int @auth): Int }',
      'type T { s(a: Int): Int t: Int }',
      'T.s(a:)',
    ],
  ])('%s', (_name, first, second, coordinate) => {
    // Either way round, in one text or in two.
    for (const texts of [[first, second], [`${first} ${second}`]]) {
      const problems = made(...texts);
      expect(problems.map((problem) => problem.coordinate)).toContain(coordinate);
      expect(problems).toEqual(expect.arrayContaining(lost(coordinate)));
    }
  });

  test('two on the schema', () => {
    const problems = made(
      'schema @auth(scope: ["a"]) { query: Query }',
      'extend schema @auth(scope: ["b"])',
    );
    expect(coordinates(problems)).toContain('schema { … }');
  });

  test.each([
    ['schema', 'schema @auth(scope: "a") { query: Query }'],
    ['extend schema', 'extend schema @auth(scope: "a")'],
  ])('%s, dropped', (_name, text) => {
    const whole = buildASTSchema(parse(`${authDirectives} type Query { x: Int @auth } ${text}`), {
      assumeValidSDL: true,
    });
    const config = { ...whole.toConfig(), astNode: undefined, extensionASTNodes: [] };
    expect(problemsOf(whole)).toEqual([]);
    expect(problemsOf(new GraphQLSchema(config))).toEqual(lost('schema { … }'));
  });

  test('an equivalent or stricter rule is accepted', () => {
    expect(
      made('type T @auth(scope: "a") { s: Int }', 'extend type T { t: Int @auth(scope: "b") }'),
    ).toEqual([]);
    expect(
      made('"Says @auth." type T { s: Int } # @auth @auth', 'extend type Query { t: T @auth }'),
    ).toEqual([]);
  });

  test('GraphQL.js itself rejects it, or keeps both', () => {
    const text = `${authDirectives} type Query { q: T } type T @auth(scope: "a") { s: Int }`;
    expect(() => buildSchema(`${text} extend type T @auth(scope: "b")`)).toThrow(
      /only be used once/,
    );
    const extended = extendSchema(buildSchema(text), parse('extend type T @auth(scope: "b")'), {
      assumeValidSDL: true,
    });
    expect(problemsOf(extended)).toEqual([]);
    expect(() => buildSchema('type Query { x: Int @auth }')).toThrow(/Unknown directive/);
    expect(() => makeExecutableSchema({ typeDefs: 'type Query { x: Int @auth }' })).toThrow(
      /Unknown directive/,
    );
    expect(() => buildSchema(`${authDirectives} type Query { x: Int @auth @auth }`)).toThrow(
      /only be used once/,
    );
    expect(() => buildSchema(`${authDirectives} type Query { x: Int @auth(a: 1) }`)).toThrow(
      /Unknown argument/,
    );
  });

  test('a scalar of GraphQL’s own that an extension guards', () => {
    const extended = extendSchema(
      buildSchema(`${authDirectives} type Query { q: Int }`),
      parse('extend scalar Int @auth extend type Query { r: Int }'),
    );
    expect(problemsOf(extended)).toEqual([
      { coordinate: 'Int', message: expect.stringMatching(/dropped/) },
    ]);
  });
});
