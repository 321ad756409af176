import { buildSchema, getIntrospectionQuery, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import {
  anonymous,
  createGate,
  guardSchema,
  measureOperation,
  type OperationLimits,
} from '../../src/index.ts';

const schema = guardSchema(
  buildSchema(`
  type Query { book: Book }
  type Book { types: [Book] fields: [Book] query: Query }
`),
  { allowNoRules: true },
);

function measure(operation: string): object {
  const document = parse(operation);
  expect(validate(schema, document)).toEqual([]);
  const { introspectionLists: lists, introspectionDepth: depth } =
    measureOperation({ schema, document }) ?? {};
  return { lists, depth };
}

function findExceeded(operation: string, limits: OperationLimits = {}): readonly unknown[] {
  const found: unknown[] = [];
  const gate = createGate({
    authenticator: { authenticate: async () => anonymous },
    limits: { ...limits, mode: 'measure' },
    onRefusal: (event) => found.push(event.kind === 'limit' ? event.limit : event),
  });
  void gate.authorize({ schema, document: parse(operation), contextValue: { viewer: anonymous } });
  return found;
}

const many = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');
const fieldsOfFields = '{ __schema { types { fields { type { fields { name } } } } } }';

describe('lists of introspection, and their levels', () => {
  it.each([
    ['{ __typename }', 0, 0],
    ['{ __schema { queryType { name } } }', 0, 0],
    ['{ __schema { types { name } directives { name } } }', 2, 1],
    ['{ __schema { types { fields { args { type { name } } } } } }', 3, 2],
    [fieldsOfFields, 3, 3],
    ['{ __schema { types { fields { args { type { enumValues { name } } } } } } }', 4, 3],
    ['{ __schema { directives { args { type { inputFields { name } } } } } }', 3, 2],
    ['{ __type(name: "A") { possibleTypes { interfaces { name } } } }', 2, 2],
    ['{ __type(name: "A") { ofType { ofType { fields { name } } } } }', 1, 1],
    // Each alias, and each fragment wherever it is spread.
    ['{ __type(name: "A") { fields { name } b: fields { name } } }', 2, 1],
    [
      '{ ...Q a: __schema { ...S } } fragment Q on Query { __schema { ...S } } fragment S on __Schema { types { ... { ...T } } } fragment T on __Type { fields { name } enumValues { name } }',
      6,
      2,
    ],
    // Fields of the schema itself that have the same names are not introspection.
    ['{ book { types { fields { types { query { __typename } } } } } }', 0, 0],
    ['{ book { fields { query { __type(name: "A") { name } } } } }', 0, 0],
    ['{ book { query { __schema { types { name } } } } }', 1, 5],
    [
      '{ book { ... { query { ...Q } } } } fragment Q on Query { __schema { types { name } } }',
      1,
      5,
    ],
  ])('%s: %i, %i', (operation, lists, depth) => {
    expect(measure(operation)).toEqual({ lists, depth });
  });

  it('are counted in linear time, and end where fragments spread themselves', () => {
    const fragments = many(150, (index) => {
      const inner = index < 149 ? `...F${index + 1} ...F${index + 1}` : 'types { name } ...F0';
      return `fragment F${index} on __Schema { ${inner} }`;
    });
    const document = parse(`{ __schema { ...F0 } } ${fragments}`, { noLocation: true });
    expect(measureOperation({ schema, document })).toMatchObject({
      introspectionLists: Number.MAX_SAFE_INTEGER,
      introspectionDepth: 1,
    });
  });
});

const everyOption = {
  descriptions: true,
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  schemaDescription: true,
  inputValueDeprecation: true,
  experimentalDirectiveDeprecation: true,
  oneOf: true,
};

describe('what tools send is within the limits', () => {
  it.each([
    ['the query of GraphQL.js', getIntrospectionQuery()],
    ['with every option', getIntrospectionQuery({ ...everyOption, typeDepth: 40 })],
    [
      'three of them',
      getIntrospectionQuery()
        .replace(
          /query IntrospectionQuery \{\s+__schema/,
          '{ a: __schema { ...S } b: __schema { ...S } c: __schema { ...S } } fragment S on __Schema',
        )
        .replace(/\}\s+\}\s+fragment FullType/, '} fragment FullType'),
    ],
    [
      'what a server supports, as Apollo Kotlin asks for it',
      `{ ${many(5, (index) => `a${index}: __type(name: "__Type") { ...T }`)} }
      fragment T on __Type { fields { name args { name } } }`,
    ],
    [
      'the fields of twenty types',
      `{ ${many(20, (index) => `a${index}: __type(name: "A") { fields { name } }`)} }`,
    ],
    [
      'input objects in arguments',
      '{ __type(name: "A") { fields { args { type { inputFields { name } } } } } }',
    ],
  ])('%s', (_, operation) => {
    expect(validate(schema, parse(operation))).toEqual([]);
    expect(findExceeded(operation)).toEqual([]);
  });
});

it.each<[OperationLimits, string[]]>([
  [{}, ['introspectionDepth']],
  [{ introspectionDepth: 3 }, []],
  [{ introspectionDepth: Number.POSITIVE_INFINITY, introspectionLists: 2 }, ['introspectionLists']],
  [{ cost: 1, depth: 1 }, ['introspectionDepth']],
])('with %j, the fields of the type of each field exceed %j', (limits, exceeded) => {
  expect(findExceeded(fieldsOfFields, limits)).toEqual(exceeded);
});
