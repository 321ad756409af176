// askAs with the frameworks of this folder, as their users hold them: not listening, where they can.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { expressMiddleware } from '@as-integrations/express5';
import express from 'express';
import Fastify from 'fastify';
import { createHandler } from 'graphql-http/lib/use/http';
import { anonymous, createAuthenticator } from 'graphql-resource-server';
import { createApolloAuth } from 'graphql-resource-server/apollo-server';
import { guardedHandlerOptions } from 'graphql-resource-server/graphql-http';
import { guardedMercurius } from 'graphql-resource-server/mercurius';
import { askAs, createTestIssuer, expectResponse } from 'graphql-resource-server/testing';
import { useAuth } from 'graphql-resource-server/yoga';
import { createYoga } from 'graphql-yoga';
import { Hono } from 'hono';
import Koa from 'koa';
import { createGuardedSchema } from '../schema.js';

const issuer = createTestIssuer();
const authenticator = createAuthenticator({
  ...issuer.authenticatorOptions,
  dpop: 'optional',
  publicUrl: 'http://localhost',
});
const schema = createGuardedSchema();
const yoga = createYoga({ schema, plugins: [useAuth({ authenticator })] });
const auth = createApolloAuth({ authenticator });
const createApollo = () => new ApolloServer({ schema, plugins: [auth.plugin] });

const servers = {
  async yoga() {
    return yoga;
  },
  async hono() {
    const app = new Hono();
    app.mount('/', yoga.fetch);
    return app;
  },
  async express() {
    const app = express();
    app.use(yoga.graphqlEndpoint, yoga);
    return app;
  },
  async koa() {
    const app = new Koa();
    app.use(async (ctx) => {
      const response = await yoga.handleNodeRequestAndResponse(ctx.req, ctx.res, ctx);
      ctx.status = response.status;
      for (const [name, value] of response.headers) ctx.append(name, value);
      ctx.body = response.body;
    });
    return app.callback();
  },
  async mercurius() {
    const app = Fastify();
    app.register(guardedMercurius, { schema, authenticator });
    await app.ready();
    after(() => app.close());
    return app.server;
  },
  async 'apollo-server'() {
    const server = createApollo();
    const { url } = await startStandaloneServer(server, {
      context: auth.context,
      listen: { port: 0, host: '127.0.0.1' },
    });
    after(() => server.stop());
    return url;
  },
  async 'apollo-express'() {
    const server = createApollo();
    await server.start();
    after(() => server.stop());
    const app = express();
    app.use('/graphql', express.json(), expressMiddleware(server, { context: auth.context }));
    return createServer(app);
  },
  async 'graphql-http'() {
    return createHandler(guardedHandlerOptions({ schema, authenticator }));
  },
};

const guest = issuer.viewer({ subject: 'ada' });
const reader = issuer.viewer({ scopes: ['read:messages'] });
const bound = issuer.viewer({ subject: 'bob', dpop: true });

for (const [name, getServer] of Object.entries(servers)) {
  test(name, async () => {
    const server = await getServer();
    const url = typeof server === 'string' ? server : 'http://localhost/graphql';
    const ask = (viewer, operation) => askAs(server, viewer, operation, { url });

    expectResponse(await ask(reader, '{ scoped }')).toHaveData({ scoped: 'scoped' });
    expectResponse(await ask(guest, '{ subject scoped }')).toHaveData(
      { subject: 'ada', scoped: null },
      { refused: ['scoped'] },
    );
    expectResponse(await ask(guest, '{ scoped }')).toBeRefused({
      status: 403,
      code: 'FORBIDDEN',
      scheme: 'Bearer',
      error: 'insufficient_scope',
      scope: 'read:messages',
    });
    const { status, challenges } = await ask(anonymous, '{ private }');
    assert.equal(status, 401);
    assert.deepEqual(
      challenges.map(({ scheme }) => scheme),
      ['Bearer', 'DPoP'],
    );
    // Proofs are for the public URL, and a server that is running has another one.
    if (typeof server !== 'string') {
      expectResponse(await ask(bound, '{ subject }')).toHaveData({ subject: 'bob' });
    }
  });
}
