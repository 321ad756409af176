import { makeExecutableSchema } from '@graphql-tools/schema';
import { buildSchema, GraphQLSchema } from 'graphql';
import { authDirectives, guardSchema } from 'graphql-resource-server';
import { expect, test } from 'vitest';

const typeDefs = `${authDirectives} type Query { a: Int @auth }`;

test('tests, tools and the package share one copy of graphql', () => {
  expect(guardSchema(buildSchema(typeDefs))).toBeInstanceOf(GraphQLSchema);
  expect(makeExecutableSchema({ typeDefs })).toBeInstanceOf(GraphQLSchema);
});
