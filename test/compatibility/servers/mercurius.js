import Fastify from 'fastify';
import { createAuthenticator } from 'graphql-resource-server';
import { guardedMercurius } from 'graphql-resource-server/mercurius';
import { limits, matrixOptions } from './matrix-options.js'; // matrix
import { createGuardedSchema } from './schema.js';

const authenticator = createAuthenticator({
  issuer: process.env.OIDC_ISSUER,
  audience: process.env.OIDC_AUDIENCE,
  ...matrixOptions(), // matrix
});

const app = Fastify();
app.register(guardedMercurius, {
  schema: createGuardedSchema(),
  allowBatchedQueries: true, // matrix
  authenticator,
  limits, // matrix
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
