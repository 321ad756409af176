import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { acceptedTypes } from '../../shared/accept.ts';
import { renderPage } from '../../shared/page.ts';

/** Sends one line of plain text that caches must not store. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: OutgoingHttpHeaders = {},
): void {
  response
    .writeHead(status, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Cache-Control': 'no-store',
      ...headers,
    })
    .end(`${text}\n`);
}

/** Sends the response to a method other than GET and HEAD. */
export function sendMethodNotAllowed(response: ServerResponse): void {
  sendText(response, 405, 'Method not allowed: use GET or HEAD.', { Allow: 'GET, HEAD' });
}

/** Sends the response to an unknown path. */
export type SendNotFound = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Creates what sends the response to an unknown path: a page to browsers, one line to programs.
 *
 * @param endpoint the path of the GraphQL endpoint as clients see it, which is not escaped
 */
export function createNotFound(endpoint: string): SendNotFound {
  const page = renderPage({
    title: 'Not found',
    body: `<p>GraphQL is at <a href="${endpoint}"><code>${endpoint}</code></a>.</p>`,
    footer: 'Error 404',
    formAction: "'none'",
  });
  return ({ headers }, response) => {
    response.setHeader('Vary', 'Origin, Accept');
    const [type] = acceptedTypes(headers.accept, ['text/plain', 'text/html']);
    if (type === 'text/html') response.writeHead(404, page.headers).end(page.html);
    else sendText(response, 404, `Not found. GraphQL is at ${endpoint}.`);
  };
}
