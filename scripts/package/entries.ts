import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** One subpath of the package. */
export interface Entry {
  /** The name after `graphql-resource-server/`; `.` for the main entry. */
  readonly name: string;
  /** Below src or dist, without an extension. */
  readonly module: string;
}

/** The entries that the sources have: one for each folder with an `index.ts`. */
export function findEntries(sources: string): readonly Entry[] {
  const adapters = readdirSync(join(sources, 'adapters'))
    .filter((name) => existsSync(join(sources, 'adapters', name, 'index.ts')))
    .sort()
    .map((name) => ({ name, module: `adapters/${name}/index` }));
  return [
    { name: '.', module: 'layer' },
    ...adapters,
    { name: 'testing', module: 'testing/index' },
    { name: 'testing/vitest', module: 'testing/vitest/index' },
    { name: 'token-exchange', module: 'token-exchange/index' },
  ];
}

/** The commands of the package. */
export const bin: Entry = { name: 'bin', module: 'cli/bin' };

/** The `exports` of a manifest, for modules in a folder such as `./dist`. */
export function exportsOf(entries: readonly Entry[], folder: string): Record<string, unknown> {
  return {
    ...Object.fromEntries(
      entries.map(({ name, module }) => [
        name === '.' ? '.' : `./${name}`,
        { types: `${folder}/${module}.d.ts`, default: `${folder}/${module}.js` },
      ]),
    ),
    './package.json': './package.json',
  };
}
