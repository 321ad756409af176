import { buildSchema, parse, validate } from 'graphql';
import { expect, it } from 'vitest';
import { costDirectives, measureOperation } from '../../src/index.ts';
import { generatedCases, isLongRun } from '../support/generated-cases.ts';
import { Choices } from '../support/random-rules.ts';
import { type ReferenceCosts, referenceCost } from './reference-cost.ts';

/* The cost of generated operations is that of expanding them, selection by selection. */

const costs: ReferenceCosts = {
  weights: {
    'Book.heavy': 3,
    'Author.heavy': 5,
    Author: 2,
    Stamp: 4,
    'Book.search(filter:)': 6,
    'Author.search(filter:)': 6,
    'Query.search(filter:)': 6,
    'Filter.costly': 7,
  },
  slicing: {
    'Query.sliced': 'first',
    'Book.sliced': 'first',
    'Author.sliced': 'first',
    'Query.page': 'first',
    'Book.page': 'first',
    'Author.page': 'first',
  },
  listSize: 2,
};

const fields = (type: string): string => `
  s: String
  heavy: Int${type in { Book: 0, Author: 0 } ? ` @cost(weight: "${type === 'Book' ? 3 : 5}")` : ''}
  stamp: Stamp
  stamps: [Stamp]
  book: Book
  author: Author
  node: Node
  nodes: [Node]
  grid: [[Book]]
  either: Either
  sliced(first: Int): [Book] @listSize(slicingArguments: ["first"], requireOneSlicingArgument: false)
  page(first: Int): Page @listSize(slicingArguments: ["first"], sizedFields: ["edges"], requireOneSlicingArgument: false)
  search(filter: Filter @cost(weight: "6")): Book
`;

const schema = buildSchema(`${costDirectives}
  scalar Stamp @cost(weight: "4")
  input Filter { s: String costly: Int @cost(weight: "7") inner: Filter all: [Filter!] }
  interface Node { s: String heavy: Int book: Book }
  type Query { ${fields('Query')} }
  type Mutation { book: Book }
  type Book implements Node { ${fields('Book')} }
  type Author implements Node @cost(weight: "2") { ${fields('Author')} }
  union Either = Book | Author
  type Page { edges: [Edge] count: Int }
  type Edge { node: Book stamp: Stamp }
`);

/** What can be selected on each type, and of what type it is. */
const below: Readonly<Record<string, string>> = {
  book: 'Book',
  author: 'Author',
  node: 'Node',
  nodes: 'Node',
  grid: 'Book',
  either: 'Either',
  sliced: 'Book',
  page: 'Page',
  search: 'Book',
  edges: 'Edge',
};
const objects = ['s', 'heavy', 'stamp', 'stamps', ...Object.keys(below).slice(0, 9)];
const names: Readonly<Record<string, readonly string[]>> = {
  Query: objects,
  Book: objects,
  Author: objects,
  Node: ['s', 'heavy', 'book'],
  Either: ['__typename'],
  Page: ['edges', 'count'],
  Edge: ['node', 'stamp'],
};
const conditionsOf: Readonly<Record<string, readonly string[]>> = {
  Node: ['Book', 'Author', 'Node'],
  Either: ['Book', 'Author'],
};

function randomFilter(choices: Choices, depth: number): string {
  const parts = [
    ...(choices.once(2) ? ['s: "s"'] : []),
    ...(choices.once(2) ? ['costly: 1'] : []),
    ...(depth > 0 && choices.once(2) ? [`inner: ${randomFilter(choices, depth - 1)}`] : []),
    ...(depth > 0 && choices.once(2) ? [`all: [${randomFilter(choices, depth - 1)}, {}]`] : []),
  ];
  return `{ ${parts.join(', ')} }`;
}

function randomOperation(choices: Choices): string {
  const fragments: string[] = [];
  const aliases = { next: 0 };
  const condition = (): string =>
    choices.of([
      '',
      '',
      '',
      ' @skip(if: $yes)',
      ' @include(if: $no)',
      ' @skip(if: $no)',
      ' @include(if: true)',
    ]);
  const args: Readonly<Record<string, () => string>> = {
    sliced: () => choices.of(['', '(first: 0)', '(first: 3)', '(first: $n)']),
    page: () => choices.of(['', '(first: 3)', '(first: $n)']),
    search: () => choices.of(['', '(filter: $f)', `(filter: ${randomFilter(choices, 2)})`]),
  };

  function set(type: string, depth: number): string {
    const parts = Array.from({ length: 1 + choices.below(3) }, () => selection(type, depth));
    return `{ __typename ${parts.join(' ')} }`;
  }

  function selection(type: string, depth: number): string {
    const kind = depth > 0 ? choices.below(6) : 0;
    if (kind === 4) {
      const on = choices.of(conditionsOf[type] ?? [type]);
      return `... on ${on}${condition()} ${set(on, depth - 1)}`;
    }
    if (kind === 5) {
      const on = choices.of(conditionsOf[type] ?? [type]);
      const name = `F${fragments.length}`;
      fragments.push('');
      fragments[Number(name.slice(1))] = `fragment ${name} on ${on} ${set(on, depth - 1)}`;
      return `...${name}${condition()}${choices.once(2) ? ` ...${name}` : ''}`;
    }
    const all = names[type] ?? ['__typename'];
    const name = choices.of(
      depth > 0 ? all : all.filter((one) => !(one in below || one === 'node')),
    );
    if (name === undefined) return '__typename';
    aliases.next += 1;
    const returned = type === 'Edge' && name === 'node' ? 'Book' : below[name];
    const inner = returned === undefined ? '' : ` ${set(returned, depth - 1)}`;
    return `a${aliases.next}: ${name}${args[name]?.() ?? ''}${condition()}${inner}`;
  }

  const body = set('Query', 4);
  return `query ($n: Int, $f: Filter, $yes: Boolean!, $no: Boolean!) ${body}\n${fragments.join('\n')}`;
}

const variables = {
  n: 3,
  f: { costly: 1, inner: { all: [{ s: 's' }, { costly: 2 }] } },
  yes: true,
  no: false,
};

it('costs what each of its selections costs', () => {
  let dynamic = 0;
  for (let seed = 0; seed < generatedCases(13); seed += 1) {
    const text = randomOperation(new Choices(seed));
    const document = parse(text);
    // Takes much longer than everything else.
    if (isLongRun || seed < 5) {
      const problems = validate(schema, document).filter(
        ({ message }) => !message.includes('is never used'),
      );
      expect(problems, text).toEqual([]);
    }
    const expected = referenceCost({ schema, document, variableValues: variables }, costs);
    const actual = measureOperation({ schema, document, variables }, costs.listSize)?.cost;
    expect(actual, text).toBe(expected);
    const others = measureOperation({ schema, document, variables: { ...variables, n: 1 } }, 2);
    if (others?.cost !== actual) dynamic += 1;
  }
  expect(dynamic).toBeGreaterThan(1);
});
