import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makeExecutableSchema } from '@graphql-tools/schema';
import Fastify from 'fastify';
import { createHandler } from 'graphql-http/lib/use/fetch';
import { createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { createYoga } from 'graphql-yoga';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { guardedHandlerOptions } from '../../src/adapters/graphql-http/index.ts';
import { webSocketOptions } from '../../src/adapters/graphql-ws/index.ts';
import { guardedMercurius } from '../../src/adapters/mercurius/index.ts';
import { type AuthContext, useAuth } from '../../src/adapters/yoga/index.ts';
import { authDirectives, defineFilterPolicy, type Filters, guardSchema } from '../../src/layer.ts';
import { authenticatorFor } from '../support/authentication.ts';
import { withSystemTimers } from '../support/clock.ts';
import { startListener } from '../support/listener.ts';
import { createTestIssuer } from '../support/tokens.ts';
import { startApollo } from './apollo-server/start-apollo.ts';

/* Every adapter gives resolvers the filters of their field, and says where there is none. */

const own = defineFilterPolicy({
  filter: ({ viewer }) => ({ owner: viewer.subject }),
  matches: () => true,
});
type Context = AuthContext & Filters<{ own: typeof own }>;

const messageOf = (call: () => unknown): string => {
  try {
    return `no error: ${String(call())}`;
  } catch (error) {
    return String(error);
  }
};

const schema = guardSchema(
  makeExecutableSchema<Context>({
    typeDefs: `${authDirectives}
      type Query {
        taken: String @auth(policy: "own")
        forgotten: String @auth(policy: "own")
        outside: String
      }`,
    resolvers: {
      Query: {
        taken: (_source, _args, context) => context.filter('own').owner,
        forgotten: () => 'of someone',
        outside: (_source, _args, context) => messageOf(() => context.filter('own')),
      },
    },
  }),
  { policies: { own } },
);
const issuer = createTestIssuer();
const authenticator = authenticatorFor(issuer);
const authorization = `Bearer ${issuer.sign({ claims: { sub: 'ada' } })}`;
const query = '{ taken forgotten outside }';
const request = {
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization },
  body: JSON.stringify({ query }),
};
const url = 'https://api.test/graphql';

/** Sends the query to a server, and returns the result. */
const adapters: Readonly<Record<string, () => Promise<unknown>>> = {
  async yoga() {
    const yoga = createYoga({ schema, logging: false, plugins: [useAuth({ authenticator })] });
    return (await yoga.fetch(url, request)).json();
  },
  async 'direct listener'() {
    const listen = startListener({ schema, authenticator });
    await listen(url, request);
    return (await listen(url, request)).json();
  },
  async 'graphql-http'() {
    const handle = createHandler(guardedHandlerOptions({ schema, authenticator }));
    return (await handle(new Request(url, request))).json();
  },
  async 'apollo-server'() {
    const { url: endpoint, stop } = await startApollo({ schema, auth: { authenticator } });
    onTestFinished(stop);
    return (await fetch(endpoint, request)).json();
  },
  async mercurius() {
    const app = Fastify();
    onTestFinished(() => app.close());
    await app.register(guardedMercurius, { schema, authenticator });
    const { headers, body } = request;
    return (await app.inject({ method: 'POST', url: '/graphql', headers, payload: body })).json();
  },
  async 'graphql-ws'() {
    const clock = withSystemTimers(issuer.clock);
    const options = webSocketOptions({ schema, authenticator, clock, logger: { error() {} } });
    const server = createServer().listen(0, '127.0.0.1');
    const sockets = new WebSocketServer({ server, path: '/graphql' });
    useServer(options, sockets);
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const client = createClient({
      url: `ws://127.0.0.1:${port}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { Authorization: authorization },
    });
    onTestFinished(async () => {
      await client.dispose();
      sockets.close();
      server.close();
    });
    for await (const result of client.iterate({ query })) return result;
    return undefined;
  },
};

it.each(Object.entries(adapters))('%s', async (_name, send) => {
  expect(await send()).toMatchObject({
    data: {
      taken: 'ada',
      forgotten: null,
      outside: expect.stringContaining('context.filter("own") was called where there is no filter'),
    },
    errors: [{ message: expect.stringMatching(/^Unexpected error/), path: ['forgotten'] }],
  });
});
