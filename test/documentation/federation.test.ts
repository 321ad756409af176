import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { blocksOf, readDocument, root } from './markdown.ts';

/* The files themselves are run by test/compatibility/federation.compatibility.ts. */

test('docs/federation.md shows the files that the tests run', () => {
  const folder = 'test/compatibility/federation/';
  const files = readdirSync(new URL(folder, root)).filter((name) => name.endsWith('.js'));
  const shown = blocksOf(readDocument('docs/federation.md')).filter(
    ({ language }) => language === 'js',
  );
  expect(shown.map(({ text }) => text).sort()).toEqual(
    files.map((name) => readDocument(folder + name)).sort(),
  );
});
