import {
  type ConstDirectiveNode,
  execute,
  GraphQLEnumType,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  specifiedDirectives,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import {
  accessRules,
  authDirective,
  authDirectives,
  type GuardSchemaOptions,
  guardSchema,
  publicDirective,
  SchemaRuleError,
} from '../../src/layer.ts';

/* Schemas that are written in code, where libraries put rules into `extensions`, `astNode`, or both. */

const directives = [...specifiedDirectives, authDirective, publicDirective];

/** What a library leaves on `Query.x`: the directives of its syntax node, and its extensions. */
interface Written {
  readonly sdl?: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

function parseDirectives(sdl: string): readonly ConstDirectiveNode[] {
  const [definition] = parse(`type T ${sdl}`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OBJECT_TYPE_DEFINITION) throw new Error('No type.');
  return (definition satisfies ObjectTypeDefinitionNode).directives ?? [];
}

function build({ sdl, extensions }: Written, defined = directives): GraphQLSchema {
  const name = { kind: Kind.NAME, value: 'x' } as const;
  const type = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: 'String' } } as const;
  return new GraphQLSchema({
    directives: defined,
    query: new GraphQLObjectType({
      name: 'Query',
      fields: {
        x: {
          type: GraphQLString,
          resolve: () => 'secret',
          extensions,
          astNode:
            sdl === undefined
              ? undefined
              : { kind: Kind.FIELD_DEFINITION, name, type, directives: parseDirectives(sdl) },
        },
        y: { type: GraphQLString, extensions: { directives: { auth: { scope: ['y'] } } } },
      },
    }),
  });
}

const policies = { p: () => true, q: () => true };

function problemsOf(schema: GraphQLSchema, options: GuardSchemaOptions = { policies }): string[] {
  try {
    guardSchema(schema, options);
  } catch (error) {
    if (!(error instanceof SchemaRuleError)) throw error;
    return error.problems.map(({ coordinate, message }) => `${coordinate}: ${message}`);
  }
  return [];
}

describe('the definitions as objects', () => {
  test('are those of authDirectives', () => {
    const texts = [authDirective, publicDirective].map(({ name, args, locations }) => ({
      name,
      args: args.map((arg) => `${arg.name}: ${arg.type}`),
      locations,
    }));
    for (const { name, args, locations } of texts) {
      expect(authDirectives).toContain(`directive @${name}`);
      for (const arg of args) expect(authDirectives).toContain(`  ${arg}\n`);
      expect(authDirectives).toContain(` on ${locations.join(' | ')}\n`);
    }
    expect(texts.map(({ name, args }) => [name, args.length])).toEqual([
      ['auth', 5],
      ['public', 0],
    ]);
  });

  test('can belong to several schemas', async () => {
    for (const scope of ['a', 'b']) {
      const schema = guardSchema(build({ extensions: { directives: { auth: { scope } } } }));
      const result = await execute({ schema, document: parse('{ x }'), contextValue: {} });
      expect(result.data).toEqual({ x: null });
      expect(accessRules(schema)[0]).toMatchObject({ scope: [scope] });
    }
  });

  test('are required, and the message says how to add them', () => {
    const schema = build({ extensions: { directives: { auth: {} } } }, [...specifiedDirectives]);
    expect(problemsOf(schema)[0]).toBe(
      'Query.x: uses @auth, which the schema does not define: add authDirectives to its SDL, or in code authDirective and publicDirective to its directives.',
    );
  });
});

describe('a rule in the syntax node and in the extensions', () => {
  test.each<[string, string, unknown]>([
    ['the same', '@auth(scope: ["a"])', { auth: { scope: ['a'] } }],
    [
      'one value and a list of one',
      '@auth(scope: "a")',
      [{ name: 'auth', args: { scope: ['a'] } }],
    ],
    ['without arguments', '@auth', { auth: true }],
    [
      'arguments in another order',
      '@auth(maxAge: 5, policy: "p")',
      { auth: { policy: 'p', maxAge: 5 } },
    ],
    [
      'two of them',
      '@auth(scope: "a") @auth(claims: "c")',
      { auth: [{ scope: 'a' }, { claims: 'c' }] },
    ],
    [
      'beside others',
      '@cost(value: 1) @auth(scope: "a")',
      { cost: { value: 2 }, auth: { scope: 'a' } },
    ],
    ['@public', '@public', { public: true }],
  ])('is read once: %s', (_name, sdl, written) => {
    const both = guardSchema(build({ sdl, extensions: { directives: written } }), { policies });
    const one = guardSchema(build({ extensions: { directives: written } }), { policies });
    expect(accessRules(both)).toEqual(accessRules(one));
  });

  test.each<[string, string, unknown]>([
    ['an unknown policy', '@auth(policy: "gone")', { auth: { policy: ['gone'] } }],
    ['a misspelled name', '@atuh', { atuh: {} }],
    ['an unknown argument', '@auth(scopes: "a")', { auth: { scopes: 'a' } }],
  ])('is reported once: %s', (_name, sdl, written) => {
    expect(problemsOf(build({ sdl, extensions: { directives: written } }))).toHaveLength(1);
  });

  test.each<[string, string, unknown]>([
    ['another scope', '@auth(scope: "a")', { auth: { scope: 'b' } }],
    ['more', '@auth(scope: "a")', { auth: { scope: 'a', policy: 'p' } }],
    ['less', '@auth(scope: "a", policy: "p")', { auth: { scope: 'a' } }],
    ['one of two', '@auth(scope: "a") @auth(policy: "p")', { auth: { scope: 'a' } }],
    ['two for one', '@auth(scope: "a")', { auth: [{ scope: 'a' }, { scope: 'a' }] }],
    ['@public', '@auth(scope: "a")', { public: true }],
    ['@public beside it', '@auth', { auth: true, public: true }],
  ])('is an error where they differ: %s', (_name, sdl, written) => {
    expect(problemsOf(build({ sdl, extensions: { directives: written } }))).toContain(
      'Query.x: has one rule in the directives of its SDL (astNode) and another in extensions.directives: write it in one place.',
    );
  });

  test.each<[string, Written]>([
    ['the extensions only', { sdl: '@cost', extensions: { directives: { auth: { scope: 'a' } } } }],
    [
      'the syntax node only',
      { sdl: '@auth(scope: "a")', extensions: { directives: { cost: {} } } },
    ],
  ])('is not needed: %s', (_name, written) => {
    expect(accessRules(guardSchema(build(written)))[0]).toMatchObject({ scope: ['a'] });
  });
});

describe('messages', () => {
  const rule = { auth: { scope: ['a'] } };
  test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    [
      'Pothos without its plugin',
      { pothosOptions: { directives: rule } },
      /^Query\.x: has a rule in the option directives, which Pothos does not read without its plugin: add @pothos\/plugin-directives, or write extensions: \{/,
    ],
    [
      'Pothos with a list',
      { pothosOptions: { directives: [{ name: 'auth', args: {} }] } },
      /plugin-directives/,
    ],
    [
      'Pothos with another rule, which is read',
      { pothosOptions: { directives: rule }, directives: { public: true } },
      /plugin-directives/,
    ],
    [
      'Nexus',
      { nexus: { config: { directives: rule } } },
      /^Query\.x: has a rule in the option directives, which Nexus does not read: write extensions: \{/,
    ],
  ])('say how to write it: %s', (_name, extensions, message) => {
    expect(problemsOf(build({ extensions }))).toEqual([expect.stringMatching(message)]);
  });

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['Pothos with its plugin', { pothosOptions: { directives: rule }, directives: rule }],
    ['Pothos options without a rule', { pothosOptions: { directives: { cost: {} } } }],
    ['Nexus options without a rule', { nexus: { config: { description: 'auth' } } }],
    ['an extension that is no object', { pothosOptions: 'auth', nexus: null }],
  ])('are not shown: %s', (_name, extensions) => {
    expect(problemsOf(build({ extensions }))).toEqual([]);
  });

  test.each<[string, Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>]>([
    ['Pothos', { pothosOptions: { values: { HIGH: { directives: rule } } } }, {}],
    [
      'Nexus',
      {},
      {
        nexus: {
          config: {
            types: [
              {
                levels: {
                  name: 'Level',
                  config: { members: ['LOW', { name: 'HIGH', directives: rule }] },
                },
              },
              { name: 'Removed', config: { directives: rule } },
            ],
          },
        },
      },
    ],
  ])('say how to write it on an enum value: %s', (_name, ofType, ofSchema) => {
    const level = new GraphQLEnumType({
      name: 'Level',
      values: { LOW: {}, HIGH: {} },
      extensions: ofType,
    });
    const query = new GraphQLObjectType({ name: 'Query', fields: { level: { type: level } } });
    expect(problemsOf(new GraphQLSchema({ query, directives, extensions: ofSchema }))).toEqual([
      expect.stringMatching(/^Level\.HIGH: has a rule in the option directives, which/),
    ]);
  });

  test('of a schema without rules and of an undecided field say where rules go in code', () => {
    const query = new GraphQLObjectType({
      name: 'Query',
      fields: { x: { type: GraphQLString } },
    });
    const schema = new GraphQLSchema({ query, directives });
    expect(problemsOf(schema)).toEqual([
      expect.stringContaining("extensions: { directives: { auth: { scope: ['…'] } } }"),
    ]);
    expect(problemsOf(schema, { requireRuleOn: 'root-fields' })).toEqual([
      'Query.x: has neither @auth nor @public: write extensions: { directives: { auth: {} } }, or { directives: { public: true } } (requireRuleOn: root-fields).',
    ]);
  });
});
