/** Everything that users of the repository can import. The package has one entry for each line. */
export * from './adapters/apollo-server/index.ts';
export * from './adapters/federation/index.ts';
export * from './adapters/graphql-http/index.ts';
export * from './adapters/graphql-ws/index.ts';
export * from './adapters/mercurius/index.ts';
export * from './adapters/redis/index.ts';
export * from './adapters/yoga/index.ts';
export * from './layer.ts';
export * from './testing/index.ts';
