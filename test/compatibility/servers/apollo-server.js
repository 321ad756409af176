import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled'; // matrix
import { startStandaloneServer } from '@apollo/server/standalone';
import { createAuthenticator } from 'graphql-resource-server';
import { createApolloAuth } from 'graphql-resource-server/apollo-server';
import { limits, matrixOptions } from './matrix-options.js'; // matrix
import { createGuardedSchema } from './schema.js';

const authenticator = createAuthenticator({
  issuer: process.env.OIDC_ISSUER,
  audience: process.env.OIDC_AUDIENCE,
  ...matrixOptions(), // matrix
});

const auth = createApolloAuth({ authenticator, limits /* matrix */ });
const server = new ApolloServer({
  schema: createGuardedSchema(),
  allowBatchedHttpRequests: true, // matrix
  plugins: [auth.plugin],
});
server.addPlugin(ApolloServerPluginCacheControlDisabled()); // matrix

await startStandaloneServer(server, {
  context: auth.context,
  listen: { port: Number(process.env.PORT), host: '127.0.0.1' },
});
