import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { columns } from './columns.ts';
import { exemptions } from './exemptions.ts';
import { matrixCases } from './matrix-cases.ts';
import type { ComparedResponse } from './responses.ts';
import { startTarget, type Target } from './start-target.ts';

/** What the first server responded, by the names of cases. */
const expected = new Map<string, Readonly<Record<string, unknown>>>();

describe.each(columns.map((column) => [column.name, column] as const))('%s', (_name, column) => {
  let target: Target;
  beforeAll(async () => {
    target = await startTarget(column);
  });
  afterAll(() => target?.stop());

  for (const { name, run } of matrixCases) {
    const isExempt = exemptions.some((one) => one.server === column.name && one.case === name);
    // An exemption that is no longer needed fails.
    const test = isExempt ? it.fails : it;
    test(name, async () => {
      const responses = await run(target);
      if (column === columns[0]) expected.set(name, toExpected(responses));
      else expect(responses).toEqual(expected.get(name));
    });
  }
});

/** The same responses, except that a server can say `no-store` more often. */
function toExpected(
  responses: Readonly<Record<string, ComparedResponse>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(responses).map(([name, response]) => [
      name,
      { ...response, isNoStore: response.isNoStore || expect.any(Boolean) },
    ]),
  );
}
