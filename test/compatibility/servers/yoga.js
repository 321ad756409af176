import { createServer } from 'node:http';
import { createAuthenticator } from 'graphql-resource-server';
import { useAuth } from 'graphql-resource-server/yoga';
import { createYoga } from 'graphql-yoga';
import { limits, matrixOptions } from './matrix-options.js'; // matrix
import { createGuardedSchema } from './schema.js';

const authenticator = createAuthenticator({
  issuer: process.env.OIDC_ISSUER,
  audience: process.env.OIDC_AUDIENCE,
  ...matrixOptions(), // matrix
});

const yoga = createYoga({
  schema: createGuardedSchema(),
  batching: true, // matrix
  plugins: [useAuth({ authenticator, limits /* matrix */ })],
});

createServer(yoga).listen(Number(process.env.PORT), '127.0.0.1');
