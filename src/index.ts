/**
 * What the repository itself exports: the entries of the package that need nothing but its own
 * dependencies. Each of them, and those for other servers, is a subpath of its own.
 */
export * from './adapters/graphql-ws/index.ts';
export * from './adapters/redis/index.ts';
export * from './adapters/yoga/index.ts';
export * from './layer.ts';
export * from './testing/index.ts';
export * from './token-exchange/index.ts';
