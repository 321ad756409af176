import { createAuthenticator } from 'graphql-resource-server';
import { useAuth } from 'graphql-resource-server/yoga';
import { createYoga } from 'graphql-yoga';
import { limits, matrixOptions } from './matrix-options.js'; // matrix
import { createGuardedSchema } from './schema.js';

const authenticator = createAuthenticator({
  issuer: Deno.env.get('OIDC_ISSUER'),
  audience: Deno.env.get('OIDC_AUDIENCE'),
  ...matrixOptions(), // matrix
});

const yoga = createYoga({
  schema: createGuardedSchema(),
  batching: true, // matrix
  plugins: [useAuth({ authenticator, limits /* matrix */ })],
});

Deno.serve({ port: Number(Deno.env.get('PORT')), hostname: '127.0.0.1' }, yoga.fetch);
