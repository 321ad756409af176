import { makeExecutableSchema } from '@graphql-tools/schema';
import { GraphQLError } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { type AuthContext, useAuth } from '../../../src/adapters/yoga/index.ts';
import {
  authDirectives,
  type ClientCredentials,
  createAuthenticator,
  guardSchema,
  maskUnexpectedErrors,
  type Viewer,
} from '../../../src/layer.ts';
import { createTokenExchange, TokenEndpointError } from '../../../src/token-exchange/index.ts';

const typeDefs = /* GraphQL */ `
  ${authDirectives}
  type Query {
    order: Order @auth
  }
  type Order {
    sku: ID!
    "What the stock API says."
    inStock: Int @auth(scope: "read:stock")
  }
`;

export interface OrdersApiOptions {
  readonly issuer: string;
  /** This API as a client of the issuer. */
  readonly client: ClientCredentials;
  readonly stockUrl: string;
  readonly report: (error: unknown, id: string) => void;
}

export function createOrdersApi({ issuer, client, stockUrl, report }: OrdersApiOptions) {
  const audience = 'https://orders.example.com';
  const authenticator = createAuthenticator({ issuer, audience, keepAccessTokens: true });
  const { exchangeToken } = createTokenExchange({ issuer, client, authenticator });

  async function countStock(viewer: Viewer, sku: string): Promise<unknown> {
    const token = await exchangeToken(viewer, {
      audience: 'https://stock.example.com',
      scope: 'read:stock',
    });
    const response = await fetch(stockUrl, {
      method: 'POST',
      headers: {
        ...(await token.headersFor({ method: 'POST', url: stockUrl })),
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        query: 'query ($sku: ID!) { inStock(sku: $sku) }',
        variables: { sku },
      }),
      signal: AbortSignal.timeout(5_000),
    });
    if (!response.ok) throw new Error(`The stock API responded with status ${response.status}.`);
    const { data } = await response.json();
    return data.inStock;
  }

  const resolvers = {
    Query: { order: () => ({ sku: 'lamp' }) },
    Order: {
      async inStock({ sku }: { sku: string }, _args: unknown, { viewer }: AuthContext) {
        try {
          return await countStock(viewer, sku);
        } catch (error) {
          if (!(error instanceof TokenEndpointError) || error.retryAfter === undefined) throw error;
          // Other errors are masked, and this one is reported to the client.
          throw new GraphQLError('The stock is not known now.', {
            extensions: { code: 'TRY_AGAIN_LATER', retryAfter: error.retryAfter },
          });
        }
      },
    },
  };
  return createYoga<object, AuthContext>({
    schema: guardSchema(makeExecutableSchema<AuthContext>({ typeDefs, resolvers })),
    plugins: [useAuth({ authenticator })],
    logging: false,
    maskedErrors: { maskError: maskUnexpectedErrors({ report }) },
  });
}
