import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { acceptedTypes } from '../shared/accept.ts';
import type { GraphiqlListener } from './graphiql/listener.ts';
import { limitPipelining } from './http/connections.ts';
import { type AllowedOrigins, applyCors } from './http/cors.ts';
import { findHeaderProblem, sendHeaderProblem, unmetExpectation } from './http/header-problem.ts';
import { graphqlPath } from './http/paths.ts';
import { sendMethodNotAllowed, sendNotFound, sendText } from './http/plain-responses.ts';
import { pathOf, toOriginForm } from './http/request-target.ts';
import { ApiRequest, rejectUpgrade, type UpgradeHandler } from './http/upgrade.ts';
import { type MetadataDocuments, sendMetadata } from './metadata.ts';
import type { Readiness } from './readiness.ts';

/** Options for `createHttpServer`. */
export interface HttpServerOptions {
  /** Handles requests to `/graphql`. */
  readonly graphql: RequestListener;
  /** Takes over connections that are upgraded to WebSockets. */
  readonly webSocket: UpgradeHandler;
  readonly readiness: Readiness;
  /** The metadata documents, by path. */
  readonly metadata: MetadataDocuments;
  readonly allowedOrigins: AllowedOrigins;
  /** The host of the API's own URLs. What requests say in Host is ignored. */
  readonly publicHost: string;
  /** Serves GraphiQL to browsers; undefined if it is off. */
  readonly graphiql: GraphiqlListener | undefined;
  /** Called if handling a request throws. Its connection is closed. */
  readonly reportError: (error: unknown) => void;
}

/**
 * Timeouts in milliseconds, shorter than Node's defaults, and checked more often. Idle connections are
 * kept longer than by common load balancers (60 s), which could otherwise send a request on a
 * connection that is being closed.
 */
const timeouts = {
  headersTimeout: 20_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
};

/**
 * Creates the HTTP server, not listening yet. Given handlers, gives back a Node server that routes each
 * request to one of them. Must not know what they do.
 */
export function createHttpServer(options: HttpServerOptions) {
  const limited = limitPipelining();
  const server = createServer(
    { IncomingMessage: ApiRequest, ...timeouts },
    limited((request, response) => {
      try {
        route(request, response, options);
      } catch (error) {
        // Thrown from the parser of the connection, it would end the process.
        options.reportError(error);
        response.destroy();
      }
    }),
  );
  server.on(
    'checkExpectation',
    limited((_request, response) => sendHeaderProblem(response, unmetExpectation)),
  );
  // With any other value, Node drops fields beyond it. `findHeaderProblem` counts them.
  server.maxHeadersCount = 0;
  server.on('upgrade', (request, socket, head) => {
    try {
      const problem = findHeaderProblem(request);
      if (problem) rejectUpgrade(socket, problem.status, problem.message);
      else options.webSocket(request, socket, head);
    } catch (error) {
      options.reportError(error);
      socket.destroy();
    }
  });
  return server;
}

function route(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpServerOptions,
): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  const problem = findHeaderProblem(request);
  if (problem) {
    sendHeaderProblem(response, problem);
    return;
  }
  const url = toOriginForm(request.url ?? '/');
  const path = pathOf(url);
  const document = options.metadata.get(path);
  if (document !== undefined) {
    sendMetadata(request, response, document);
    return;
  }
  if (options.graphiql?.(request, response, path)) return;
  response.setHeader('Vary', 'Origin');
  if (applyCors(request, response, options.allowedOrigins)) return;

  if (path === graphqlPath) {
    // Yoga builds URLs from these two. The host must not come from the client.
    request.url = url;
    request.headers.host = options.publicHost;
    request.headers.accept =
      acceptedTypes(request.headers.accept, graphqlTypes).join(', ') || 'none/none';
    response.setHeader('Vary', 'Origin, Accept, Authorization');
    // The default: to be revalidated each time.
    response.setHeader('Cache-Control', 'no-cache');
    options.graphql(request, response);
  } else if (path === '/livez') {
    sendHealth(request, response, true);
  } else if (path === '/readyz') {
    sendHealth(request, response, options.readiness.isReady());
  } else if (path === '/' && options.graphiql !== undefined) {
    sendText(response, 302, `GraphQL is at ${graphqlPath}.`, { Location: graphqlPath });
  } else {
    sendNotFound(request, response);
  }
}

/**
 * The media types of GraphQL, in order of preference. Yoga gets the ones that the client accepts as
 * its Accept header: its own parser ignores qualities, and repeats each element of the header in the
 * response.
 */
const graphqlTypes = [
  'application/json',
  'application/graphql-response+json',
  'text/event-stream',
  'multipart/mixed',
] as const;

function sendHealth(request: IncomingMessage, response: ServerResponse, isHealthy: boolean): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    sendMethodNotAllowed(response);
  } else {
    sendText(response, isHealthy ? 200 : 503, isHealthy ? 'ok' : 'unavailable');
  }
}
