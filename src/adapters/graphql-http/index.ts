/** The entry `graphql-resource-server/graphql-http` of the package. */
export {
  type GuardedHandlerContext,
  type GuardedHandlerOptions,
  guardedHandlerOptions,
} from './guarded-handler-options.ts';
