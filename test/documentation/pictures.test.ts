import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pictures } from '../../scripts/pictures.ts';
import { readDocument, root } from './markdown.ts';

const names = Object.keys(pictures);
const files = readdirSync(new URL('docs/images/', root)).filter((name) => name.endsWith('.png'));

test('npm run pictures makes every picture, light and dark', () => {
  expect(files.toSorted()).toEqual(
    names.flatMap((name) => [`${name}-dark.png`, `${name}-light.png`]).toSorted(),
  );
});

test('README.md shows GraphiQL', () => {
  expect(referencesIn('README.md')).toEqual(['graphiql-dark.png', 'graphiql-light.png']);
});

test('the documents show every picture, and none that does not exist', () => {
  const documents = readdirSync(new URL('docs/', root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`);
  const shown = ['README.md', ...documents].flatMap(referencesIn);
  expect([...new Set(shown)].toSorted()).toEqual(files.toSorted());
});

test.each(files)('%s is a PNG, at most 1280 pixels wide and below 170 KB', (name) => {
  const file = readFileSync(new URL(`docs/images/${name}`, root));

  expect(file.toString('latin1', 1, 4)).toBe('PNG');
  expect(file.readUInt32BE(16)).toBeLessThanOrEqual(1280);
  expect(file.length).toBeLessThan(170_000);
});

/** The pictures that a document shows, which must have a description. */
function referencesIn(document: string): readonly string[] {
  const text = readDocument(document);
  for (const [image] of text.matchAll(/<img [^>]*>/g)) expect(image).toMatch(/ alt="[^"]{20,}"/);
  return [...text.matchAll(/(?:src|srcset)="(?:docs\/)?images\/([^"]+\.png)"/g)].map(
    ([, name = '']) => name,
  );
}
