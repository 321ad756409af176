import { loadNodeHttp } from '../shared/node-modules.ts';
import { isObject } from '../shared/type-guards.ts';

/** A function from a request to its response. A method, to accept functions that expect more of it. */
export type FetchHandler = { handle(request: Request): Response | Promise<Response> }['handle'];

/** A request listener of Node's HTTP server. */
export type NodeListener = { handle(request: object, response: object): unknown }['handle'];

/** The part of Node's HTTP server that is used. */
export interface NodeServer {
  address(): unknown;
  emit(event: 'request', request: object, response: object): unknown;
}

/** What operations can be sent to. `askAs` describes each. */
export type TestableServer =
  | string
  | URL
  | { readonly fetch: FetchHandler }
  | FetchHandler
  | NodeListener
  | NodeServer;

/** A server that accepts requests. */
interface OpenServer {
  readonly send: (request: Request) => Response | Promise<Response>;
  /** The URL of its endpoint, if known. */
  readonly url?: string;
  /** Stops it, if it was started here. */
  readonly close: () => void;
}

/**
 * Makes a server accept requests.
 *
 * @throws {TypeError} if it is not a server
 */
export async function openServer(server: TestableServer): Promise<OpenServer> {
  const close = (): void => {};
  if (typeof server === 'string' || server instanceof URL) {
    return { send: (request) => fetch(request), url: String(server), close };
  }
  // Yoga is a listener as well.
  if (hasFetch(server)) return { send: (request) => server.fetch(request), close };
  if (isNodeServer(server)) {
    const address = server.address();
    return address === null
      ? openListener((request, response) => server.emit('request', request, response))
      : openAddress(address);
  }
  if (isFetchHandler(server)) return { send: server, close };
  if (typeof server === 'function') return openListener(server);
  throw new TypeError(
    'askAs: the server must be a fetch function, an object with one, a request listener or server of Node, or a URL.',
  );
}

/** Starts a server of its own, so that requests at the same time cannot stop each other's. */
async function openListener(listener: NodeListener): Promise<OpenServer> {
  const http = loadNodeHttp();
  if (http === undefined) {
    throw new TypeError('askAs: a request listener needs Node. Pass a fetch function instead.');
  }
  const server = http.createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    ...openAddress(server.address()),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function openAddress(address: unknown): OpenServer {
  if (!isObject(address)) throw new TypeError('askAs: the server does not listen on a TCP port.');
  return {
    // Its clients see another URL.
    send: (request) => {
      const { pathname, search } = new URL(request.url);
      return fetch(new Request(`http://127.0.0.1:${address['port']}${pathname}${search}`, request));
    },
    close() {},
  };
}

function hasFetch(server: object): server is { readonly fetch: FetchHandler } {
  return 'fetch' in server && typeof server.fetch === 'function';
}

function isNodeServer(server: object): server is NodeServer {
  return 'emit' in server && 'address' in server;
}

/** A request listener has a second parameter, the response. */
function isFetchHandler(server: unknown): server is FetchHandler {
  return typeof server === 'function' && server.length < 2;
}
