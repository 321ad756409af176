import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readDocument, root } from './markdown.ts';

const pictures = [...readDocument('README.md').matchAll(/(?:src|srcset)="([^"]+)"/g)].map(
  ([, path = '']) => path,
);

test('README.md shows GraphiQL, light and dark', () => {
  expect(pictures.toSorted()).toEqual([
    'docs/images/graphiql-dark.png',
    'docs/images/graphiql-light.png',
  ]);
});

test.each(pictures)('%s is a PNG of 1280 x 800, below 150 KB', (path) => {
  const file = readFileSync(new URL(path, root));

  expect(file.toString('latin1', 1, 4)).toBe('PNG');
  expect([file.readUInt32BE(16), file.readUInt32BE(20)]).toEqual([1280, 800]);
  expect(file.length).toBeLessThan(150_000);
});
