import { createServer, type RequestListener } from 'node:http';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import Fastify from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { createHandler } from 'graphql-http/lib/use/http';
import { createYoga } from 'graphql-yoga';
import { createApolloAuth } from '../../src/adapters/apollo-server/index.ts';
import { guardedHandlerOptions } from '../../src/adapters/graphql-http/index.ts';
import { guardedMercurius } from '../../src/adapters/mercurius/index.ts';
import { useAuth } from '../../src/adapters/yoga/index.ts';
import type { GateOptions } from '../../src/gate/gate-options.ts';
import { createApi } from '../../src/server/api.ts';
import { createLogger } from '../../src/server/logger.ts';

/** Options that every server has. */
type ServerOptions = Pick<GateOptions, 'authenticator' | 'rateLimit' | 'observers'> & {
  readonly schema: GraphQLSchema;
};

/** Starts a server with an adapter. */
type StartServer = (
  options: ServerOptions,
) => Promise<{ readonly url: string; readonly close: () => unknown }>;

/** Listens on a free port. */
export async function listen(listener?: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { server, url: `http://127.0.0.1:${port}/graphql`, close: () => server.close() };
}

/** A server with each adapter for HTTP, by its name. */
export const httpServers: Readonly<Record<string, StartServer>> = {
  Yoga: ({ schema, ...options }) =>
    listen(createYoga({ schema, plugins: [useAuth(options)], logging: false })),

  'the direct listener'(options) {
    const { yoga, direct } = createApi({
      ...options,
      publicUrl: 'http://api.test',
      introspection: 'off',
      refuse: 'selection',
      onError: 'propagate',
      maxBodyBytes: 10_000,
      streams: { total: 10, perViewer: 10 },
      incrementalDelivery: false,
      plugins: [],
      log: createLogger('silent', { write() {} }),
    });
    return listen((request, response) => {
      const handOver = () => void yoga(request, response);
      if (!direct?.(request, response, [], handOver)) handOver();
    });
  },

  async 'Apollo Server'({ schema, ...options }) {
    const auth = createApolloAuth(options);
    const server = new ApolloServer({ schema, plugins: [auth.plugin] });
    const { url } = await startStandaloneServer(server, {
      context: auth.context,
      listen: { port: 0 },
    });
    return { url, close: () => server.stop() };
  },

  'graphql-http': (options) => listen(createHandler(guardedHandlerOptions(options))),

  async Mercurius(options) {
    const app = Fastify();
    app.register(guardedMercurius, options);
    return { url: `${await app.listen({ port: 0 })}/graphql`, close: () => app.close() };
  },
};
