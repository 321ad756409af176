import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { defineFilterPolicy } from '../../src/authorization/rules/filter-policies.ts';
import { generatedCases } from '../support/generated-cases.ts';
import { createViewer, RulesApi } from '../support/rules-api.ts';

/* The two ways to decide about objects: the filter of a query, and one object after the other. */

interface Row {
  readonly id: number;
  readonly owner: string;
  readonly isPublic: boolean;
  readonly team: string;
}
type Filter = readonly {
  readonly column: 'owner' | 'isPublic' | 'team';
  readonly value: unknown;
}[];

let rows: readonly Row[] = [];

/** Like a query builder: any of the conditions. */
const query = (filter: Filter | undefined): readonly Row[] =>
  rows.filter((row) => !filter || filter.some(({ column, value }) => row[column] === value));

const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && 'isPublic' in value;

const visible = defineFilterPolicy({
  filter: ({ viewer: { subject, scopes } }): Filter | boolean | Promise<Filter> => {
    if (scopes.has('all')) return true;
    if (scopes.has('none')) return false;
    const own: Filter = [
      { column: 'owner', value: subject },
      { column: 'isPublic', value: true },
      ...[...scopes].map((value) => ({ column: 'team', value }) as const),
    ];
    return scopes.has('later') ? Promise.resolve(own) : own;
  },
  matches: (filter: Filter, object) =>
    isRow(object) && filter.some(({ column, value }) => object[column] === value),
});

const types = `
  type Query { filtered: [Row] @auth(policy: "visible") count: Int @auth(policy: "visible") each: [Row] }
  type Row @auth(policy: "visible") { id: Int }
`;
const take = (context: unknown): Filter | undefined =>
  (context as { filter: (name: 'visible') => Filter | undefined }).filter('visible');
const api = new RulesApi(types, {
  policies: { visible },
  resolvers: {
    Query: {
      filtered: (_source, _args, context) => query(take(context)),
      count: async (_source, _args, context) => query(take(context)).length,
      each: () => rows,
    },
  },
});

const row = fc.record({
  id: fc.nat(),
  owner: fc.constantFrom('viewer', 'other', ''),
  isPublic: fc.boolean(),
  team: fc.constantFrom('a', 'b', 'later'),
});
const scope = fc.subarray(['a', 'b', 'later', 'all', 'none']);

it.each(['execute', 'executeDirectly'] as const)(
  'a filter lets through what it matches: %s',
  async (method) => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 20 }), scope, async (generated, scopes) => {
        rows = generated;
        const viewer = createViewer(scopes.join(' '));
        const result = await api[method]('{ filtered { id } count each { id } }', { viewer });
        const data = result.data as Record<'filtered' | 'each', ({ id: number } | null)[] | null>;
        const matched = data.each?.filter((one) => one !== null);
        expect(data.filtered ?? []).toEqual(matched);
        expect(data).toMatchObject({ count: data.filtered === null ? null : matched?.length });
      }),
      { numRuns: generatedCases(20) },
    );
  },
);
