import { makeExecutableSchema } from '@graphql-tools/schema';
import { authDirectives, guardSchema } from 'graphql-resource-server';
import { useAuth } from 'graphql-resource-server/yoga';
import { createYoga } from 'graphql-yoga';

const typeDefs = /* GraphQL */ `
  type Query {
    books: [String!]
    me: ID @auth
    notes: [String!] @auth(scope: "read:notes")
    draft(author: ID!): String @auth(policy: "author")
  }
`;

const resolvers = {
  Query: {
    books: () => ['Emma'],
    me: (_source, _args, { viewer }) => viewer.subject,
    notes: () => ['Buy milk'],
    draft: () => 'Chapter 1',
  },
};

export const schema = guardSchema(
  makeExecutableSchema({ typeDefs: [authDirectives, typeDefs], resolvers }),
  { policies: { author: ({ viewer, args }) => args.author === viewer.subject } },
);

export const createServer = (authenticator) =>
  createYoga({ schema, plugins: [useAuth({ authenticator })] });
