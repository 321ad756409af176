import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';

/** A schema that shares nothing with the fixture's. */
export const bookshop = `
  type Query {
    books: [Book] @auth(scope: "books:read")
    book(id: ID!, kind: Kind!): Book @auth
    news: String
  }
  type Mutation {
    addBook(book: NewBook!): Book @auth(scope: "books:write")
  }
  enum Kind { NOVEL POEM }
  input NewBook { title: String!, pages: Int!, tags: [String!]!, notes: String }
  type Book { id: ID!, title: String!, notes: String @auth(scope: "notes:read"), author: Author }
  type Author { name: String }
`;

// guardSchema rejects a schema without rules, and some test schemas have none.
const oneRule = 'type Unreachable { any: Int @auth }';

/** Guards a schema, by default the bookshop. It has no resolvers. */
export function guarded(typeDefs: string = bookshop): GraphQLSchema {
  const policies = { owner: () => false };
  return guardSchema(makeExecutableSchema({ typeDefs: [authDirectives, oneRule, typeDefs] }), {
    policies,
  });
}
