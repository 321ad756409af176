import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { columns } from '../compatibility/matrix/columns.ts';
import { exemptions } from '../compatibility/matrix/exemptions.ts';
import { type Cell, formatMatrix } from '../compatibility/matrix/format-matrix.ts';
import { matrixCases } from '../compatibility/matrix/matrix-cases.ts';
import { blocksOf, readDocument, root } from './markdown.ts';

const pages = readdirSync(new URL('docs/adapters/', root)).map((name) => `docs/adapters/${name}`);

/** The folders with server files, and the files that are not shown. */
const folders = ['servers', 'nestjs', 'next/app/graphql'].map(
  (name) => `test/compatibility/${name}/`,
);
const notShown = 'matrix-options.js';

/** The code of a server file as the docs show it: without what configures tests. */
function documentedCode(file: string): string {
  return readDocument(file)
    .replace(/^.*\/\/ matrix\n/gm, '')
    .replace(/, \w+ \/\* matrix \*\//g, '');
}

const codeIn = (document: string): readonly string[] =>
  blocksOf(readDocument(document))
    .filter(({ language, text }) => ['js', 'ts'].includes(language) && text.startsWith('import '))
    .map(({ text }) => text);

const serverFiles = folders.flatMap((folder) =>
  readdirSync(new URL(folder, root))
    .filter((name) => /\.[jt]s$/.test(name) && name !== notShown)
    .map((name) => `${folder}${name}`),
);

test.each(pages)('%s shows only servers that are tested', (page) => {
  const tested = serverFiles.map(documentedCode);

  expect(codeIn(page).filter((code) => !tested.includes(code))).toEqual([]);
});

test('the docs show every server that is tested', () => {
  const documents = readdirSync(new URL('docs/', root))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`);
  const code = [...pages, ...documents].flatMap(codeIn);

  expect(serverFiles.filter((file) => !code.includes(documentedCode(file)))).toEqual([]);
});

test('docs/adapters/README.md leads to every page', () => {
  const index = readDocument('docs/adapters/README.md');
  const names = pages.map((page) => page.replace('docs/adapters/', ''));

  expect(names.filter((name) => name !== 'README.md' && !index.includes(`](${name}`))).toEqual([]);
});

test('docs/adapters/README.md has the matrix; update it with vitest -u', async () => {
  const file = fileURLToPath(new URL('docs/adapters/README.md', root));
  const [before, after] = readFileSync(file, 'utf8').split(
    /(?<=<!-- matrix -->\n)[\s\S]*(?=<!-- \/matrix -->)/,
  );
  const cells = columns.map(
    ({ name }) =>
      [name, new Map(matrixCases.map((row) => [row.name, cellOf(name, row.name)]))] as const,
  );

  await expect(`${before}\n${formatMatrix(new Map(cells))}\n${after}`).toMatchFileSnapshot(file);
});

function cellOf(server: string, name: string): Cell {
  const exemption = exemptions.find((one) => one.server === server && one.case === name);
  return exemption ? { kind: 'exempt', reason: exemption.reason } : { kind: 'ok' };
}

test('every exemption names a server and a case', () => {
  for (const { server, case: name } of exemptions) {
    expect(columns.map((column) => column.name)).toContain(server);
    expect(matrixCases.map((one) => one.name)).toContain(name);
  }
});
