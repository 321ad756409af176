import type { GraphQLSchema } from 'graphql';
import { guardSchema } from '../../src/layer.ts';

export const guardWithTrial = (schema: GraphQLSchema): GraphQLSchema =>
  guardSchema(schema, {
    shadow: {
      coordinates: ['Query.report', 'Report'],
      report: ({ coordinate, code, scope }) => console.info(coordinate, code, scope),
    },
  });
