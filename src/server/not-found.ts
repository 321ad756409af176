import type { IncomingMessage, ServerResponse } from 'node:http';
import { acceptedTypes } from '../shared/accept.ts';
import { renderPage } from '../shared/page.ts';
import { graphqlPath } from './paths.ts';
import { sendText } from './send-text.ts';

const page = renderPage({
  title: 'There is nothing here',
  body: `<p>GraphQL is at <a href="${graphqlPath}"><code>${graphqlPath}</code></a>.</p>`,
  footer: 'Error 404',
  formAction: "'none'",
});

/** The response to a wrong path: a page for people, one line for programs. */
export function sendNotFound({ headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Vary', 'Origin, Accept');
  const [type] = acceptedTypes(headers.accept, ['text/plain', 'text/html']);
  if (type === 'text/html') response.writeHead(404, page.headers).end(page.html);
  else sendText(response, 404, `There is nothing here. GraphQL is at ${graphqlPath}.`);
}
