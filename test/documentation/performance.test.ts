import { expect, test } from 'vitest';
import { formatGrowthLimit, growthLimits } from '../../bench/growth-report.ts';
import { ratios } from '../../bench/ratios.ts';
import { formatLimit, replaceReport } from '../../bench/report.ts';
import { readDocument, sectionOf, tableRows } from './markdown.ts';

const document = readDocument('docs/performance.md');
const expected = ratios.map((ratio) => [ratio.label, formatLimit(ratio)]);

test('the table of ratios is what --assert checks', () => {
  expect(tableRows(sectionOf(document, 'What must hold'))).toEqual(expected);
});

test('the table of growth is what --growth --assert checks', () => {
  expect(tableRows(sectionOf(document, 'Growth'))).toEqual(
    Object.values(growthLimits).map((limit) => [limit.label, formatGrowthLimit(limit)]),
  );
});

test('recorded results have the same ratios', () => {
  const recorded = tableRows(sectionOf(document, 'Results')).filter((row) => row.length === 4);

  expect([[], expected]).toContainEqual(recorded.map((row) => row.slice(0, 2)));
});

test('a new report replaces the last one, and nothing else', () => {
  const once = replaceReport(document, 'A report.');

  expect(once).toContain('A report.');
  expect(replaceReport(once, 'A report.')).toBe(once);
  expect(once.split('<!--')[0]).toBe(document.split('<!--')[0]);
  expect(() => replaceReport('No markers.', 'A report.')).toThrow('markers');
});
