import { expect, test } from 'vitest';
import { type ApiOptions, type OperationOptions, RulesApi } from './rules-api.ts';

/** One case. Values that must not leak contain the word `secret`. */
export interface RulesCase extends OperationOptions, Omit<ApiOptions, 'made'> {
  readonly case: string;
  readonly schema: string;
  readonly operation: string;
  /** Default 200. */
  readonly status?: number;
  /** Omitted if the operation is refused as a whole. */
  readonly expected?: unknown;
  /** By path: the code, and what is missing. Default: none. */
  readonly errors?: Readonly<Record<string, string>>;
}

/**
 * Runs each case through Yoga, with a schema built in either way, and with the guards alone under two
 * executors. If the request is executed, they return the same. If it is refused, nothing secret leaks.
 */
export function testCases(cases: readonly RulesCase[]): void {
  // Adjacent cases often differ in the viewer only.
  let last: { readonly row: RulesCase; readonly apis: Map<string, RulesApi> } | undefined;
  const apiFor = (row: RulesCase, made: 'merged' | 'built'): RulesApi => {
    if (last?.row.schema !== row.schema || last.row.data !== row.data) {
      last = { row, apis: new Map() };
    }
    const known = last.apis.get(made);
    if (known && row.resolvers === undefined && row.policies === last.row.policies) return known;
    const api = new RulesApi(row.schema, { ...row, made });
    last.apis.set(made, api);
    return api;
  };
  test.each(cases.map((row) => [row.case, row] as const))('%s', async (_name, row) => {
    const expectsSecret = JSON.stringify(row.expected ?? null).includes('secret');
    // Large tables have similar cases: there each schema is built in one of the two ways.
    const ways = (['merged', 'built'] as const).filter(
      (_way, at) => cases.length < 20 || at === row.schema.length % 2,
    );
    for (const made of ways) {
      const api = apiFor(row, made);
      const outcome = await api.execute(row.operation, row);
      expect(outcome).toMatchObject({ status: row.status ?? 200, errors: row.errors ?? {} });
      expect(outcome.data).toEqual(row.expected);
      expect(outcome.challenge === null).toBe(outcome.status === 200);
      if (row.expected === undefined) expect(outcome.ran).toEqual([]);
      if (row.refuse === undefined && made === ways[0]) {
        // Its challenges also name the metadata of the API.
        const direct = await api.executeDirectly(row.operation, row);
        expect({ ...direct, challenge: null }).toEqual({ ...outcome, challenge: null });
      }
      for (const executor of ['graphql', 'tools'] as const) {
        const alone = await api.alone(row.operation, row, executor);
        expect(expectsSecret || !JSON.stringify(alone.data ?? null).includes('secret')).toBe(true);
        if (row.expected === undefined) continue;
        expect(alone.data).toEqual(row.expected);
        expect(alone.errors).toEqual(row.errors ?? {});
      }
    }
  });
}
