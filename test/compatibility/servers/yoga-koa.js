import { createAuthenticator } from 'graphql-resource-server';
import { useAuth } from 'graphql-resource-server/yoga';
import { createYoga } from 'graphql-yoga';
import Koa from 'koa';
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

const app = new Koa();
app.use(async (ctx, next) => {
  if (ctx.path !== yoga.graphqlEndpoint) return next();
  const response = await yoga.handleNodeRequestAndResponse(ctx.req, ctx.res, ctx);
  ctx.status = response.status;
  for (const [name, value] of response.headers) ctx.append(name, value);
  ctx.body = response.body;
});

app.listen(Number(process.env.PORT), '127.0.0.1');
