import { describe, expect, it } from 'vitest';
import { readDocument } from './markdown.ts';

const security = readDocument('SECURITY.md');

/** The tables of a section of SECURITY.md, one list of cells for each row. */
function rowsOf(section: string): string[][] {
  const text = security.split(`### ${section}`)[1]?.split('\n#')[0] ?? '';
  const rows = text.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(1).map((row) =>
    row
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim()),
  );
}

const sections = Array.from(security.matchAll(/^### (.+)$/gm), ([, title]) => title ?? '').filter(
  (title) => rowsOf(title).length > 0,
);

describe.each(sections)('SECURITY.md, %s', (section) => {
  it.each(rowsOf(section))('%s %s', (_id, _requirement, how, shownBy = '') => {
    const links = Array.from(shownBy.matchAll(/\[(.+?)\]\((test\/[^)]+)\)/g));
    // Without a test, it says who does it instead, or what is missing.
    if (links.length === 0) expect(how).toMatch(/^Yours: |^Of the issuer|Not met: /);
    for (const [, title = '', file = ''] of links) {
      expect(readDocument(file)).toContain(title);
    }
  });
});

it.each([
  ['OWASP ASVS 5.0, V4.1 and V4.3', '4.1.1 4.1.2 4.1.3 4.1.4 4.1.5 4.3.1 4.3.2'],
  ['OWASP ASVS 5.0, V10.3 (OAuth resource server)', '10.3.1 10.3.2 10.3.3 10.3.4 10.3.5'],
])('SECURITY.md has all of %s', (section, ids) => {
  expect(rowsOf(section).map(([id]) => id)).toEqual(ids.split(' '));
});
