import type { GraphQLFieldResolver } from 'graphql';
import { describe, expect, it } from 'vitest';
import {
  defineFilterPolicy,
  type FilterPolicy,
} from '../../src/authorization/rules/filter-policies.ts';
import { createViewer, type OperationOptions, RulesApi } from '../support/rules-api.ts';

/* Filter policies: what resolvers get, and what happens if they do not take it. */

const rows = [
  { id: 1, owner: 'viewer' },
  { id: 2, owner: 'other' },
  { id: 3, owner: 'viewer' },
];
type Row = (typeof rows)[number];
interface Filter {
  readonly owner: string;
}

const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && 'owner' in value;
const load = (filter: unknown): Row[] =>
  rows.filter((row) => !isRow(filter) || row.owner === filter.owner);

/** The resolvers of the `how` of a field. */
const ways: Readonly<Record<string, (take: () => unknown) => unknown>> = {
  takes: (take) => load(take()),
  async takesLater(take) {
    await Promise.resolve();
    return load(take());
  },
  forgets: () => load(undefined),
  forgetsLater: async () => load(undefined),
  nothing: () => null,
  throws() {
    throw new Error('own');
  },
  rejects: () => Promise.reject(new Error('own')),
};

const resolve: GraphQLFieldResolver<unknown, unknown> = (_source, { how, name }, context) =>
  ways[how]?.(() => takeFrom(context, name));

function takeFrom(context: unknown, name = 'own'): unknown {
  const { filter } = context as { filter: (name: string) => unknown };
  return filter(name);
}

const types = `
  type Query {
    rows(how: String = "takes", name: String): [Row] @auth(policy: "own")
    count: Int @auth(policy: "own")
    open: [Row]
    one(id: Int): Row
  }
  type Mutation {
    change(how: String = "takes", name: String): [Open] @auth(policy: "own")
  }
  type Row @auth(policy: "own") { id: Int }
  type Open { id: Int }
`;

const ownRows = () => ({ owner: 'viewer' });

function createApi(answer: (asked: number) => unknown = ownRows) {
  const asked: unknown[] = [];
  const own: FilterPolicy = {
    filter: (input) => {
      asked.push(input);
      return answer(asked.length);
    },
    matches: (filter, object) => isRow(object) && isRow(filter) && object.owner === filter.owner,
  };
  const api = new RulesApi(types, {
    policies: { own },
    resolvers: {
      Query: {
        rows: resolve,
        count: (_source, _args, context) => load(takeFrom(context)).length,
        open: () => rows,
        one: (_source, { id }) => rows.find((row) => row.id === id),
      },
      Mutation: { change: resolve },
    },
  });
  return { api, asked };
}

const viewer = createViewer();
const unexpected = 'INTERNAL_SERVER_ERROR';

type Run = (
  api: RulesApi,
  operation: string,
  options: OperationOptions,
) => Promise<{ readonly data: unknown; readonly errors: Readonly<Record<string, string>> }>;
const runs: readonly (readonly [string, Run])[] = [
  ['compiled, in Yoga', (api, ...rest) => api.execute(...rest)],
  ['compiled, direct', (api, ...rest) => api.executeDirectly(...rest)],
  ['graphql without a gate', (api, ...rest) => api.alone(...rest)],
  ['the executor of Yoga without a gate', (api, ...rest) => api.alone(...rest, 'tools')],
];

describe.each(runs)('a field with a filter policy: %s', (_name, run) => {
  const { api } = createApi();

  it.each([
    ['takes', [{ id: 1 }, { id: 3 }], false],
    ['takesLater', [{ id: 1 }, { id: 3 }], false],
    ['forgets', null, true],
    ['forgetsLater', null, true],
    ['nothing', null, true],
  ])('the resolver %s', async (how, data, isMissing) => {
    const result = await run(api, `{ rows(how: "${how}") { id } }`, { viewer });
    expect(result.data).toEqual({ rows: data });
    expect(Object.keys(result.errors)).toEqual(isMissing ? ['rows'] : []);
    const codes = Object.values(result.errors);
    expect(codes.every((code) => code.startsWith(unexpected))).toBe(true);
  });

  it('decides about each of several fields', async () => {
    const operation = `{
      a: rows(how: "takesLater") { id }
      b: rows(how: "forgets") { id }
      c: rows(how: "forgetsLater") { id }
      d: rows { id }
    }`;
    expect(await run(api, operation, { viewer })).toMatchObject({
      data: { a: [{ id: 1 }, { id: 3 }], b: null, c: null, d: [{ id: 1 }, { id: 3 }] },
      errors: {
        b: expect.stringContaining(unexpected),
        c: expect.stringContaining(unexpected),
      },
    });
  });

  it.each([
    ['a filter', () => ({ owner: 'viewer' }), [{ id: 1 }, { id: 3 }], undefined],
    ['a promise of one', async () => ({ owner: 'viewer' }), [{ id: 1 }, { id: 3 }], undefined],
    ['true', () => true, [{ id: 1 }, { id: 2 }, { id: 3 }], undefined],
    ['a promise of true', async () => true, [{ id: 1 }, { id: 2 }, { id: 3 }], undefined],
    ['false', () => false, null, 'FORBIDDEN'],
    ['a promise of false', async () => false, null, 'FORBIDDEN'],
    ['a denial', () => ({ kind: 'scope', scope: 'a' }), null, 'FORBIDDEN scope=a'],
    ['nothing', () => undefined, null, 'FORBIDDEN'],
    ['null', () => null, null, 'FORBIDDEN'],
    ['an invalid denial', () => ({ kind: 'scope', scope: '"' }), null, 'FORBIDDEN'],
    ['a rejection', () => Promise.reject(new Error('own')), null, 'FORBIDDEN'],
  ])('the policy answers %s', async (_answer, answer, data, error) => {
    const result = await run(createApi(answer).api, '{ rows { id } }', { viewer });
    // A query that is refused as a whole has no data.
    const { rows: found } = (result.data ?? { rows: null }) as { rows: unknown };
    expect(found).toEqual(data);
    expect(result.errors).toEqual(error === undefined ? {} : { rows: error });
  });

  it('matches each object of a type', async () => {
    const { api } = createApi(async () => ({ owner: 'viewer' }));
    const operation = '{ open { id } mine: one(id: 1) { id } theirs: one(id: 2) { id } }';
    expect(await run(api, operation, { viewer })).toMatchObject({
      data: { open: [{ id: 1 }, null, { id: 3 }], mine: { id: 1 }, theirs: null },
      errors: { 'open.1': 'FORBIDDEN', theirs: 'FORBIDDEN' },
    });
  });

  it('has what the resolver throws as its error', async () => {
    const operation = '{ a: rows(how: "throws") { id } b: rows(how: "rejects") { id } }';
    const { data, errors } = await run(api, operation, { viewer });
    expect(data).toEqual({ a: null, b: null });
    expect(Object.values(errors).every((error) => !error.startsWith('FORBIDDEN'))).toBe(true);
  });

  it('must be taken by its own name', async () => {
    const { data, errors } = await run(api, '{ rows(name: "other") { id } }', { viewer });
    expect(data).toEqual({ rows: null });
    expect(Object.keys(errors)).toEqual(['rows']);
  });
});

describe('a filter policy is asked', () => {
  it.each([
    ['once for a query', '{ rows { id } a: rows { id } count one(id: 1) { id } }', 1],
    [
      'once for each root field of a mutation',
      'mutation { change { id } b: change { id } c: change { id } }',
      6,
    ],
    ['once for a mutation with one', 'mutation { change { id } }', 1],
  ])('%s', async (_name, operation, times) => {
    const { api, asked } = createApi();
    const { errors } = await api.execute(operation, { viewer });
    expect(errors).toEqual({});
    expect(asked).toHaveLength(times);
  });
});

it('infers the filter', () => {
  const own = defineFilterPolicy({
    filter: ({ viewer: { subject } }): Filter => ({ owner: subject }),
    matches: ({ owner }, object) => isRow(object) && object.owner === owner,
  });
  expect(own.matches({ owner: 'a' }, { owner: 'a' })).toBe(true);
});

describe.each(runs)('objects that are left out: %s', (_name, run) => {
  const leftOut = (filter: () => unknown) =>
    new RulesApi(
      `
        type Query {
          rows: [Row] @auth(policy: "own")
          page: Page @auth(policy: "own")
          open: [Row!]!
          one(id: Int): Row
        }
        type Page { rows: [Row!] total: Int }
        type Row @auth(policy: "own") { id: Int }
      `,
      {
        policies: {
          own: defineFilterPolicy({
            refusedAs: 'omitted',
            hidden: true,
            filter,
            matches: (own, object) => isRow(object) && isRow(own) && object.owner === own.owner,
          }),
        },
        resolvers: {
          Query: {
            rows: (_source, _args, context) => load(takeFrom(context)),
            page(_source, _args, context) {
              const found = load(takeFrom(context));
              return { rows: found, total: found.length };
            },
            open: () => rows,
            one: (_source, { id }) => rows.find((row) => row.id === id),
          },
        },
      },
    );
  const operation = '{ rows { id } page { rows { id } total } open { id } one(id: 2) { id } }';

  it.each([
    ['a filter', () => ({ owner: 'viewer' })],
    ['a promise of one', async () => ({ owner: 'viewer' })],
  ])('by %s', async (_answer, filter) => {
    const mine = [{ id: 1 }, { id: 3 }];
    expect(await run(leftOut(filter), operation, { viewer })).toMatchObject({
      data: { rows: mine, page: { rows: mine, total: 2 }, open: mine, one: null },
      errors: {},
    });
  });

  it('by false', async () => {
    expect(
      await run(
        leftOut(() => false),
        operation,
        { viewer },
      ),
    ).toMatchObject({
      data: { rows: null, page: null, open: [], one: null },
      errors: {},
    });
  });
});
