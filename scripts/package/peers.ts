/** A package that users of an entry install, because their server or database uses it too. */
export interface Peer {
  /** The versions that work. */
  readonly range: string;
  /** The entries that import it, by the name after `graphql-resource-server/`. */
  readonly entries: readonly string[];
}

/** What every entry may import: the one package that all of a project must share. */
export const sharedPeers: Readonly<Record<string, string>> = {
  graphql: '^16.8.0 || ^17.0.0',
};

/** What every entry may import, and npm installs with the package. */
export const dependencies: readonly string[] = ['jose', 'lru-cache'];

/**
 * The packages that single entries import. An import that is not here fails the build, so no entry
 * gets the types of another framework. Those that no entry imports are not in the manifest.
 */
export const optionalPeers: Readonly<Record<string, Peer>> = {
  '@apollo/server': { range: '^5.0.0', entries: ['apollo-server'] },
  // Yoga depends on both, so they are there if it is. Other tools hoist older versions of the second.
  '@graphql-tools/executor': { range: '^2.0.0', entries: ['yoga'] },
  '@graphql-tools/utils': { range: '^10.11.0 || ^11.2.0 || ^12.0.0', entries: ['yoga'] },
  '@opentelemetry/api': { range: '^1.9.0', entries: ['opentelemetry'] },
  // The commands load both where they need them.
  dpop: { range: '^2.0.0', entries: ['bin'] },
  fastify: { range: '^5.0.0', entries: ['mercurius'] },
  'graphql-http': { range: '^1.22.0', entries: ['graphql-http'] },
  'graphql-ws': { range: '^6.0.0', entries: ['graphql-ws'] },
  // The entry for graphql-ws executes the operations of WebSockets in Yoga.
  'graphql-yoga': { range: '^5.16.0', entries: ['yoga', 'graphql-ws'] },
  mercurius: { range: '^16.0.0', entries: ['mercurius'] },
  'openid-client': { range: '^6.0.0', entries: ['bin'] },
  'prom-client': { range: '^15.0.0', entries: ['metrics'] },
  // `doctor` records a use in it.
  redis: { range: '^6.0.0', entries: ['redis', 'bin'] },
  vitest: { range: '>=3.2.0', entries: ['testing/vitest'] },
};
