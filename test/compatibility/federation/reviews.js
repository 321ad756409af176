import { createServer } from 'node:http';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { createAuthenticator, guardSchema } from 'graphql-resource-server';
import { useAuth } from 'graphql-resource-server/yoga';
import { createYoga } from 'graphql-yoga';

const typeDefs = parse(/* GraphQL */ `
  extend schema
    @link(
      url: "https://specs.apollo.dev/federation/v2.6"
      import: ["@key", "@authenticated", "@requiresScopes", "@policy"]
    )

  type Query {
    reviews: [Review]
    drafts: [Review] @policy(policies: [["isEditor"], ["isAuthor", "isTrusted"]])
  }

  type User @key(fields: "id") {
    id: ID!
    reviews: [Review] @authenticated
  }

  type Review {
    text: String
    author: User
    score: Int @requiresScopes(scopes: [["read:scores"], ["admin"]])
  }
`);

const reviews = [
  { text: 'Good.', author: { id: '1' }, score: 5 },
  { text: 'Bad.', author: { id: '2' }, score: 1 },
];

const resolvers = {
  Query: {
    reviews: () => reviews,
    drafts: () => [{ text: 'So so.', author: { id: '1' }, score: 3 }],
  },
  User: {
    reviews: ({ id }) => reviews.filter(({ author }) => author.id === id),
  },
};

const roles = (viewer) => viewer.claims.roles ?? [];
const policies = {
  isEditor: ({ viewer }) => roles(viewer).includes('editor'),
  isAuthor: ({ viewer }) => roles(viewer).includes('author'),
  isTrusted: ({ viewer }) => roles(viewer).includes('trusted'),
};

const schema = guardSchema(buildSubgraphSchema({ typeDefs, resolvers }), {
  policies,
  federationDirectives: 'enforce',
});

const authenticator = createAuthenticator({
  issuer: process.env.OIDC_ISSUER,
  audience: process.env.OIDC_AUDIENCE,
});

createServer(createYoga({ schema, plugins: [useAuth({ authenticator })] })).listen(
  Number(process.env.PORT),
  '127.0.0.1',
);
