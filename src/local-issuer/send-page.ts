import type { ServerResponse } from 'node:http';
import type { Page } from '../shared/page.ts';

/** Sends a page as the whole answer. */
export function sendPage(response: ServerResponse, status: number, { html, headers }: Page): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(html) });
  response.end(html);
}
