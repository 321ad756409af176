// GraphQL Yoga with its JWT plugin and the generic-auth plugin of Envelop.
import { createServer } from 'node:http';
import { useGenericAuth } from '@envelop/generic-auth';
import { createRemoteJwksSigningKeyProvider, useJWT } from '@graphql-yoga/plugin-jwt';
import { createSchema, createYoga } from 'graphql-yoga';
import { resolvers, typesWith } from './schema.js';
import { audience, host, issuer, jwksUri, port } from './settings.js';

const directives = /* GraphQL */ `
  directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE
`;
const types = typesWith('@requiresScopes(scopes: [["read:messages"]])');

const yoga = createYoga({
  schema: createSchema({ typeDefs: [directives, types], resolvers }),
  plugins: [
    useJWT({
      signingKeyProviders: [createRemoteJwksSigningKeyProvider({ jwksUri })],
      tokenVerification: { issuer, audience, algorithms: ['RS256'] },
    }),
    useGenericAuth({
      mode: 'protect-granular',
      resolveUserFn: (context) => context.jwt?.payload,
    }),
  ],
});
createServer(yoga).listen(port, host);
