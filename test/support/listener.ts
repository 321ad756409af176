import { Agent, createServer } from 'node:http';
import type { GraphQLSchema } from 'graphql';
import type { UseAuthOptions } from '../../src/adapters/yoga/auth-options.ts';
import { createApi } from '../../src/server/api.ts';
import { createLogger } from '../../src/server/logger.ts';
import { send } from './http.ts';

/** What tests use of fetch. */
export type Fetch = (
  url: string,
  init: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  },
) => Promise<Response>;

/**
 * Serves a schema by the direct listener, with Yoga behind it, from the first request on. Nothing has to
 * be closed: it does not keep the process alive.
 */
export function startListener({
  schema,
  authenticator,
}: {
  readonly schema: GraphQLSchema;
  readonly authenticator: UseAuthOptions['authenticator'];
}): Fetch {
  let listening: Promise<number> | undefined;
  const start = (): Promise<number> => {
    const { yoga, direct } = createApi({
      schema,
      authenticator,
      refuse: 'selection',
      onError: 'propagate',
      publicUrl: 'http://api.test',
      introspection: 'on',
      maxBodyBytes: 1_000_000,
      streams: { perViewer: 100, total: 1000 },
      incrementalDelivery: false,
      plugins: [],
      log: createLogger('silent', { write() {} }),
    });
    const server = createServer((request, response) => {
      const handOver = () => yoga(request, response);
      if (!direct?.(request, response, [], handOver)) handOver();
    });
    server.unref();
    return new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  };
  // Several times as fast as fetch.
  const agent = new Agent({ keepAlive: true });
  return async (url, { headers, ...init }) => {
    listening ??= start();
    const { status, text, ...response } = await send(
      `http://127.0.0.1:${await listening}${new URL(url).pathname}`,
      { ...init, headers: Object.entries(headers).flat(), agent },
    );
    return new Response(text, { status, headers: response.headers });
  };
}
