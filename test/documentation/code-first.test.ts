import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { blocksOf, readDocument, root } from './markdown.ts';

/* The code of docs/code-first.md is the code that test/compatibility/code-first.compatibility.ts runs. */

const folder = new URL('test/compatibility/code-first/', root);
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
const blocks = blocksOf(readDocument('docs/code-first.md'));
const schemas = readdirSync(new URL('schemas', folder));

test('every schema is an example, and every example is tested', () => {
  const written = [...schemas.filter((name) => name !== 'sdl.js').map((name) => `schemas/${name}`)];
  const code = blocks.filter(({ language }) => language !== 'graphql').map(({ text }) => text);

  expect(code.sort()).toEqual([...written, 'guard-closed.js'].map(read).sort());
});

test('the schema in SDL is the one that all are compared with', () => {
  const sdl = blocks.find(({ language }) => language === 'graphql')?.text ?? '';
  const lines = sdl.trimEnd().split('\n');

  expect(read('schemas/sdl.js')).toContain(
    lines.map((line) => (line === '' ? '' : `  ${line}`)).join('\n'),
  );
  expect(lines.length).toBeGreaterThan(30);
});
