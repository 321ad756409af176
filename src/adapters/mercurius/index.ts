/** The entry `graphql-resource-server/mercurius` of the package. */
export { type GuardedMercuriusContext, guardedMercurius } from './guarded-mercurius.ts';
export type { GuardedMercuriusOptions } from './mercurius-options.ts';
