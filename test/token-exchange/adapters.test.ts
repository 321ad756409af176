import { createServer, type Server } from 'node:http';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { makeExecutableSchema } from '@graphql-tools/schema';
import Fastify from 'fastify';
import { createHandler } from 'graphql-http/lib/use/http';
import { createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { createYoga } from 'graphql-yoga';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import {
  type ApolloAuthContext,
  createApolloAuth,
} from '../../src/adapters/apollo-server/index.ts';
import { guardedHandlerOptions } from '../../src/adapters/graphql-http/index.ts';
import { webSocketOptions } from '../../src/adapters/graphql-ws/index.ts';
import { guardedMercurius } from '../../src/adapters/mercurius/index.ts';
import { type AuthContext, useAuth } from '../../src/adapters/yoga/index.ts';
import { authDirectives, createAuthenticator, guardSchema } from '../../src/layer.ts';
import { createApi } from '../../src/server/api.ts';
import { createLogger } from '../../src/server/logger.ts';
import { askAs, createTestIssuer } from '../../src/testing/index.ts';

// Resolvers exchange the token of the viewer on their context, whatever put it there.

const issuer = createTestIssuer();
const authenticator = createAuthenticator({
  ...issuer.authenticatorOptions,
  keepAccessTokens: true,
});
const schema = guardSchema(
  makeExecutableSchema<AuthContext>({
    typeDefs: [authDirectives, 'type Query { token: String @auth }'],
    resolvers: {
      Query: {
        token: (_source, _args, { viewer }) =>
          viewer.kind === 'authenticated' ? authenticator.accessTokenOf(viewer) : undefined,
      },
    },
  }),
);
const query = '{ token }';
type Send = (token: string) => Promise<unknown>;

const ask =
  (server: Parameters<typeof askAs>[0]): Send =>
  async (token) =>
    (await askAs(server, token, query)).body;

/** Has a server listen until the test ends, on the port that it returns. */
async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('There is no port.');
  return address.port;
}

const servers: Readonly<Record<string, () => Promise<Send>>> = {
  async Yoga() {
    return ask(createYoga<object, AuthContext>({ schema, plugins: [useAuth({ authenticator })] }));
  },
  async 'the direct listener'() {
    let passedOn = 0;
    const { yoga, direct } = createApi({
      schema,
      authenticator,
      publicUrl: 'http://localhost',
      introspection: 'off',
      refuse: 'selection',
      onError: 'propagate',
      maxBodyBytes: 1_000,
      streams: { perViewer: 1, total: 1 },
      incrementalDelivery: false,
      plugins: [],
      log: createLogger('silent', { write: () => {} }),
    });
    const server = createServer((request, response) => {
      const handOver = () => {
        passedOn += 1;
        yoga(request, response);
      };
      if (!direct?.(request, response, [], handOver)) handOver();
    });
    const url = `http://127.0.0.1:${await listen(server)}/graphql`;
    // Of known length, unlike the requests of askAs.
    const send: Send = async (token) => {
      const type = 'application/json';
      const headers = { authorization: `Bearer ${token}`, accept: type, 'content-type': type };
      const body = JSON.stringify({ query });
      return (await fetch(url, { method: 'POST', headers, body })).json();
    };
    // The first operation is prepared by Yoga.
    await send(await issuer.token());
    return async (token) => {
      const result = await send(token);
      expect(passedOn).toBe(1);
      return result;
    };
  },
  async 'Apollo Server'() {
    const auth = createApolloAuth({ authenticator });
    const server = new ApolloServer<ApolloAuthContext>({
      schema,
      plugins: [auth.plugin],
      stopOnTerminationSignals: false,
    });
    const listen = { port: 0, host: '127.0.0.1' };
    const { url } = await startStandaloneServer(server, { context: auth.context, listen });
    onTestFinished(() => server.stop());
    return ask(url);
  },
  async Mercurius() {
    const app = Fastify();
    app.register(guardedMercurius, { schema, authenticator });
    await app.ready();
    onTestFinished(() => app.close());
    return ask(app.server);
  },
  async 'graphql-http'() {
    return ask(createHandler(guardedHandlerOptions({ schema, authenticator })));
  },
  async 'graphql-ws'() {
    const server = createServer();
    const options = webSocketOptions({ schema, authenticator });
    const disposable = useServer(options, new WebSocketServer({ server, path: '/graphql' }));
    onTestFinished(async () => disposable.dispose());
    const port = await listen(server);
    return async (token) => {
      const client = createClient({
        url: `ws://127.0.0.1:${port}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { Authorization: `Bearer ${token}` },
      });
      onTestFinished(async () => client.dispose());
      return (await client.iterate({ query }).next()).value;
    };
  },
};

test.each(Object.entries(servers))('with %s', async (_name, start) => {
  const send = await start();
  const token = await issuer.token();
  expect(await send(token)).toEqual({ data: { token } });
});
