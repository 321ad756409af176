import { createServer } from 'node:http';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { authDirectives, createAuthenticator, guardSchema } from 'graphql-resource-server';
import { toFederationDirectives } from 'graphql-resource-server/federation';
import { useAuth } from 'graphql-resource-server/yoga';
import { createYoga } from 'graphql-yoga';

const typeDefs = parse(/* GraphQL */ `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key"])

  ${authDirectives}

  schema @auth {
    query: Query
    mutation: Mutation
  }

  type Query {
    status: String @public
    me: User
  }

  type Mutation {
    rename(name: String!): User @auth(scope: "write:users")
  }

  type User @key(fields: "id") @auth(scope: ["read:users", "admin"]) {
    id: ID!
    name: String
    email: String @auth(scope: "read:emails")
    notes: String @auth(policy: "isOwner")
  }
`);

const users = new Map([
  ['1', { id: '1', name: 'Ada', email: 'ada@example.com', notes: 'Call Grace.', owner: 'ada' }],
  ['2', { id: '2', name: 'Grace', email: 'grace@example.com', notes: 'Call Ada.', owner: 'grace' }],
]);

const resolvers = {
  Query: {
    status: () => 'up',
    me: () => users.get('1'),
  },
  Mutation: {
    rename: (_, { name }) => Object.assign(users.get('1'), { name }),
  },
  User: {
    // Does not run for viewers who are refused users.
    __resolveReference: ({ id }) => users.get(id),
  },
};

const policies = {
  isOwner: ({ viewer, source }) => source.owner === viewer.subject,
};

const schema = guardSchema(buildSubgraphSchema({ typeDefs, resolvers }), { policies });

// What composition reads. The router does not evaluate isOwner, which needs the user.
const sdl = toFederationDirectives(schema, { policies: [] });
schema.getQueryType().getFields()._service.resolve = () => ({ sdl });

const authenticator = createAuthenticator({
  issuer: process.env.OIDC_ISSUER,
  audience: process.env.OIDC_AUDIENCE,
});

createServer(createYoga({ schema, plugins: [useAuth({ authenticator })] })).listen(
  Number(process.env.PORT),
  '127.0.0.1',
);
