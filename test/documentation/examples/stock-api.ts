import { makeExecutableSchema } from '@graphql-tools/schema';
import { createYoga } from 'graphql-yoga';
import { type AuthContext, useAuth } from '../../../src/adapters/yoga/index.ts';
import {
  authDirectives,
  createAuthenticator,
  guardSchema,
  notDelegated,
} from '../../../src/layer.ts';

const typeDefs = /* GraphQL */ `
  ${authDirectives}
  type Query {
    inStock(sku: ID!): Int @auth(scope: "read:stock")
  }
  type Mutation {
    "People do this themselves: no service does it for them."
    takeOut(sku: ID!): Int @auth(scope: "read:stock", policy: "notDelegated")
  }
`;

const stock = new Map([['lamp', 7]]);

export function createStockApi(issuer: string, log: (line: string) => void) {
  const resolvers = {
    Query: {
      inStock(_root: unknown, { sku }: { sku: string }, { viewer }: AuthContext) {
        if (viewer.kind === 'authenticated') {
          log(`${viewer.subject} reads ${sku} by ${viewer.actors?.[0]?.subject ?? 'themselves'}`);
        }
        return stock.get(sku);
      },
    },
    Mutation: {
      takeOut: (_root: unknown, { sku }: { sku: string }) => stock.get(sku),
    },
  };
  const schema = guardSchema(makeExecutableSchema<AuthContext>({ typeDefs, resolvers }), {
    policies: { notDelegated },
  });
  const authenticator = createAuthenticator({ issuer, audience: 'https://stock.example.com' });
  return createYoga<object, AuthContext>({ schema, plugins: [useAuth({ authenticator })] });
}
