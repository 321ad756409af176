import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { expect, it } from 'vitest';

const dist = fileURLToPath(new URL('../../dist', import.meta.url));
const tarball = readFileSync(join(dist, 'graphql-resource-server.tgz'));
const packed = createPackageFromTarballData(tarball);
const files = packed.listFiles().map((file) => file.split('/package/').pop() ?? file);

it('passes publint', async () => {
  const { messages } = await publint({ pkgDir: join(dist, 'package'), strict: true });
  expect(messages).toEqual([]);
});

it('has types that modern resolution finds, for every entry', async () => {
  const result = await checkPackage(packed);
  const problems = 'problems' in result ? result.problems : [];
  // An ES module cannot be required by TypeScript before 5.8, and `node10` knows no subpaths.
  const known = new Set(['CJSResolvesToESM']);
  expect(
    problems.filter(
      (one) =>
        !known.has(one.kind) && !('resolutionKind' in one && one.resolutionKind === 'node10'),
    ),
  ).toEqual([]);
});

it('has no links to files that are not in it', () => {
  const pages = packed.listFiles().filter((file) => file.endsWith('.md'));
  expect(pages).toHaveLength(3);
  const links = pages.flatMap((file) => [
    ...packed.readFile(file).matchAll(/\]\((?!https?:|#)[^)]+\)|(?:src|srcset|href)="[^"]+"/g),
  ]);
  expect(links.map(([link]) => link)).toEqual([]);
});

it('has what its entries import, and nothing else', () => {
  const folders = new Set(
    files.flatMap((file) => /^\/?(?:.*\/)?dist\/([\w-]+)\//.exec(file)?.[1] ?? []),
  );
  expect([...folders].sort()).toEqual([
    'adapters',
    'authentication',
    'authorization',
    'cli',
    'execution',
    'gate',
    'limits',
    'shared',
    'streams',
    'testing',
    'token-exchange',
    'trusted-documents',
  ]);
  expect(files.filter((file) => !/\.(?:js|d\.ts|md|json)$|LICENSE$/.test(file))).toEqual([]);
  // What is added is small; what is not compiled code stands out.
  expect(tarball.length).toBeLessThan(360 * 1024);
});
