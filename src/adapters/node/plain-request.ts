import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { type ErrorBehavior, isErrorBehavior } from '../../shared/error-behavior.ts';
import { isJsonObject, type JsonObject } from '../../shared/type-guards.ts';
import type { TrustedDocuments } from '../../trusted-documents/trusted-documents.ts';

/** The media types of a single GraphQL response. */
const responseTypes = ['application/json', 'application/graphql-response+json'] as const;

/** A media type for a single GraphQL response. */
export type ResponseType = (typeof responseTypes)[number];

/** The media type of the response, if a single response is what the client prefers. */
export function responseTypeFor({ headers }: IncomingMessage): ResponseType | undefined {
  const { accept = '' } = headers;
  return responseTypes.find((type) => accept === type || accept.startsWith(`${type},`));
}

/** The content types of most clients. Others, however written, are left to Yoga. */
const contentTypes: ReadonlySet<string | undefined> = new Set([
  'application/json',
  'application/json; charset=utf-8',
  'application/json;charset=utf-8',
  'application/json; charset=UTF-8',
]);

/** Whether a request is the plain case: a JSON body of known length, sent to the endpoint by POST. */
export function isPlain(request: IncomingMessage, path: string, maxBodyBytes: number): boolean {
  const { method, url, headers } = request;
  const length = headers['content-length'];
  return (
    method === 'POST' &&
    url === path &&
    length !== undefined &&
    Number(length) <= maxBodyBytes &&
    contentTypes.has(headers['content-type']) &&
    headers['content-encoding'] === undefined &&
    headers['transfer-encoding'] === undefined
  );
}

/** Reads a body whose length was limited. Undefined if the connection closes before its end. */
export function readBody(request: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [first] = chunks;
      const bytes = chunks.length === 1 && first ? first : Buffer.concat(chunks);
      resolve(bytes.toString());
    });
    request.on('close', () => resolve(undefined));
  });
}

/** Lets Yoga's server read a body that has been read. */
export function restoreBody(request: IncomingMessage, body: string): void {
  // Not the text itself: Yoga's server would list each of its characters (`Object.keys`).
  Object.assign(request, { body: Readable.from(Buffer.from(body)) });
}

/** The parameters of an operation, as GraphQL over HTTP defines them, and `onError`. */
export interface PlainParams {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
  readonly onError?: ErrorBehavior;
}

/**
 * Parses a body. Undefined if anything about it is unusual, and Yoga decides what it means.
 *
 * @param documents Those that a request can name instead of having a query. Undefined: there are none.
 */
export function parseParams(
  body: string,
  documents: TrustedDocuments | undefined,
): PlainParams | undefined {
  let params: unknown;
  try {
    // Without a byte order mark (RFC 8259 §8.1).
    params = JSON.parse(body.startsWith('\uFEFF') ? body.slice(1) : body);
  } catch {
    return undefined;
  }
  if (!isJsonObject(params)) return undefined;
  const withQuery = documents === undefined ? params : withTrustedQuery(params, documents);
  return withQuery !== undefined && isPlainParams(withQuery) ? withQuery : undefined;
}

/** Puts the text of the document that the parameters name in the place of its name, as Yoga does. */
function withTrustedQuery(params: JsonObject, documents: TrustedDocuments): JsonObject | undefined {
  const resolution = documents.resolve(params);
  if (resolution.kind !== 'trusted') return resolution.kind === 'sent' ? params : undefined;
  const { query: _query, documentId: _documentId, ...others } = params;
  const { operationName, variables, extensions } = params;
  return { query: resolution.text, operationName, variables, extensions, ...others };
}

function isPlainParams(params: JsonObject): params is JsonObject & PlainParams {
  if (typeof params['query'] !== 'string') return false;
  for (const [name, value] of Object.entries(params)) {
    switch (name) {
      case 'query':
        break;
      case 'operationName':
        if (value != null && typeof value !== 'string') return false;
        break;
      case 'variables':
      case 'extensions':
        if (value != null && !isJsonObject(value)) return false;
        break;
      case 'onError':
        if (!isErrorBehavior(value)) return false;
        break;
      default:
        return false;
    }
  }
  return true;
}
