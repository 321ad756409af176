import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import { guardSchema } from '../authorization/enforcement/guard-schema.ts';
import { listScopes } from '../authorization/review/access-rules.ts';
import type { Migrations } from '../database/migrations.ts';
import { type Clock, systemClock } from '../shared/clock.ts';
import type { ApiDefinition, ApiPlugin, CreateContext } from './api-definition.ts';
import { combineContexts, combineMigrations, combineNames } from './api-modules.ts';
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
  /** The migrations of all modules; undefined if none has any. */
  readonly migrations?: Migrations | undefined;
}

/**
 * Builds the schema of an API, with those of its modules, and guards it.
 *
 * @throws {SchemaRuleError} When a rule cannot be enforced as written.
 * @throws {TypeError} When a scope implies itself, or two modules have policies or migrations of the same
 *   name.
 */
export function buildApi<Added extends object>(
  definition: ApiDefinition<Added>,
  { incrementalDelivery = false, clock = systemClock }: BuildApiOptions = {},
): Api {
  const { modules = [], scopeHierarchy } = definition;
  const parts = [definition, ...modules];
  const executable = makeExecutableSchema<never>({
    typeDefs: [
      ...parts.flatMap(({ typeDefs }) => typeDefs),
      ...(incrementalDelivery ? [incrementalDirectives].flat() : []),
    ],
    resolvers: parts.flatMap(({ resolvers }) => resolvers),
  });
  const schema = guardSchema(executable, {
    policies: combineNames(
      'policy',
      parts.map(({ policies }) => policies),
    ),
    clock,
    ...(scopeHierarchy ? { scopeHierarchy } : {}),
  });
  const scopes = listScopes(schema);
  return {
    schema,
    scopes,
    testUsers: resolveTestUsers(definition.testUsers ?? [], scopes),
    sampleOperations: parts.flatMap(({ sampleOperations = [] }) => sampleOperations),
    createContext: combineContexts(parts.map(({ createContext }) => createContext)),
    plugins: definition.plugins ?? [],
    migrations: combineMigrations(modules),
  };
}
