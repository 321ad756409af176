import Fastify from 'fastify';
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

const app = Fastify();

// Yoga reads the body itself.
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', (_request, _payload, done) => done(null));

app.route({
  url: yoga.graphqlEndpoint,
  method: ['GET', 'POST', 'OPTIONS'],
  handler: (request, reply) =>
    yoga.handleNodeRequestAndResponse(request, reply, { request, reply }),
});

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
