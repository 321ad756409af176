import { bin, type Entry, exportsOf } from './entries.ts';
import { dependencies, optionalPeers, sharedPeers } from './peers.ts';

/** What the manifest of the package takes from the one of the repository. */
export interface RepositoryManifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly engines: { readonly node: string };
  readonly dependencies: Readonly<Record<string, string>>;
}

/** The packages that an entry imports, each with a file that imports it. */
export interface EntryImports {
  readonly entry: Entry;
  readonly packages: ReadonlyMap<string, string>;
}

/**
 * The package.json of the package, made of what its entries import.
 *
 * @throws Error if an entry imports what it must not; the message says what to do.
 */
export function createManifest(
  repository: RepositoryManifest,
  imports: readonly EntryImports[],
): Record<string, unknown> {
  const problems = imports.flatMap(findProblems);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const used = new Set(imports.flatMap(({ packages }) => [...packages.keys()]));
  const peers = Object.entries(optionalPeers).filter(([name]) => used.has(name));
  return {
    name: repository.name,
    version: repository.version,
    description:
      'Access rules in a GraphQL schema: @auth on each field, verified access tokens, refusals that clients can act on.',
    license: repository.license,
    keywords: ['graphql', 'authorization', 'oauth', 'dpop', 'jwt', 'directive'],
    type: 'module',
    engines: repository.engines,
    // Importing this entry registers matchers.
    sideEffects: ['./dist/testing/vitest/index.js'],
    exports: exportsOf(
      imports.map(({ entry }) => entry).filter((entry) => entry !== bin),
      './dist',
    ),
    bin: { [repository.name]: `./dist/${bin.module}.js` },
    dependencies: Object.fromEntries(
      dependencies.map((name) => [name, `^${repository.dependencies[name]}`]),
    ),
    peerDependencies: {
      ...sharedPeers,
      ...Object.fromEntries(peers.map(([name, { range }]) => [name, range])),
    },
    peerDependenciesMeta: Object.fromEntries(peers.map(([name]) => [name, { optional: true }])),
  };
}

function findProblems({ entry, packages }: EntryImports): readonly string[] {
  return [...packages].flatMap(([name, file]) => {
    if (name.startsWith('node:') || dependencies.includes(name) || name in sharedPeers) return [];
    const peer = optionalPeers[name];
    if (peer?.entries.includes(entry.name)) return [];
    const where = `${file} imports ${name}, and the entry ${entry.name} reaches it`;
    return [
      peer === undefined
        ? `${where}: add ${name} and its range to scripts/package/peers.ts, or remove the import.`
        : `${where}: only the entries ${peer.entries.join(', ')} may. Remove the import, or add the entry to scripts/package/peers.ts.`,
    ];
  });
}
