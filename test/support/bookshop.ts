import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';

/** A schema that has nothing in common with this API's own. */
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

// A schema without a single rule is likely a mistake, and some of these have none that matters.
const oneRule = 'type Unreachable { any: Int @auth }';

/** It, or another one, guarded; nothing of it can be resolved. */
export function guarded(typeDefs: string = bookshop): GraphQLSchema {
  const policies = { owner: () => false };
  return guardSchema(makeExecutableSchema({ typeDefs: [authDirectives, oneRule, typeDefs] }), {
    policies,
  });
}
