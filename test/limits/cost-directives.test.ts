import { readFileSync } from 'node:fs';
import {
  type ASTNode,
  buildSchema,
  GraphQLInt,
  GraphQLList,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  Kind,
  parse,
  print,
  printSchema,
  specifiedDirectives,
  visit,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import {
  CostDirectiveError,
  type CostDirectiveProblem,
  costDirective,
  costDirectives,
  listSizeDirective,
  measureOperation,
} from '../../src/index.ts';

function problemsOf(schema: GraphQLSchema): readonly CostDirectiveProblem[] {
  try {
    measureOperation({ schema, document: parse('{ __typename }') });
    return [];
  } catch (error) {
    if (error instanceof CostDirectiveError) return error.problems;
    throw error;
  }
}

const build = (types: string, definitions = costDirectives): GraphQLSchema =>
  buildSchema(`${definitions}\n${types}`, { assumeValidSDL: true });

const page = 'type Page { items: [Int] size: Int }';

describe('what cannot be applied is a problem', () => {
  it.each([
    // Weights.
    ['type Query { a: Int @cost(weight: "-1") }', 'Query.a', 'a weight from 0'],
    ['type Query { a: Int @cost(weight: "many") }', 'Query.a', 'a weight from 0'],
    ['type Query { a: Int @cost(weight: "1e3") }', 'Query.a', 'a weight from 0'],
    ['type Query { a: Int @cost(weight: "") }', 'Query.a', 'a weight from 0'],
    ['type Query { a: Int @cost(weight: -2) }', 'Query.a', 'a weight from 0'],
    ['type Query { a: Int @cost }', 'Query.a', 'a weight from 0'],
    ['type Query { a: Int @cost(wait: "2") }', 'Query.a', '@cost has no argument wait: weight.'],
    ['type Query { a: Int @cost(weight: "1") @cost(weight: "2") }', 'Query.a', 'more than once'],
    // Where they have no effect.
    ['interface A @cost(weight: "1") { a: Int } type Query { a: Int }', 'A', 'no effect here'],
    ['union A @cost(weight: "1") = Query type Query { a: Int }', 'A', 'no effect here'],
    ['input A @cost(weight: "1") { a: Int } type Query { a(b: A): Int }', 'A', 'no effect here'],
    ['enum A { B @cost(weight: "1") } type Query { a: A }', 'A.B', 'no effect here'],
    [
      'interface A { a: Int @cost(weight: "1") } type Query implements A { a: Int }',
      'A.a',
      'no effect on a field of an interface',
    ],
    // List sizes.
    [
      'type Query { a: Int @listSize(assumedSize: 3) }',
      'Query.a',
      'is on a field that returns no list',
    ],
    ['type Query { a: [Int] @listSize }', 'Query.a', 'says no size'],
    ['type Query { a: [Int] @listSize(assumedSize: -3) }', 'Query.a', 'whole number from 0'],
    ['type Query { a: [Int] @listSize(assumedSize: "3") }', 'Query.a', 'whole number from 0'],
    ['type Query { a: [Int] @listSize(size: 3) }', 'Query.a', '@listSize has no argument size'],
    [
      'type Query { a: [Int] @listSize(slicingArguments: ["first"]) }',
      'Query.a',
      'names the slicing argument first, which the field does not have',
    ],
    [
      'type Query { a(first: Float): [Int] @listSize(slicingArguments: ["first"]) }',
      'Query.a',
      'names the slicing argument first, which must be an Int or a list',
    ],
    [
      'type Query { a(first: Int): [Int] @listSize(slicingArguments: []) }',
      'Query.a',
      'must have a list of names as slicingArguments',
    ],
    [
      'type Query { a(first: Int): [Int] @listSize(slicingArguments: ["first"], assumedSize: 3) }',
      'Query.a',
      'has an assumedSize that never counts',
    ],
    [
      'type Query { a(first: Int = 2): [Int] @listSize(slicingArguments: ["first"], assumedSize: 3, requireOneSlicingArgument: false) }',
      'Query.a',
      'has an assumedSize that never counts',
    ],
    [
      'type Query { a(first: Int): [Int] @listSize(slicingArguments: ["first"], requireOneSlicingArgument: "no") }',
      'Query.a',
      'true or false',
    ],
    [
      `${page} type Query { a: Page @listSize(assumedSize: 3, sizedFields: ["nodes"]) }`,
      'Query.a',
      'names the sized field nodes, which Page does not have',
    ],
    [
      `${page} type Query { a: Page @listSize(assumedSize: 3, sizedFields: ["size"]) }`,
      'Query.a',
      'names the sized field size, which does not return a list',
    ],
    [
      'type Query { a(b: Int @listSize(assumedSize: 3)): Int }',
      'Query.a(b:)',
      '@listSize has no effect here: it is for fields.',
    ],
  ])('%s', (types, coordinate, message) => {
    expect(problemsOf(build(types))).toEqual([
      { coordinate, message: expect.stringContaining(message) },
    ]);
  });

  it('a directive that the schema does not define', () => {
    const schema = build('type Query { a: Int @cost(weight: "2") }', '');
    expect(problemsOf(schema)).toMatchObject([
      { coordinate: 'Query.a', message: expect.stringContaining('does not define') },
    ]);
  });

  it('an entry of extensions.directives that cannot be read', () => {
    const query = new GraphQLObjectType({
      name: 'Query',
      fields: { a: { type: GraphQLInt, extensions: { directives: { cost: 5 } } } },
    });
    const schema = new GraphQLSchema({ query, directives: [costDirective] });
    expect(problemsOf(schema)).toMatchObject([
      { coordinate: 'Query.a', message: expect.stringContaining('cannot be read') },
    ]);
  });
});

describe('what can be applied is not', () => {
  it.each([
    ['type Query { a: Int }'],
    ['type Query { a: Int @cost(weight: "0") b: Int @cost(weight: "2.5") }'],
    ['type Query @cost(weight: "2") { a(b: Int @cost(weight: "1")): Int }'],
    ['type Query { a: [Int] @listSize(assumedSize: 0) }'],
    [
      `${page} type Query { a(n: Int!): Page @listSize(slicingArguments: "n", sizedFields: "items") }`,
    ],
  ])('%s', (types) => {
    expect(problemsOf(build(types))).toEqual([]);
  });

  it.each([
    [
      'of Apollo Federation',
      'directive @cost(weight: Int!) on FIELD_DEFINITION',
      '@cost(weight: 7)',
      7,
    ],
    // It is ignored.
    [
      'of another tool',
      'directive @cost(complexity: Int) on FIELD_DEFINITION',
      '@cost(complexity: -7)',
      0,
    ],
  ])('a definition %s', (_name, definition, use, cost) => {
    const schema = build(`type Query { a: Int ${use} }`, definition);
    expect(measureOperation({ schema, document: parse('{ a }') })?.cost).toBe(cost);
  });
});

describe('schemas that are written in code', () => {
  const book = new GraphQLObjectType({
    name: 'Book',
    fields: { title: { type: GraphQLString } },
    extensions: { directives: { cost: { weight: '2.5' } } },
  });
  const query = new GraphQLObjectType({
    name: 'Query',
    fields: {
      books: {
        type: new GraphQLList(book),
        args: {
          first: { type: GraphQLInt, defaultValue: 4 },
          query: { type: GraphQLString, extensions: { directives: { cost: { weight: 3 } } } },
        },
        extensions: { directives: [{ name: 'listSize', args: { slicingArguments: ['first'] } }] },
      },
    },
  });
  const schema = new GraphQLSchema({
    query,
    directives: [...specifiedDirectives, costDirective, listSizeDirective],
  });

  it.each([
    ['{ books { title } }', 10],
    ['{ books(first: 2, query: "q") { title } }', 8],
  ])('%s', (operation, cost) => {
    expect(measureOperation({ schema, document: parse(operation) })?.cost).toBe(cost);
  });
});

it('takes a size from an interface that declares it', () => {
  const schema = build(`
    interface Shelf { books(first: Int): [Shelf] @listSize(slicingArguments: ["first"]) }
    type Query implements Shelf { books(first: Int): [Shelf] }
  `);
  const document = parse('{ books(first: 3) { books(first: 4) { __typename } } }');
  // The weight of a shelf is that of the type that costs most.
  expect(measureOperation({ schema, document })?.cost).toBe(15);
});

describe('a list of an interface is as long as the longest of its objects', () => {
  const query = 'type Query { shelf: Shelf } type Book @cost(weight: "1") { title: String }';
  const first = (size: string): string =>
    `books(first: Int = ${size}): [Book] @listSize(slicingArguments: ["first"])`;
  it.each([
    [
      'some of which declare no size',
      `interface Shelf { books: [Book] }
       type Small implements Shelf { books: [Book] @listSize(assumedSize: 2) }
       type Other implements Shelf { books: [Book] }`,
      10,
    ],
    [
      'all of which declare a size',
      `interface Shelf { books: [Book] }
       type Small implements Shelf { books: [Book] @listSize(assumedSize: 2) }
       type Other implements Shelf { books: [Book] @listSize(assumedSize: 4) }`,
      4,
    ],
    [
      'whose arguments have defaults of their own',
      `interface Shelf { ${first('2')} }
       type Large implements Shelf { ${first('50')} }
       type Small implements Shelf { ${first('3')} }`,
      50,
    ],
  ])('%s', (_name, types, size) => {
    const document = parse('{ shelf { books { title } } }');
    expect(measureOperation({ schema: build(`${query} ${types}`), document })?.cost).toBe(size + 1);
  });
});

it('counts an entity for each representation that a router or a client asks for', () => {
  const schema = build(`
    scalar _Any
    union _Entity = Book
    type Book { title: String }
    type Query { _entities(representations: [_Any!]!): [_Entity]! }
  `);
  const selected = '{ ... on Book { title } }';
  const costOf = (text: string, variables = {}) =>
    measureOperation({ schema, document: parse(text), variables })?.cost;
  expect(costOf(`{ _entities(representations: [{}, {}, {}]) ${selected} }`)).toBe(3);
  const byVariable = `query ($r: [_Any!]!) { _entities(representations: $r) ${selected} }`;
  expect(costOf(byVariable, { r: Array.from({ length: 200 }, () => ({})) })).toBe(200);
});

describe('the definitions of the directives', () => {
  /** Those of both directives, in the format of `print`. */
  const definitionsIn = (sdl: string, withDescriptions = true): readonly string[] =>
    parse(sdl, { noLocation: true }).definitions.flatMap((definition) => {
      if (definition.kind !== Kind.DIRECTIVE_DEFINITION) return [];
      if (!['cost', 'listSize'].includes(definition.name.value)) return [];
      return [print(withDescriptions ? definition : withoutDescriptions(definition))];
    });
  const withoutDescriptions = <Node extends ASTNode>(node: Node): Node =>
    visit(node, { StringValue: (_value, key) => (key === 'description' ? null : undefined) });

  it.each(['schema.graphql', 'test/fixture/schema.graphql'])('of %s are exported', (file) => {
    const sdl = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    expect(definitionsIn(sdl)).toEqual(definitionsIn(costDirectives));
  });

  it('are those of the objects for schemas in code', () => {
    const directives = [costDirective, listSizeDirective];
    const sdl = printSchema(new GraphQLSchema({ directives }));
    expect(definitionsIn(sdl, false)).toEqual(definitionsIn(costDirectives, false));
  });

  // https://ibm.github.io/graphql-specs/cost-spec.html
  it('are those of the draft', () => {
    const draft = `
      directive @cost(weight: String!)
        on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
      directive @listSize(
        assumedSize: Int
        slicingArguments: [String!]
        sizedFields: [String!]
        requireOneSlicingArgument: Boolean = true
      ) on FIELD_DEFINITION`;
    expect(definitionsIn(costDirectives, false)).toEqual(definitionsIn(draft));
  });
});
