import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { type AllowedOrigins, applyCors } from './cors.ts';
import type { GraphiqlListener } from './graphiql/listener.ts';
import { type MetadataDocuments, sendMetadata } from './metadata.ts';
import { sendNotFound } from './not-found.ts';
import { originForm } from './origin-form.ts';
import { graphqlPath } from './paths.ts';
import type { Readiness } from './readiness.ts';
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
  /** The host that requests are taken to be for, whatever they say themselves. */
  readonly publicHost: string;
  /** Answers browsers; undefined where there is no GraphiQL. */
  readonly graphiql: GraphiqlListener | undefined;
}

/** The API as a Node server, not listening yet. */
export function createHttpServer(options: HttpServerOptions) {
  const server = createServer({ IncomingMessage: ApiRequest }, (request, response) =>
    route(request, response, options),
  );
  server.on('upgrade', options.webSocket);
  return server;
}

function route(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpServerOptions,
): void {
  const url = originForm(request.url ?? '/');
  const [path = ''] = url.split('?', 1);
  const document = options.metadata.get(path);
  if (document !== undefined) {
    sendMetadata(request, response, document);
    return;
  }
  if (options.graphiql?.(request, response, path)) return;
  if (applyCors(request, response, options.allowedOrigins)) return;

  if (path === graphqlPath) {
    // URLs are built from these two, and what a client says of the host must not get into them.
    request.url = url;
    request.headers.host = options.publicHost;
    options.graphql(request, response);
  } else if (path === '/livez') {
    sendStatus(request, response, true);
  } else if (path === '/readyz') {
    sendStatus(request, response, options.readiness.isReady());
  } else if (path === '/' && options.graphiql !== undefined) {
    response.writeHead(302, { Location: graphqlPath }).end();
  } else {
    sendNotFound(request, response);
  }
}

function sendStatus(request: IncomingMessage, response: ServerResponse, isWell: boolean): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    sendText(response, 405, 'Only GET and HEAD are answered here.');
    return;
  }
  sendText(response, isWell ? 200 : 503, isWell ? 'ok' : 'unavailable');
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response
    .writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' })
    .end(`${text}\n`);
}
