import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import { guardSchema } from '../authorization/guard-schema.ts';
import type { AuthContext } from '../yoga/use-auth.ts';
import { resolvers } from './resolvers.ts';

/**
 * This API's schema, guarded.
 *
 * @param typeDefs The text of schema.graphql.
 * @throws {SchemaRuleError} When a rule in it cannot be enforced.
 */
export function createSchema(typeDefs: string): GraphQLSchema {
  return guardSchema(makeExecutableSchema<AuthContext>({ typeDefs, resolvers }));
}
