/** The entry `graphql-resource-server/apollo-server` of the package. */
export type { ApolloAuthPlugin } from './apollo-auth-plugin.ts';
export {
  type ApolloAuth,
  type ApolloAuthContext,
  type ApolloAuthOptions,
  createApolloAuth,
} from './create-apollo-auth.ts';
