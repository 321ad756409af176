import { serve } from '@hono/node-server';
import { createAuthenticator } from 'graphql-resource-server';
import { useAuth } from 'graphql-resource-server/yoga';
import { createYoga } from 'graphql-yoga';
import { Hono } from 'hono';
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

const app = new Hono();
// The second argument has Node's request, whose raw headers show what a Request hides.
app.on(['GET', 'POST', 'OPTIONS'], yoga.graphqlEndpoint, (c) => yoga.fetch(c.req.raw, c.env));

serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' });
