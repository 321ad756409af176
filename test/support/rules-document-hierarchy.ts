import type { GraphQLSchema } from 'graphql';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';

export const guardWithHierarchy = (schema: GraphQLSchema): GraphQLSchema =>
  guardSchema(schema, {
    scopeHierarchy: {
      admin: ['messages:write', 'audit'],
      'messages:write': ['messages:read'],
    },
  });
