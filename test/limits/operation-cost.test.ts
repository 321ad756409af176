import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { costDirectives, measureOperation } from '../../src/index.ts';

const schema = buildSchema(`
  ${costDirectives}
  directive @precise(digits: Int @cost(weight: "4")) on FIELD
  type Query {
    one: Book
    scalar: String
    weighted: String @cost(weight: "2.5")
    free: Book @cost(weight: "0")
    books: [Book]
    grid: [[Book]]
    byIds(ids: [ID!]): [Book] @listSize(slicingArguments: ["ids"], requireOneSlicingArgument: false)
    byYears(years: [Int] = [1, 2, 3]): [Book] @listSize(slicingArguments: ["years"])
    names: [String]
    counters: [Counter]
    assumed: [Book] @listSize(assumedSize: 3)
    limited(max: Int): [Book] @listSize(slicingArguments: ["max"], requireOneSlicingArgument: false)
    defaulted(first: Int = 4): [Book] @listSize(slicingArguments: ["first"])
    either(first: Int, last: Int): [Book]
      @listSize(slicingArguments: ["first", "last"], requireOneSlicingArgument: false, assumedSize: 7)
    connection(first: Int, last: Int): BookConnection
      @listSize(slicingArguments: ["first", "last"], sizedFields: ["edges", "nodes"])
    search(filter: Filter, ids: [ID!] @cost(weight: "2"), color: Color): Book
    deep(options: Options): Book
    node: Node
    nodes: [Node]
    either2: Either
    rated: Rated
  }
  type Mutation { add(filter: Filter): Book  touch: Int }
  type Subscription { added: Book }
  type Book implements Node { id: ID title: String author: Author related(first: Int = 2): [Book] @listSize(slicingArguments: ["first"]) }
  type Author implements Node { id: ID name: String books: [Book] }
  type Rated @cost(weight: "6") { stars: Counter }
  type BookConnection { edges: [BookEdge] nodes: [Book] pageInfo: PageInfo }
  type BookEdge { node: Book cursor: ID }
  type PageInfo { hasNextPage: Boolean }
  interface Node { id: ID }
  union Either = Book | Rated
  scalar Counter @cost(weight: "3")
  enum Color @cost(weight: "5") { RED BLUE }
  input Filter { title: String color: Color inner: Filter any: [Filter!] costly: String @cost(weight: "8") }
  input Options { a: String b: String }
`);

interface Row {
  readonly operation: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly cost: number;
}

const rows: readonly Row[] = [
  { operation: '{ scalar }', cost: 0 },
  { operation: '{ __typename }', cost: 0 },
  { operation: '{ one { title } }', cost: 1 },
  { operation: '{ one { author { name } } }', cost: 2 },
  { operation: 'mutation { touch }', cost: 10 },
  { operation: 'mutation { add { title } }', cost: 11 },
  { operation: 'subscription { added { title } }', cost: 1 },
  // Weights of fields and types.
  { operation: '{ weighted }', cost: 2.5 },
  { operation: '{ a: weighted b: weighted }', cost: 5 },
  { operation: '{ free { author { name } } }', cost: 1 },
  { operation: '{ rated { stars } }', cost: 9 },
  { operation: '{ counters }', cost: 30 },
  // Lists.
  { operation: '{ names }', cost: 0 },
  { operation: '{ books { title } }', cost: 10 },
  { operation: '{ books { author { name } } }', cost: 20 },
  { operation: '{ grid { title } }', cost: 100 },
  { operation: '{ books { author { books { title } } } }', cost: 120 },
  { operation: '{ assumed { title } }', cost: 3 },
  { operation: '{ limited(max: 6) { title } }', cost: 6 },
  { operation: '{ limited(max: 0) { title } }', cost: 0 },
  // A negative number says nothing about the size.
  { operation: '{ limited(max: -6) { title } }', cost: 10 },
  { operation: '{ either(first: -6) { title } }', cost: 7 },
  { operation: '{ either(first: -6, last: 2) { title } }', cost: 2 },
  { operation: '{ limited { title } }', cost: 10 },
  { operation: '{ limited(max: null) { title } }', cost: 10 },
  { operation: '{ defaulted { title } }', cost: 4 },
  { operation: '{ defaulted(first: 9) { title } }', cost: 9 },
  { operation: '{ defaulted { related { title } } }', cost: 12 },
  { operation: '{ either { title } }', cost: 7 },
  { operation: '{ either(first: 2, last: 5) { title } }', cost: 5 },
  // Of a slicing argument that is a list, its items.
  { operation: '{ byIds(ids: ["1", "2"]) { title } }', cost: 2 },
  { operation: '{ byIds(ids: "1") { title } }', cost: 1 },
  { operation: '{ byIds(ids: null) { title } }', cost: 10 },
  { operation: '{ byIds { title } }', cost: 10 },
  { operation: '{ byYears { title } }', cost: 3 },
  { operation: '{ byYears(years: 1999) { title } }', cost: 1 },
  {
    operation: 'query ($i: [ID!]) { byIds(ids: $i) { title } }',
    variables: { i: Array.from({ length: 300 }, String) },
    cost: 300,
  },
  {
    operation: 'query ($y: [Int]) { byYears(years: $y) { title } }',
    variables: { y: 1999 },
    cost: 1,
  },
  { operation: 'query ($y: [Int] = [1, 2]) { byYears(years: $y) { title } }', cost: 2 },
  // Slicing arguments from variables.
  { operation: 'query ($n: Int) { limited(max: $n) { title } }', variables: { n: 8 }, cost: 8 },
  { operation: 'query ($n: Int) { limited(max: $n) { title } }', cost: 10 },
  { operation: 'query ($n: Int = 3) { limited(max: $n) { title } }', cost: 3 },
  {
    operation: 'query ($n: Int = 3) { limited(max: $n) { title } }',
    variables: { n: null },
    cost: 10,
  },
  { operation: 'query ($n: Int) { defaulted(first: $n) { title } }', cost: 4 },
  {
    operation: 'query ($n: Int) { limited(max: $n) { title } }',
    variables: { n: -1 },
    cost: 10,
  },
  {
    operation: 'query ($n: Int) { limited(max: $n) { related(first: $n) { title } } }',
    variables: { n: 2 ** 31 - 1 },
    cost: Number.MAX_SAFE_INTEGER,
  },
  {
    operation: 'query ($n: Int) { limited(max: $n) { title } scalar }',
    variables: { n: 1e308 },
    cost: Number.MAX_SAFE_INTEGER,
  },
  // Connections.
  { operation: '{ connection(first: 5) { edges { node { title } cursor } } }', cost: 11 },
  { operation: '{ connection(last: 5) { nodes { title } pageInfo { hasNextPage } } }', cost: 7 },
  {
    operation: `query ($n: Int) { connection(first: $n) { ...Page } }
      fragment Page on BookConnection { edges { node { title } } }`,
    variables: { n: 50 },
    cost: 101,
  },
  // What clients supply.
  { operation: '{ search { title } }', cost: 1 },
  { operation: '{ search(color: RED) { title } }', cost: 6 },
  { operation: '{ search(ids: []) { title } }', cost: 1 },
  { operation: '{ search(ids: ["1", "2", "3"]) { title } }', cost: 7 },
  { operation: '{ search(ids: "1") { title } }', cost: 3 },
  { operation: '{ search(filter: null) { title } }', cost: 1 },
  { operation: '{ search(filter: {}) { title } }', cost: 2 },
  { operation: '{ search(filter: { title: "t" }) { title } }', cost: 2 },
  { operation: '{ search(filter: { color: RED, costly: "c" }) { title } }', cost: 15 },
  { operation: '{ search(filter: { inner: { inner: {} } }) { title } }', cost: 4 },
  { operation: '{ search(filter: { any: [{}, { costly: "c" }] }) { title } }', cost: 12 },
  {
    operation: 'query ($f: Filter) { search(filter: $f) { title } }',
    variables: { f: { color: 'RED', any: [{ title: 't' }, { inner: null }] } },
    cost: 9,
  },
  {
    operation: 'query ($f: Filter = { costly: "c" }) { search(filter: $f) { title } }',
    cost: 10,
  },
  {
    operation: 'query ($c: Color) { search(filter: { color: $c, title: "t" }) { title } }',
    variables: { c: 'RED' },
    cost: 7,
  },
  {
    operation: 'query ($c: Color) { search(filter: { color: $c }) { title } }',
    cost: 2,
  },
  {
    operation: 'query ($o: Options) { deep(options: $o) { title } }',
    variables: { o: {} },
    cost: 2,
  },
  { operation: '{ scalar @precise(digits: 2) }', cost: 4 },
  { operation: 'mutation { add(filter: {}) { title } }', cost: 12 },
  // Arguments of a list count once.
  { operation: '{ books { related(first: 1) { title } } }', cost: 20 },
  // Fragments.
  { operation: '{ ...A ...A } fragment A on Query { one { title } }', cost: 2 },
  {
    operation: '{ a: one { ...B } b: one { ...B } } fragment B on Book { author { name } }',
    cost: 4,
  },
  { operation: '{ ... { one { title } } }', cost: 1 },
  // Of fragments on several types, the one that costs most.
  { operation: '{ node { id } }', cost: 1 },
  {
    operation: '{ node { ... on Book { author { name } } ... on Author { books { title } } } }',
    cost: 11,
  },
  {
    operation: '{ nodes { ... on Book { author { name } } ... on Book { author { name } } } }',
    cost: 30,
  },
  { operation: '{ node { ... on Node { ... on Author { books { title } } } id } }', cost: 11 },
  // Of a union, the type that costs most.
  { operation: '{ either2 { ... on Book { title } } }', cost: 6 },
  { operation: '{ either2 { ... on Rated { stars } ... on Book { title } } }', cost: 9 },
  // Selections that do not run.
  { operation: '{ one @skip(if: true) { title } }', cost: 0 },
  { operation: '{ one @include(if: false) { title } scalar }', cost: 0 },
  { operation: '{ one @include(if: true) { title } }', cost: 1 },
  {
    operation: 'query ($s: Boolean!) { one @skip(if: $s) { title } }',
    variables: { s: true },
    cost: 0,
  },
  {
    operation: 'query ($s: Boolean!) { one @skip(if: $s) { title } }',
    variables: { s: false },
    cost: 1,
  },
  { operation: 'query ($s: Boolean = true) { one @skip(if: $s) { title } }', cost: 0 },
  // Unknown conditions count as running.
  { operation: 'query ($s: Boolean!) { one @skip(if: $s) { title } }', cost: 1 },
  {
    operation: 'query ($s: Boolean!) { ... @include(if: $s) { books { title } } }',
    variables: { s: false },
    cost: 0,
  },
  // Introspection.
  { operation: '{ __schema { types { name fields { name } } } }', cost: 0 },
];

describe('cost', () => {
  it.each(rows)('of $operation with $variables is $cost', ({ operation, variables, cost }) => {
    const document = parse(operation);
    expect(validate(schema, document)).toEqual([]);
    expect(measureOperation({ schema, document, variables })?.cost).toBe(cost);
  });

  it('of lists without @listSize depends on the option', () => {
    const document = parse('{ grid { title } }');
    expect(measureOperation({ schema, document }, 3)?.cost).toBe(9);
  });
});

describe('counts', () => {
  it.each([
    ['{ scalar }', { depth: 1, aliases: 0, rootFields: 1, directives: 0 }],
    ['{ one { author { name } } scalar }', { depth: 3, aliases: 0, rootFields: 2, directives: 0 }],
    ['{ a: scalar scalar: scalar }', { depth: 1, aliases: 1, rootFields: 2, directives: 0 }],
    ['{ scalar scalar ... { scalar } }', { depth: 1, aliases: 0, rootFields: 1, directives: 0 }],
    [
      '{ one { ...F } two: one { ...F } } fragment F on Book { t: title @skip(if: false) }',
      { depth: 2, aliases: 3, rootFields: 2, directives: 2 },
    ],
    [
      'query ($a: Int @precise2) @precise2 { ...Q @include(if: true) } fragment Q on Query @precise2 { scalar }',
      { depth: 1, aliases: 0, rootFields: 1, directives: 4 },
    ],
    [
      '{ __schema { types { fields { type { ofType { ofType { name } } } } } } }',
      {
        depth: 1,
        aliases: 0,
        rootFields: 1,
        directives: 0,
        introspectionLists: 2,
        introspectionDepth: 2,
      },
    ],
    // Counts also what may not run.
    ['{ one @skip(if: true) { author { name } } }', { depth: 3, directives: 1 }],
  ])('of %s', (operation, expected) => {
    expect(measureOperation({ schema, document: parse(operation) })).toMatchObject(expected);
  });

  it('are undefined if there is no such operation', () => {
    const document = parse('query A { scalar } query B { scalar }');
    expect(measureOperation({ schema, document })).toBeUndefined();
    expect(measureOperation({ schema, document, operationName: 'C' })).toBeUndefined();
    expect(measureOperation({ schema, document, operationName: 'B' })).toMatchObject({ depth: 1 });
  });
});

describe('documents that expand', () => {
  /** Fragments of which each spreads the next one twice: 2 to the power of `levels` selections. */
  const doubling = (levels: number, leaf: string): string =>
    Array.from(
      { length: levels },
      (_, level) =>
        `fragment F${level} on Query { ${level === levels - 1 ? leaf : `...F${level + 1} ...F${level + 1}`} }`,
    ).join('\n');

  it.each([
    ['fixed', '{ ...F0 }', 'one { title }'],
    ['by variables', 'query ($n: Int) { ...F0 }', 'limited(max: $n) { title }'],
    ['with conditions', 'query ($n: Boolean) { ...F0 }', 'one @skip(if: $n) { a: title }'],
  ])('are measured in linear time: %s', (_name, operation, leaf) => {
    const document = parse(`${operation}\n${doubling(150, leaf)}`, { noLocation: true });
    const measures = measureOperation({ schema, document, variables: { n: 3 } });
    expect(measures?.cost).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('reads a large variable once, wherever it is used', () => {
    const uses = Array.from(
      { length: 500 },
      (_, index) => `a${index}: search(filter: $f) { title }`,
    );
    const document = parse(`query ($f: Filter) { ${uses.join(' ')} }`);
    let read = 0;
    const items = Array.from({ length: 1_000 }, () => ({
      get title() {
        read += 1;
        return 't';
      },
    }));
    measureOperation({ schema, document, variables: { f: { any: items } } });
    expect(read).toBeLessThanOrEqual(1_000);
  });

  it('measures values of any depth', () => {
    let f: object = {};
    for (let level = 0; level < 50_000; level += 1) f = { inner: f };
    const document = parse('query ($f: Filter) { search(filter: $f) { title } }');
    expect(measureOperation({ schema, document, variables: { f } })?.cost).toBe(50_002);
  });

  it('end where fragments spread themselves', () => {
    const document = parse('{ ...A } fragment A on Query { one { title } ...A }');
    expect(measureOperation({ schema, document })).toMatchObject({ cost: 1, depth: 2 });
  });
});
