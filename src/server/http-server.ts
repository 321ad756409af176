import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { acceptedTypes } from '../shared/accept.ts';
import { type AllowedOrigins, applyCors } from './cors.ts';
import type { GraphiqlListener } from './graphiql/listener.ts';
import { findHeaderProblem, type HeaderProblem } from './header-problem.ts';
import { type MetadataDocuments, sendMetadata } from './metadata.ts';
import { sendNotFound } from './not-found.ts';
import { originForm } from './origin-form.ts';
import { graphqlPath } from './paths.ts';
import type { Readiness } from './readiness.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
import { sendText } from './send-text.ts';
import { limitUnanswered } from './unanswered-requests.ts';
import { ApiRequest, type Upgrade } from './upgrade.ts';

/** What the HTTP server serves, and to whom. */
export interface HttpServerOptions {
  /** Answers `/graphql`. */
  readonly graphql: RequestListener;
  /** Takes connections over that become WebSockets. */
  readonly webSocket: Upgrade;
  readonly readiness: Readiness;
  /** The documents that describe the API, by their paths. */
  readonly metadata: MetadataDocuments;
  readonly allowedOrigins: AllowedOrigins;
  /** Connections beyond it are closed at once. */
  readonly maxConnections: number;
  /** The host that requests are taken to be for, whatever they say themselves. */
  readonly publicHost: string;
  /** Answers browsers; undefined where there is no GraphiQL. */
  readonly graphiql: GraphiqlListener | undefined;
  /** Called when a request could not be served. Its connection closes by itself. */
  readonly reportError: (error: unknown) => void;
}

/**
 * Milliseconds that a client has. Node's own are longer, and it looks less often whether they are
 * over. Connections that wait for the next request stay longer than those of the usual load
 * balancers (60 s), which would else send requests into connections that are being closed.
 */
const timeouts = {
  headersTimeout: 20_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
};

/** The API as a Node server, not listening yet. */
export function createHttpServer(options: HttpServerOptions) {
  const limit = limitUnanswered();
  const server = createServer(
    { IncomingMessage: ApiRequest, ...timeouts },
    limit((request, response) => {
      try {
        route(request, response, options);
      } catch (error) {
        // It would leave the parser of the connection, and end the process.
        options.reportError(error);
        response.destroy();
      }
    }),
  );
  server.on(
    'checkExpectation',
    limit((_request, response) => sendHeaderProblem(response, unmetExpectation)),
  );
  // Node would drop what is beyond it; they are counted here.
  server.maxHeadersCount = 0;
  server.maxConnections = options.maxConnections;
  server.on('upgrade', (request, socket, head) => {
    try {
      const problem = findHeaderProblem(request);
      if (problem) refuseUpgrade(socket, problem.status, problem.message);
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
  const url = originForm(request.url ?? '/');
  const [path = ''] = url.split('?', 1);
  const document = options.metadata.get(path);
  if (document !== undefined) {
    sendMetadata(request, response, document);
    return;
  }
  if (options.graphiql?.(request, response, path)) return;
  response.setHeader('Vary', 'Origin');
  if (applyCors(request, response, options.allowedOrigins)) return;

  if (path === graphqlPath) {
    // URLs are built from these two, and what a client says of the host must not get into them.
    request.url = url;
    request.headers.host = options.publicHost;
    request.headers.accept =
      acceptedTypes(request.headers.accept, graphqlTypes).join(', ') || 'none/none';
    response.setHeader('Vary', 'Origin, Accept, Authorization');
    // Until something knows better: to be asked for again each time.
    response.setHeader('Cache-Control', 'no-cache');
    options.graphql(request, response);
  } else if (path === '/livez') {
    sendStatus(request, response, true);
  } else if (path === '/readyz') {
    sendStatus(request, response, options.readiness.isReady());
  } else if (path === '/' && options.graphiql !== undefined) {
    sendText(response, 302, `GraphQL is at ${graphqlPath}.`, { Location: graphqlPath });
  } else {
    sendNotFound(request, response);
  }
}

/**
 * The media types of GraphQL, as they are preferred where a client takes any. What Yoga is told of
 * the Accept header is which of these the client takes, best first: Yoga's own reading of the header
 * ignores qualities, and repeats each of its elements in the headers of the response.
 */
const graphqlTypes = [
  'application/json',
  'application/graphql-response+json',
  'text/event-stream',
  'multipart/mixed',
] as const;

/** Node itself meets `100-continue`. */
const unmetExpectation = {
  status: 417,
  message: 'The only expectation that is met is 100-continue.',
} as const;

/** In the form of GraphQL, for clients that read nothing else. */
function sendHeaderProblem(response: ServerResponse, { status, message }: HeaderProblem): void {
  response
    .writeHead(status, {
      'Content-Type': 'application/json; charset=utf-8',
      'Cache-Control': 'no-store',
      // Whatever is still to come of the request is not read.
      Connection: 'close',
    })
    .end(JSON.stringify({ errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] }));
}

function sendStatus(request: IncomingMessage, response: ServerResponse, isWell: boolean): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    sendText(response, 405, 'Only GET and HEAD are answered here.', { Allow: 'GET, HEAD' });
  } else {
    sendText(response, isWell ? 200 : 503, isWell ? 'ok' : 'unavailable');
  }
}
