import { expect, test } from 'vitest';
import { type ApiOptions, type Question, RulesApi } from './rules-api.ts';

/** One case. Values that nobody may see contain the word `secret`. */
export interface RulesCase extends Question, Omit<ApiOptions, 'made'> {
  readonly case: string;
  readonly schema: string;
  readonly operation: string;
  /** Default 200. */
  readonly status?: number;
  /** Left out where the operation is refused whole. */
  readonly answer?: unknown;
  /** By path: the code, and what is missing. Default: none. */
  readonly errors?: Readonly<Record<string, string>>;
}

/**
 * Asks each case through the front door, of a schema made in either way, and of the guards alone
 * under two executors: where the door answers, they answer the same; where it refuses, they keep
 * what is secret.
 */
export function testCases(cases: readonly RulesCase[]): void {
  // Neighbors often differ in who asks only.
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
  test.each(cases.map((row, index) => [row.case, row, index] as const))(
    '%s',
    async (_name, row, index) => {
      const isSecretMeant = JSON.stringify(row.answer ?? null).includes('secret');
      // Many cases say the same in other words: there the two ways of making a schema take turns.
      const ways = (['merged', 'built'] as const).filter(
        (_way, at) => cases.length < 20 || at === index % 2,
      );
      for (const made of ways) {
        const api = apiFor(row, made);
        const answer = await api.ask(row.operation, row);
        expect(answer).toMatchObject({ status: row.status ?? 200, errors: row.errors ?? {} });
        expect(answer.data).toEqual(row.answer);
        expect(answer.challenge === null).toBe(answer.status === 200);
        if (row.answer === undefined) expect(answer.ran).toEqual([]);
        for (const executor of ['graphql', 'tools'] as const) {
          const alone = await api.alone(row.operation, row, executor);
          expect(isSecretMeant || !JSON.stringify(alone.data ?? null).includes('secret')).toBe(
            true,
          );
          if (row.answer === undefined) continue;
          expect(alone.data).toEqual(row.answer);
          expect(alone.errors).toEqual(row.errors ?? {});
        }
      }
    },
  );
}
