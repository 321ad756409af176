import { createServer } from 'node:http';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled'; // matrix
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { expressMiddleware } from '@as-integrations/express5';
import express from 'express';
import { createAuthenticator } from 'graphql-resource-server';
import { createApolloAuth } from 'graphql-resource-server/apollo-server';
import { webSocketOptions } from 'graphql-resource-server/graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { limits, matrixOptions } from './matrix-options.js'; // matrix
import { createGuardedSchema } from './schema.js';

const schema = createGuardedSchema();
const authenticator = createAuthenticator({
  issuer: process.env.OIDC_ISSUER,
  audience: process.env.OIDC_AUDIENCE,
  ...matrixOptions(), // matrix
});

const app = express();
const httpServer = createServer(app);

const auth = createApolloAuth({ authenticator, limits /* matrix */ });
const server = new ApolloServer({
  schema,
  allowBatchedHttpRequests: true, // matrix
  plugins: [auth.plugin, ApolloServerPluginDrainHttpServer({ httpServer })],
});
server.addPlugin(ApolloServerPluginCacheControlDisabled()); // matrix
await server.start();
app.use('/graphql', express.json(), expressMiddleware(server, { context: auth.context }));

const sockets = new WebSocketServer({ server: httpServer, path: '/graphql', maxPayload: 100_000 });
useServer(webSocketOptions({ schema, authenticator, limits /* matrix */ }), sockets);

httpServer.listen(Number(process.env.PORT), '127.0.0.1');
