import { createServer } from 'node:http';
import type { GraphQLSchema } from 'graphql';
import type { UseAuthOptions } from '../../src/adapters/yoga/auth-options.ts';
import { createApi } from '../../src/server/api.ts';
import { createLogger } from '../../src/server/logger.ts';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

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
  return async (url, init) => {
    listening ??= start();
    return fetch(new URL(new URL(url).pathname, `http://127.0.0.1:${await listening}`), init);
  };
}
