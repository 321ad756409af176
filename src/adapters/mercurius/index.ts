/** The entry `graphql-resource-server/mercurius` of the package. */
export {
  type GuardedMercuriusContext,
  type GuardedMercuriusOptions,
  guardedMercurius,
} from './guarded-mercurius.ts';
