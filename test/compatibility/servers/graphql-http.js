import { createServer } from 'node:http';
import { createHandler } from 'graphql-http/lib/use/http';
import { createAuthenticator } from 'graphql-resource-server';
import { guardedHandlerOptions } from 'graphql-resource-server/graphql-http';
import { limits, matrixOptions } from './matrix-options.js'; // matrix
import { createGuardedSchema } from './schema.js';

const authenticator = createAuthenticator({
  issuer: process.env.OIDC_ISSUER,
  audience: process.env.OIDC_AUDIENCE,
  ...matrixOptions(), // matrix
});

const handler = createHandler(
  guardedHandlerOptions({ schema: createGuardedSchema(), authenticator, limits /* matrix */ }),
);

createServer(handler).listen(Number(process.env.PORT), '127.0.0.1');
