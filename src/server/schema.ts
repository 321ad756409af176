import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import type { AuthContext } from '../adapters/yoga/use-auth.ts';
import { createResolvers } from '../api/resolvers.ts';
import { guardSchema } from '../authorization/enforcement/guard-schema.ts';
import { type Clock, systemClock } from '../shared/clock.ts';
import { incrementalDirectives } from './use-incremental-delivery.ts';

/** What the schema is beside its text. */
export interface SchemaOptions {
  /** Whether operations may say `@defer` and `@stream`. Default false. */
  readonly incrementalDelivery?: boolean;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/**
 * This API's schema, guarded.
 *
 * @param text The text of schema.graphql.
 * @throws {SchemaRuleError} When a rule in it cannot be enforced.
 */
export function createSchema(text: string, options: SchemaOptions = {}): GraphQLSchema {
  const { incrementalDelivery = false, clock = systemClock } = options;
  const typeDefs = incrementalDelivery ? [text, incrementalDirectives] : text;
  const schema = makeExecutableSchema<AuthContext>({ typeDefs, resolvers: createResolvers(clock) });
  return guardSchema(schema, { clock });
}
