import { makeExecutableSchema } from '@graphql-tools/schema';
import { type GraphQLSchema, parse } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { describe, expect, it } from 'vitest';
import {
  anonymous,
  authDirectives,
  CostDirectiveError,
  costDirectives,
  createGate,
  guardSchema,
  type OperationLimits,
  type RefusalEvent,
  useAuth,
} from '../../src/index.ts';

let calls = 0;
const schema = guardSchema(
  makeExecutableSchema({
    typeDefs: `
      ${authDirectives}
      ${costDirectives}
      type Query {
        open: String
        user: String @auth
        box: Box
        boxes(first: Int, last: Int): [Box] @listSize(slicingArguments: ["first", "last"])
      }
      type Mutation { touch: String }
      type Box { name: String box: Box }
    `,
    resolvers: {
      Query: {
        open: () => {
          calls += 1;
          return 'open';
        },
        box: () => ({}),
        boxes: () => [],
      },
    },
  }),
);
const authenticator = { authenticate: async () => anonymous };

interface Answer {
  readonly outcome: string;
  readonly status: number;
  readonly errors: readonly object[];
  readonly events: readonly RefusalEvent[];
}

async function authorize(
  limits: OperationLimits,
  operation: string,
  variableValues: Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  const events: RefusalEvent[] = [];
  const gate = createGate({
    authenticator,
    limits,
    onRefusal: (event) => events.push(event),
  });
  const contextValue = { viewer: anonymous };
  const args = { schema, document: parse(operation), contextValue, variableValues };
  const outcome = await gate.authorize(args);
  return outcome.kind === 'allowed'
    ? { outcome: 'allowed', status: 200, errors: [], events }
    : {
        outcome: 'refused',
        status: outcome.status,
        errors: outcome.errors.map(({ extensions }) => extensions),
        events,
      };
}

const code = 'OPERATION_LIMIT_EXCEEDED';
const nested = (levels: number): string =>
  `{ ${'box { '.repeat(levels - 1)} name ${'}'.repeat(levels - 1)} }`;
const many = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

describe('an operation that exceeds a limit is refused', () => {
  it.each([
    [{ depth: 3 }, nested(4), { limit: 'depth', max: 3, actual: 4 }],
    [{}, nested(16), { limit: 'depth', max: 15, actual: 16 }],
    [{ aliases: 1 }, '{ a: open b: open }', { limit: 'aliases', max: 1, actual: 2 }],
    [{ rootFields: 1 }, '{ open a: open }', { limit: 'rootFields', max: 1, actual: 2 }],
    [
      { directives: 1 },
      '{ open @skip(if: false) @include(if: true) }',
      { limit: 'directives', max: 1, actual: 2 },
    ],
    [
      { introspectionLists: 1 },
      '{ __type(name: "Box") { fields { args { name } } } }',
      { limit: 'introspectionLists', max: 1, actual: 2 },
    ],
    [
      { introspectionDepth: 1 },
      '{ __type(name: "Box") { fields { type { fields { name } } } } }',
      { limit: 'introspectionDepth', max: 1, actual: 2 },
    ],
    [{ cost: 2.5 }, nested(4), { limit: 'cost', max: 2.5, actual: 3 }],
    [{ cost: 9 }, 'mutation { touch }', { limit: 'cost', max: 9, actual: 10 }],
    [{ cost: 6 }, '{ boxes(first: 7) { name } }', { limit: 'cost', max: 6, actual: 7 }],
    [
      { listSize: 3, cost: 8 },
      '{ boxes(first: null, last: 9) { name } }',
      { limit: 'cost', max: 8, actual: 9 },
    ],
    [{}, '{ boxes { name } }', { limit: 'slicingArguments', max: 1, actual: 0 }],
    [{}, '{ boxes(first: 1, last: 1) { name } }', { limit: 'slicingArguments', max: 1, actual: 2 }],
  ])('%j: %s', async (limits, operation, exceeded) => {
    expect(await authorize(limits, operation)).toEqual({
      outcome: 'refused',
      status: 400,
      errors: [{ code, ...exceeded }],
      events: [
        { kind: 'limit', ...exceeded, enforced: true, viewer: anonymous, code, status: 400 },
      ],
    });
  });

  it.each([
    [{ n: 7 }, 'refused'],
    [{ n: 6 }, 'allowed'],
    [{}, 'refused'],
  ])('by variables: %j is %s', async (variables, outcome) => {
    const operation = 'query ($n: Int) { boxes(first: $n) { name } }';
    expect(await authorize({ cost: 6 }, operation, variables)).toMatchObject({ outcome });
  });

  it('for each limit, with one error', async () => {
    const { errors } = await authorize(
      { aliases: 1, rootFields: 1, depth: 1, cost: 1 },
      `{
      a: box { box { name } } b: open
    }`,
    );
    expect(errors).toMatchObject([
      { limit: 'aliases' },
      { limit: 'rootFields' },
      { limit: 'depth' },
      { limit: 'cost' },
    ]);
  });

  it('before its rules are examined', async () => {
    expect(await authorize({ aliases: 1 }, '{ a: user b: user }')).toMatchObject({ status: 400 });
  });

  it('says the limit, its maximum and what the operation has', async () => {
    const gate = createGate({ authenticator, limits: { depth: 2 } });
    const contextValue = { viewer: anonymous };
    const refused = await gate.authorize({ schema, document: parse(nested(3)), contextValue });
    expect(refused).toMatchObject({
      errors: [
        {
          message: 'The operation is too large: its depth is 3, and the maximum of this API is 2.',
        },
      ],
    });
  });
});

describe('an operation within the limits is allowed', () => {
  it.each([
    [{}, nested(15)],
    [{}, `{ ${many(20, (index) => (index < 19 ? `a${index}: open` : 'open'))} }`],
    [{ depth: Number.POSITIVE_INFINITY }, nested(50)],
    [{ cost: Number.POSITIVE_INFINITY }, '{ boxes { name } }'],
    [{ cost: 1 }, '{ boxes(first: 1) { name } }'],
  ])('%j: %s', async (limits, operation) => {
    expect(await authorize(limits, operation)).toMatchObject({ outcome: 'allowed', events: [] });
  });

  it('and so is each without the option', async () => {
    const gate = createGate({ authenticator });
    const contextValue = { viewer: anonymous };
    const allowed = await gate.authorize({ schema, document: parse(nested(50)), contextValue });
    expect(allowed.kind).toBe('allowed');
  });
});

it('only reports with mode: measure', async () => {
  const { outcome, events } = await authorize({ mode: 'measure', depth: 3 }, nested(4));
  expect(outcome).toBe('allowed');
  expect(events).toEqual([
    { kind: 'limit', limit: 'depth', max: 3, actual: 4, enforced: false, viewer: anonymous, code },
  ]);
});

it('measures a document once', () => {
  const gate = createGate({ authenticator, limits: { depth: 3 } });
  const contextValue = { viewer: anonymous };
  const document = parse('{ box { name } }');
  expect(gate.authorize({ schema, document, contextValue })).toMatchObject({ kind: 'allowed' });
  Object.assign(document, { definitions: parse(nested(9)).definitions });
  expect(gate.authorize({ schema, document, contextValue })).toMatchObject({ kind: 'allowed' });
});

it('checks the operation that is executed', async () => {
  const gate = createGate({ authenticator, limits: { depth: 3 } });
  const document = parse(`query Small { open } query Large ${nested(4)}`);
  const kinds = ['Small', 'Large', 'Small'].map(async (operationName) => {
    const contextValue = { viewer: anonymous };
    return (await gate.authorize({ schema, document, operationName, contextValue })).kind;
  });
  expect(await Promise.all(kinds)).toEqual(['allowed', 'refused', 'allowed']);
});

it('is sent by Yoga as a request error', async () => {
  const yoga = createYoga({
    schema,
    plugins: [useAuth({ authenticator, limits: { aliases: 1 } })],
  });
  const before = calls;
  const response = await yoga.fetch('http://api.test/graphql', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ query: '{ a: open b: open }' }),
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({
    errors: [
      {
        message:
          'The operation is too large: its number of aliases is 2, and the maximum of this API is 1.',
        extensions: { code, limit: 'aliases', max: 1, actual: 2 },
      },
    ],
  });
  expect(calls).toBe(before);
});

describe('wrong limits are rejected', () => {
  it.each([
    [{ dept: 3 }, 'There is no option limits.dept'],
    [{ depth: 0 }, 'limits.depth must be a number above 0'],
    [{ cost: Number.NaN }, 'limits.cost must be a number above 0'],
    [{ aliases: '3' }, 'limits.aliases must be a number above 0'],
    [{ listSize: 1.5 }, 'limits.listSize must be a whole number above 0.'],
    [{ mode: 'off' }, "limits.mode must be 'enforce' or 'measure'."],
    [null, 'limits must be an object'],
  ])('%j', (limits, message) => {
    const options: object = { limits };
    expect(() => createGate({ authenticator, ...options })).toThrow(message);
  });
});

describe('wrong directives are rejected when the server is created', () => {
  const wrong = guardSchema(
    makeExecutableSchema({
      typeDefs: `${authDirectives} ${costDirectives}
        type Query { a: String @auth @cost(weight: "-1") b: [Int] @listSize(slicingArguments: ["c"]) }`,
    }),
  );

  it('all at once', () => {
    const prepare = () => createGate({ authenticator, limits: {} }).prepare(wrong);
    expect(prepare).toThrow(CostDirectiveError);
    expect(prepare).toThrow(
      expect.objectContaining({
        problems: [
          expect.objectContaining({ coordinate: 'Query.a' }),
          expect.objectContaining({ coordinate: 'Query.b' }),
        ],
      }),
    );
  });

  it('by Yoga', () => {
    const create = (limits?: OperationLimits): unknown =>
      createYoga({
        schema: wrong,
        plugins: [useAuth({ authenticator, ...(limits ? { limits } : {}) })],
      });
    expect(() => create({})).toThrow('Query.a: @cost must have a weight from 0');
    expect(() => create()).not.toThrow();
  });

  it('at the first operation of a gate that was not prepared', () => {
    const other: GraphQLSchema = wrong;
    const gate = createGate({ authenticator, limits: {} });
    const contextValue = { viewer: anonymous };
    expect(() => gate.authorize({ schema: other, document: parse('{ b }'), contextValue })).toThrow(
      'The cost directives of the schema have 2 problems',
    );
  });
});
