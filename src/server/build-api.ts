import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import type { AuthContext } from '../adapters/yoga/auth-options.ts';
import type { AuthenticatedContext } from '../authentication/viewer.ts';
import { guardSchema } from '../authorization/enforcement/guard-schema.ts';
import { listScopes } from '../authorization/review/access-rules.ts';
import { type Clock, systemClock } from '../shared/clock.ts';
import type { ApiDefinition, ApiPlugin, CreateContext } from './api-definition.ts';
import { resolveTestUsers, type UserWithScopes } from './test-users.ts';
import { incrementalDirectives } from './use-incremental-delivery.ts';

/** Options for `buildApi`. */
export interface BuildApiOptions {
  /** Whether operations can use `@defer` and `@stream`. Default: false. */
  readonly incrementalDelivery?: boolean;
  /** What `maxAge` is compared with. Default: the system's clock. */
  readonly clock?: Clock;
}

/** An API with its rules compiled, as the server runs it. */
export interface Api {
  /** The guarded schema. */
  readonly schema: GraphQLSchema;
  /** Every scope that a rule of the schema names, or that implies one of them. */
  readonly scopes: readonly string[];
  /** The test users of the local issuer, with their scopes for this schema. */
  readonly testUsers: readonly UserWithScopes[];
  readonly sampleOperations: readonly string[];
  readonly createContext?: CreateContext | undefined;
  readonly plugins: readonly ApiPlugin[];
}

/**
 * Builds the schema of an API and guards it.
 *
 * @throws {SchemaRuleError} When a rule cannot be enforced as written.
 * @throws {TypeError} When a scope implies itself.
 */
export function buildApi<Added extends object>(
  definition: ApiDefinition<Added>,
  { incrementalDelivery = false, clock = systemClock }: BuildApiOptions = {},
): Api {
  const { typeDefs, resolvers, policies = {}, scopeHierarchy } = definition;
  const executable = makeExecutableSchema<AuthenticatedContext<AuthContext & Added>>({
    typeDefs: [typeDefs, incrementalDelivery ? incrementalDirectives : []].flat(),
    resolvers: [resolvers].flat(),
  });
  const schema = guardSchema(executable, {
    policies,
    clock,
    ...(scopeHierarchy ? { scopeHierarchy } : {}),
  });
  const scopes = listScopes(schema);
  return {
    schema,
    scopes,
    testUsers: resolveTestUsers(definition.testUsers ?? [], scopes),
    sampleOperations: definition.sampleOperations ?? [],
    createContext: definition.createContext,
    plugins: definition.plugins ?? [],
  };
}
