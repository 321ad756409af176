import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ResourceMetadataOptions, resourceMetadata } from '../gate/resource-metadata.ts';
import { allowRequestedHeaders } from './cors.ts';
import { graphqlPath, metadataPath } from './paths.ts';
import { sendText } from './send-text.ts';

/** The documents that describe the API, in JSON, by their paths. */
export type MetadataDocuments = ReadonlyMap<string, string>;

/**
 * The metadata of the API (RFC 9728 §3): of `/graphql` at the path form, which challenges name, and
 * of the whole origin, for clients that know no more than it. A client compares `resource` with
 * what it inserted the well-known path into (§3.3), so the two differ in that.
 */
export function describeApi(
  options: Omit<ResourceMetadataOptions, 'resource'> & {
    /** The API's own origin as clients see it. */
    readonly publicUrl: string;
  },
): MetadataDocuments {
  const paths = ['', graphqlPath];
  return new Map(
    paths.map((path) => [
      `${metadataPath}${path}`,
      JSON.stringify(resourceMetadata({ ...options, resource: `${options.publicUrl}${path}` })),
    ]),
  );
}

/** Sends a document to whoever asks, pages of any origin included: it is the same for all. */
export function sendMetadata(
  request: IncomingMessage,
  response: ServerResponse,
  document: string,
): void {
  response.setHeader('Access-Control-Allow-Origin', '*');
  if (request.method === 'OPTIONS') {
    allowRequestedHeaders(request, response);
    response.writeHead(204, { 'Access-Control-Allow-Methods': 'GET, HEAD' }).end();
  } else if (request.method === 'GET' || request.method === 'HEAD') {
    response
      .writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'max-age=3600' })
      .end(`${document}\n`);
  } else {
    sendText(response, 405, 'Only GET and HEAD are answered here.', { Allow: 'GET, HEAD' });
  }
}
