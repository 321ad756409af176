import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { DirectListener } from '../adapters/node/direct-listener.ts';
import type { TokenLocation } from '../authentication/token-location.ts';
import type { Clock } from '../shared/clock.ts';
import type { GraphiqlListener } from './graphiql/listener.ts';
import { type Connections, type ConnectionTimeouts, trackConnections } from './http/connections.ts';
import { type AllowedOrigins, corsHeaders, endPreflight } from './http/cors.ts';
import { findHeaderProblem, sendHeaderProblem, unmetExpectation } from './http/header-problem.ts';
import { sendLiveness, sendReadiness } from './http/health.ts';
import { createNegotiation } from './http/negotiation.ts';
import { graphqlPath, logoutPath, publicPath } from './http/paths.ts';
import { createNotFound, type SendNotFound, sendText } from './http/plain-responses.ts';
import { requestIdHeader } from './http/request-id.ts';
import { pathOf, toOriginForm } from './http/request-target.ts';
import { rejectUpgrade, type UpgradeHandler } from './http/upgrade.ts';
import { type MetadataDocuments, sendMetadata } from './metadata.ts';
import type { Readiness } from './readiness.ts';
import { RecordedRequest, type RequestRecord, type RequestRoute } from './request-record.ts';
import type { RequestRecords } from './request-records.ts';
import { respondToUnreadable } from './unreadable-requests.ts';

/** Options for `createHttpServer`. */
export interface HttpServerOptions {
  /** Handles requests to `/graphql`. */
  readonly graphql: RequestListener;
  /** Handles what it can of them instead. Undefined if none. */
  readonly direct?: DirectListener | undefined;
  /** Takes over connections that are upgraded to WebSockets. */
  readonly webSocket: UpgradeHandler;
  readonly readiness: Pick<Readiness, 'isReady' | 'report'>;
  /** Records requests. Undefined: they are not recorded. */
  readonly requests?: RequestRecords | undefined;
  /** Handles logout tokens; undefined if there is no endpoint for them. */
  readonly logout?: RequestListener | undefined;
  /** The metadata documents, by path. */
  readonly metadata: MetadataDocuments;
  readonly allowedOrigins: AllowedOrigins;
  /** Where tokens are read, for CORS and `Vary`. */
  readonly tokenFrom: readonly TokenLocation[];
  /** Maximum bytes of the headers of a request, one of which contains the token. */
  readonly maxCredentialBytes: number;
  /** Further connections are closed immediately. */
  readonly maxConnections: number;
  readonly timeouts: ConnectionTimeouts;
  /** The API's own URL as clients see it. What requests say in Host is ignored. */
  readonly publicUrl: string;
  /** Serves GraphiQL to browsers; undefined if it is off. */
  readonly graphiql: GraphiqlListener | undefined;
  /** The clock by which unread responses are given up. */
  readonly clock: Clock;
  /** Called with the number of connections beyond the maximum that were closed, at most once a minute. */
  readonly reportExcess: (closed: number) => void;
  /** Called if handling a request throws, with the id of the request. Its connection is closed. */
  readonly reportError: (error: unknown, request: string) => void;
}

interface RouteOptions extends HttpServerOptions {
  /** The host and the path of the GraphQL endpoint as clients see them. */
  readonly publicHost: string;
  readonly endpoint: string;
  readonly sendNotFound: SendNotFound;
  /** Rewrites the Accept header of requests to `/graphql`. */
  readonly negotiate: (accept: string | undefined) => string;
  /** What every response of the GraphQL endpoint has: names and values alternate. */
  readonly graphqlHeaders: readonly string[];
  /** Whether browsers may send cookies. */
  readonly withCredentials: boolean;
}

/** The timeouts of Node, which are checked more often than by default. */
function toNodeTimeouts({ requestMs, idleMs }: ConnectionTimeouts) {
  return {
    headersTimeout: Math.ceil(requestMs / 3),
    requestTimeout: requestMs,
    keepAliveTimeout: idleMs,
    connectionsCheckingInterval: Math.min(5_000, Math.ceil(requestMs / 3)),
  };
}

/**
 * Creates the HTTP server, not listening yet. Given handlers, gives back a Node server that routes each
 * request to one of them, and its connections. Must not know what the handlers do.
 */
export function createHttpServer(options: HttpServerOptions): {
  readonly server: Server;
  readonly connections: Connections;
} {
  const others = options.tokenFrom.filter((location) => location !== 'authorization');
  const names = others.map((location) => ('cookie' in location ? 'Cookie' : location.header));
  const endpoint = publicPath(options.publicUrl);
  const routeOptions: RouteOptions = {
    ...options,
    publicHost: new URL(options.publicUrl).host,
    endpoint,
    sendNotFound: createNotFound(endpoint),
    negotiate: createNegotiation(),
    graphqlHeaders: [
      ...commonHeaders,
      'Vary',
      ['Origin', 'Accept', 'Authorization', ...names].join(', '),
    ],
    withCredentials: others.length > 0,
  };
  const server = createServer({
    IncomingMessage: RecordedRequest,
    maxHeaderSize: options.maxCredentialBytes,
    ...toNodeTimeouts(options.timeouts),
  });
  const connections = trackConnections(server, options);
  server.on('request', (request, response) => {
    try {
      if (!connections.admit(request, response)) return;
      const record = options.requests?.begin(request, response);
      route(request, response, routeOptions, record);
    } catch (error) {
      // Thrown from the parser of the connection, it would end the process.
      options.reportError(error, request.id);
      response.destroy();
    }
  });
  server.on('checkExpectation', (request, response) => {
    if (!connections.admit(request, response)) return;
    options.requests?.begin(request, response);
    setHeaders(response, headersOf(request));
    sendHeaderProblem(response, unmetExpectation);
  });
  respondToUnreadable(server, connections.pendingOf, (request, status) =>
    options.requests?.reject(request, 'other', status),
  );
  // With any other value, Node drops fields beyond it. `findHeaderProblem` counts them.
  server.maxHeadersCount = 0;
  server.on('upgrade', (request, socket, head) => {
    // It would be written into the WebSocket. Responses have the order of requests (RFC 9112 §9.3.2).
    if (connections.pendingOf(request.socket) !== undefined) {
      socket.destroy();
      return;
    }
    try {
      const rejected = findHeaderProblem(request) ?? options.webSocket(request, socket, head);
      if (rejected === undefined) return;
      rejectUpgrade(socket, rejected, request.id);
      options.requests?.reject(request, 'graphql', rejected.status);
    } catch (error) {
      options.reportError(error, request.id);
      socket.destroy();
    }
  });
  return { server, connections };
}

function route(
  request: RecordedRequest,
  response: ServerResponse,
  options: RouteOptions,
  record: RequestRecord | undefined,
): void {
  const problem = findHeaderProblem(request);
  if (problem) {
    setHeaders(response, headersOf(request));
    sendHeaderProblem(response, problem);
    return;
  }
  const url = toOriginForm(request.url ?? '/');
  const path = pathOf(url);
  // Before any header is set: it costs a tenth of an operation.
  if (record !== undefined) record.route = routeOf(path);
  if (path === graphqlPath && request.method === 'POST') {
    serveGraphql(request, response, url, options, record);
    return;
  }
  setHeaders(response, headersOf(request));
  const document = options.metadata.get(path);
  if (document !== undefined) {
    sendMetadata(request, response, document);
    return;
  }
  if (path === logoutPath && options.logout !== undefined) {
    options.logout(request, response);
    return;
  }
  if (options.graphiql?.(request, response, path)) return;
  const cors = corsHeaders(request, options.allowedOrigins, options.withCredentials);
  setHeaders(response, ['Vary', 'Origin', ...cors]);
  if (endPreflight(request, response)) return;

  if (path === graphqlPath) {
    serveGraphql(request, response, url, options, record);
  } else if (path === '/livez') {
    sendLiveness(request, response);
  } else if (path === '/readyz') {
    sendReadiness(request, response, options.readiness);
  } else if (path === '/' && options.graphiql !== undefined) {
    sendText(response, 302, `GraphQL is at ${options.endpoint}.`, { Location: options.endpoint });
  } else {
    options.sendNotFound(request, response);
  }
}

/** The route of a path, for records. What is sent there can still be refused or not found. */
function routeOf(path: string): RequestRoute {
  switch (path) {
    case graphqlPath:
      return 'graphql';
    case '/livez':
    case '/readyz':
      return 'health';
    case logoutPath:
      return 'logout';
    default:
      return path.startsWith('/.well-known/') ? 'metadata' : 'other';
  }
}

/** Serves a request to the GraphQL endpoint: directly if possible, otherwise through Yoga. */
function serveGraphql(
  request: RecordedRequest,
  response: ServerResponse,
  url: string,
  options: RouteOptions,
  record: RequestRecord | undefined,
): void {
  const run = options.requests?.run;
  if (record === undefined || run === undefined) serveByEither(request, response, url, options);
  else run(record, () => serveByEither(request, response, url, options));
}

function serveByEither(
  request: RecordedRequest,
  response: ServerResponse,
  url: string,
  options: RouteOptions,
): void {
  // Yoga builds URLs from these two. The host must not come from the client.
  request.url = url;
  request.headers.host = options.publicHost;
  request.headers.accept = options.negotiate(request.headers.accept);
  const { graphqlHeaders, allowedOrigins, withCredentials } = options;
  const cors = corsHeaders(request, allowedOrigins, withCredentials);
  const headers = [...graphqlHeaders, requestIdHeader, request.id, ...cors];
  const serveByYoga = (): void => {
    setHeaders(response, headers);
    // The default: to be revalidated each time.
    response.setHeader('Cache-Control', 'no-cache');
    options.graphql(request, response);
  };
  if (!options.direct?.(request, response, headers, serveByYoga)) serveByYoga();
}

/** What every response has, besides the id of the request: names and values alternate. */
const commonHeaders = ['X-Content-Type-Options', 'nosniff'] as const;

function headersOf({ id }: RecordedRequest): readonly string[] {
  return [...commonHeaders, requestIdHeader, id];
}

function setHeaders(response: ServerResponse, headers: readonly string[]): void {
  for (let index = 0; index < headers.length; index += 2) {
    response.setHeader(headers[index] ?? '', headers[index + 1] ?? '');
  }
}
