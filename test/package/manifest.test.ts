import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { exportsOf, findEntries } from '../../scripts/package/entries.ts';
import { createManifest } from '../../scripts/package/manifest.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const repository = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const entries = findEntries(`${root}src`);

const main = { name: '.', module: 'layer' };
const yoga = { name: 'yoga', module: 'adapters/yoga/index' };
const importing = (...names: readonly string[]) =>
  new Map(names.map((name) => [name, `dist/${name}.js`]));

it('the repository has the entries of the package', () => {
  // Here, the main entry has every name, so that programs in the docs run without an installation.
  expect(repository.exports).toEqual({
    ...exportsOf(entries, './dist'),
    '.': { types: './dist/index.d.ts', default: './dist/index.js' },
  });
});

describe('the manifest', () => {
  it('has the peers that are imported, and no exact version', () => {
    const manifest = createManifest(repository, [
      { entry: main, packages: importing('graphql', 'jose') },
      { entry: yoga, packages: importing('graphql', 'graphql-yoga', 'node:http') },
    ]);
    expect(manifest).toMatchObject({
      dependencies: {
        jose: expect.stringMatching(/^\^/),
        'lru-cache': expect.stringMatching(/^\^/),
      },
      peerDependenciesMeta: { 'graphql-yoga': { optional: true } },
    });
    expect(Object.keys(manifest['peerDependencies'] ?? {})).toEqual(['graphql', 'graphql-yoga']);
    expect(JSON.stringify(manifest)).not.toMatch(/"(?!0)\d+\.\d+\.\d+"/);
  });

  it.each([
    [main, 'graphql-yoga', /only the entries yoga, graphql-ws may/],
    [yoga, '@apollo/server', /only the entries apollo-server may/],
    [yoga, 'left-pad', /add left-pad and its range to scripts\/package\/peers.ts/],
  ])('of an entry %j that imports %s is an error', (entry, name, message) => {
    expect(() => createManifest(repository, [{ entry, packages: importing(name) }])).toThrow(
      message,
    );
  });
});
