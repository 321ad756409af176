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
  fetchAPI: { Response },
  batching: true, // matrix
  plugins: [useAuth({ authenticator, limits /* matrix */ })],
});

const handle = (request) => yoga.fetch(request);

export { handle as GET, handle as OPTIONS, handle as POST };
