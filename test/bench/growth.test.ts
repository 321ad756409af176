import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { compareGrowth, formatExceeded, formatGrowthResults } from '../../bench/growth-report.ts';
import { createDocument } from '../../bench/many-requests.ts';

test.each([
  ['types', 100, 110, 1.1, true],
  ['types', 100, 111, 1.11, false],
  ['memory', 120, 180, 60, true],
  ['memory', 120, 181, 61, false],
  ['memory', Number.NaN, 181, Number.NaN, false],
] as const)('%s: from %d to %d', (name, before, after, growth, isMet) => {
  expect(compareGrowth(name, before, after)).toMatchObject({ growth, isMet });
});

test('the report shows each result, and names what is exceeded', () => {
  const results = [compareGrowth('types', 100, 105), compareGrowth('memory', 120, 190)];

  expect(formatGrowthResults(results)).toContain(
    '| types of the schema: 10 → 10,000 | 100 µs | 105 µs | ≤ 1.1 × | 1.05 × | met |',
  );
  expect(formatExceeded(results)).toBe(
    'Not met: memory: after 10,000 → 1,000,000 requests: 70 MB more, required ≤ 60 MB more\n',
  );
});

test('documents are valid, and different', () => {
  const queries = Array.from({ length: 100 }, (_, index) => createDocument(index, 'text').query);

  expect(new Set(queries).size).toBe(100);
  for (const query of queries) expect(() => parse(query)).not.toThrow();
});
