import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ResourceMetadataOptions, resourceMetadata } from '../gate/resource-metadata.ts';
import { applyPublicCors } from './http/cors.ts';
import { graphqlPath, metadataPath } from './http/paths.ts';
import { sendMethodNotAllowed } from './http/plain-responses.ts';

/** Metadata documents in JSON, by path. */
export type MetadataDocuments = ReadonlyMap<string, string>;

/**
 * Creates the protected resource metadata of the API (RFC 9728 §3): of the endpoint, which challenges
 * name, and of the public URL, for clients that know only that. They differ in `resource`, which a
 * client compares with the URL that it inserted the well-known path into (§3.3).
 */
export function createMetadataDocuments(
  options: Omit<ResourceMetadataOptions, 'resource'> & {
    /** The API's own URL as clients see it. */
    readonly publicUrl: string;
  },
): MetadataDocuments {
  const resources = [options.publicUrl, `${options.publicUrl}${graphqlPath}`];
  return new Map(
    resources.map((resource) => [
      `${metadataPath}${new URL(resource).pathname.replace(/\/$/, '')}`,
      JSON.stringify(resourceMetadata({ ...options, resource })),
    ]),
  );
}

/** Sends a metadata document. Pages of any origin can read it: it is the same for everyone. */
export function sendMetadata(
  request: IncomingMessage,
  response: ServerResponse,
  document: string,
): void {
  if (applyPublicCors(request, response)) return;
  if (request.method === 'GET' || request.method === 'HEAD') {
    response
      .writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'max-age=3600' })
      .end(`${document}\n`);
  } else sendMethodNotAllowed(response);
}
