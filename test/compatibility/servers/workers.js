import { env } from 'cloudflare:workers';
import { createAuthenticator } from 'graphql-resource-server';
import { useAuth } from 'graphql-resource-server/yoga';
import { createYoga } from 'graphql-yoga';
import { limits, matrixOptions } from './matrix-options.js'; // matrix
import { createGuardedSchema } from './schema.js';

const authenticator = createAuthenticator({
  issuer: env.OIDC_ISSUER,
  audience: env.OIDC_AUDIENCE,
  ...matrixOptions(env), // matrix
});

const yoga = createYoga({
  schema: createGuardedSchema(),
  batching: true, // matrix
  plugins: [useAuth({ authenticator, limits /* matrix */ })],
});

export default { fetch: yoga.fetch };
