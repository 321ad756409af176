import type { IncomingMessage, ServerResponse } from 'node:http';
import { renderPlainPage } from '../pages/page.ts';
import { graphqlPath } from './paths.ts';

const page = renderPlainPage({
  title: 'There is nothing here',
  body: `<p>GraphQL is at <a href="${graphqlPath}"><code>${graphqlPath}</code></a>.</p>`,
  footer: 'Error 404',
  formAction: "'none'",
});

/** Answers a wrong path: people with a page, programs with one line. */
export function sendNotFound({ headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Vary', 'Origin, Accept');
  if ((headers.accept ?? '').includes('text/html')) {
    response.writeHead(404, page.headers).end(page.html);
    return;
  }
  response
    .writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' })
    .end(`There is nothing here. GraphQL is at ${graphqlPath}.\n`);
}
