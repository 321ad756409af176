/** The entry `graphql-resource-server/federation` of the package. */
export {
  type FederationDirectivesOptions,
  toFederationDirectives,
} from './to-federation-directives.ts';
