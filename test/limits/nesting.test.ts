import { makeExecutableSchema } from '@graphql-tools/schema';
import { type DocumentNode, execute, parse, validate } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { describe, expect, it } from 'vitest';
import {
  anonymous,
  authDirectives,
  type CoordinateDecision,
  createGate,
  findRefusals,
  guardSchema,
  measureOperation,
  type OperationLimits,
  type RefusalEvent,
  useAuth,
  useViewerIntrospection,
} from '../../src/index.ts';
import { validateDocument } from '../../src/trusted-documents/validate-document.ts';

const box: object = { name: 'a box', box: () => box, boxes: () => [box] };
const schema = guardSchema(
  makeExecutableSchema({
    typeDefs: `
      ${authDirectives}
      type Query { open: String box: Box boxes: [Box] }
      type Mutation { box: Box }
      type Subscription { box: Box }
      type Box { name: String secret: String @auth box: Box boxes: [Box] }
    `,
    resolvers: { Query: { open: () => 'open', box: () => box, boxes: () => [box] } },
  }),
);
const authenticator = { authenticate: async () => anonymous };
const contextValue = { viewer: anonymous };

/** Fragments of which each spreads the next one. */
const chain = (length: number, write: (next: string) => string, leaf: string, type = 'Box') =>
  Array.from(
    { length },
    (_, index) =>
      `fragment F${index} on ${type} { ${index === length - 1 ? leaf : write(`...F${index + 1}`)} }`,
  ).join(' ');
const braces = (levels: number, field: string, leaf: string): string =>
  `${`${field} { `.repeat(levels)}${leaf}${' }'.repeat(levels)}`;
const inBoxes = (next: string): string => `box { ${next} }`;
const extensions = (actual: number): object => ({
  code: 'OPERATION_LIMIT_EXCEEDED',
  limit: 'nesting',
  max: 200,
  actual,
});
const messageOf = (actual: number): string =>
  `The operation is too large: its selections are nested ${actual} levels deep, fragments included, and the maximum is 200.`;

/* What validation accepts, and the recursive functions of executors and of this package would not survive. */
const deep: [string, string, number][] = [
  ['fields', `{ open ${braces(1_000, 'box', 'name secret')} }`, 1_001],
  ['fields in fragments', `{ open box { ...F0 } } ${chain(2_000, inBoxes, 'name secret')}`, 4_001],
  ['fragments', `{ open box { ...F0 } } ${chain(2_000, (next) => next, 'name secret')}`, 2_002],
  [
    'fragments on the root',
    `{ open ...F0 } ${chain(2_000, (next) => next, 'box { secret }', 'Query')}`,
    2_002,
  ],
  ['inline fragments', `{ open box { ${braces(700, '...', 'name secret')} } }`, 702],
  ['a mutation', `mutation { box { ...F0 } } ${chain(2_000, inBoxes, 'secret')}`, 4_001],
  ['a subscription', `subscription { box { ...F0 } } ${chain(2_000, inBoxes, 'secret')}`, 4_001],
  [
    'what no rule is about',
    `{ open box { ...F0 } } ${chain(2_000, (next) => `boxes { ${next} }`, 'name')}`,
    4_001,
  ],
  [
    'introspection',
    `{ open __schema { types { ...F0 } } } ${chain(1_000, (next) => `ofType { ${next} }`, 'name', '__Type')}`,
    2_002,
  ],
];

describe('an operation that is nested too deep is refused with 400', () => {
  const limits: [string, OperationLimits | undefined][] = [
    ['without limits', undefined],
    ['with limits', {}],
    ['with limits that are turned off', { depth: Number.POSITIVE_INFINITY }],
    ['with limits that are only measured', { mode: 'measure' }],
  ];
  describe.each(limits)('%s', (_limits, option) => {
    it.each(deep)('%s', async (_shape, operation, actual) => {
      const document = parse(operation);
      expect(validate(schema, document)).toEqual([]);
      const events: RefusalEvent[] = [];
      const decided: (readonly CoordinateDecision[])[] = [];
      const gate = createGate({
        authenticator,
        ...(option ? { limits: option } : {}),
        onRefusal: (event) => events.push(event),
        observers: [{ onDecision: ({ coordinates }) => decided.push(coordinates()) }],
      });
      const refused = await gate.authorize({ schema, document, contextValue });
      expect(refused).toMatchObject({ kind: 'refused', status: 400, headers: {} });
      expect('errors' in refused ? refused.errors : []).toMatchObject([
        { message: messageOf(actual), extensions: extensions(actual) },
      ]);
      expect(events).toEqual([
        {
          kind: 'limit',
          ...extensions(actual),
          enforced: true,
          viewer: { kind: 'anonymous' },
          status: 400,
        },
      ]);
      expect(decided).toEqual([[]]);
    });
  });

  it.each([
    ['useAuth', []],
    ['useViewerIntrospection', [useViewerIntrospection()]],
  ])('by Yoga, with %s', async (_plugin, plugins) => {
    const yoga = createYoga<object>({
      schema,
      logging: false,
      plugins: [useAuth({ authenticator }), ...plugins],
    });
    for (const [, query, actual] of deep) {
      const response = await yoga.fetch('http://api.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });
      expect([response.status, await response.json()]).toEqual([
        400,
        { errors: [{ message: messageOf(actual), extensions: extensions(actual) }] },
      ]);
    }
  });
});

it.each(deep)('what only examines an operation says so too: %s', (_shape, operation, actual) => {
  const document = parse(operation);
  const error = expect.objectContaining({ message: messageOf(actual) });
  expect(() => findRefusals({ schema, document, viewer: anonymous })).toThrow(error);
  expect(() => measureOperation({ schema, document })).toThrow(error);
});

it('a document that is nested too deep cannot be trusted', () => {
  const text = `query A { ${braces(200, 'box', 'name')} }`;
  expect(validateDocument(text, schema)).toEqual({
    kind: 'invalid',
    problem: `could never run. ${messageOf(201).slice(0, -1)}`,
  });
});

describe('everything up to the limit runs', () => {
  it.each([
    ['fields', `{ ${braces(199, 'box', 'name')} }`],
    ['lists', `{ ${braces(199, 'boxes', 'name')} }`],
    ['fragments', `{ box { ...F0 } } ${chain(198, (next) => next, 'name')}`],
    ['fields in fragments', `{ box { ...F0 } } ${chain(99, inBoxes, 'box { name }')}`],
    [
      'paths without number',
      `{ box { ...F0 } } ${chain(99, (next) => `box { ${next} } box { ${next} }`, 'box { name }')}`,
    ],
  ])('%s', async (_shape, operation) => {
    const document: DocumentNode = parse(operation);
    const gate = createGate({ authenticator });
    const allowed = await gate.authorize({ schema, document, contextValue });
    if (allowed.kind !== 'allowed') throw new Error(String(allowed.errors[0]?.message));
    const result = await execute(allowed.args);
    expect(result.errors).toBeUndefined();
    expect(JSON.stringify(result.data)).toContain('a box');
  });
});
