import { GraphQLError } from 'graphql';
import type { GraphQLParams, Plugin } from 'graphql-yoga';
import { type DirectPlugin, servedDirectly } from '../adapters/node/direct-plugin.ts';
import { isJsonObject } from '../shared/type-guards.ts';
import { type DocumentParams, readDocumentReference } from '../trusted-documents/document-id.ts';

/** Options for `useRequestParser`. */
export interface RequestParserOptions {
  readonly maxBodyBytes: number;
  /** Whether requests can name a document instead of having a query. */
  readonly hasTrustedDocuments: boolean;
}

/** Whether a request can be without a query. */
type IsWithoutQuery = (params: DocumentParams) => boolean;

/**
 * Parses GraphQL requests from JSON bodies and query strings only. Forms and other bodies that a
 * browser sends to other origins without a preflight request are rejected, so that no page of another
 * origin can run an operation (CSRF). Replaces Yoga's own parsers and its limit of bodies.
 */
export function useRequestParser({
  maxBodyBytes,
  hasTrustedDocuments,
}: RequestParserOptions): Plugin & DirectPlugin {
  const isWithoutQuery = hasTrustedDocuments ? namesDocument : rejectPersistedQuery;
  return {
    ...servedDirectly,

    onRequestParse({ request, setRequestParser }) {
      if (request.method === 'GET') {
        setRequestParser((get) => parseGet(get, isWithoutQuery));
      }
      if (request.method === 'POST') {
        setRequestParser((post) =>
          parsePost(post.headers, () => readRequestBody(post, maxBodyBytes), isWithoutQuery),
        );
      }
    },
  };
}

function parseGet(
  request: Request,
  isWithoutQuery: IsWithoutQuery,
): GraphQLParams & DocumentParams {
  if (request.headers.has('content-type') && !hasJsonType(request.headers)) {
    throw badRequest('A GET request has no body: remove Content-Type.', 415);
  }
  const start = request.url.indexOf('?');
  const parameters = new URLSearchParams(start === -1 ? '' : request.url.slice(start + 1));
  for (const name of ['query', 'documentId', 'operationName', 'variables', 'extensions']) {
    if (parameters.getAll(name).length > 1) {
      throw badRequest(`The query string has ${name} more than once: send it once.`);
    }
  }
  const query = parameters.get('query');
  const extensions = objectParameter('extensions', parameters);
  const documentId = parameters.get('documentId');
  const reference = { ...(documentId && !query ? { documentId } : {}), ...extensions };
  if (!query && !isWithoutQuery(reference)) {
    throw badRequest('The query string must have a query, such as ?query={__typename}.');
  }
  const operationName = parameters.get('operationName');
  return {
    ...(query ? { query } : {}),
    ...reference,
    ...(operationName ? { operationName } : {}),
    ...objectParameter('variables', parameters),
  };
}

function objectParameter(
  name: 'variables' | 'extensions',
  parameters: URLSearchParams,
): Partial<Record<typeof name, Record<string, unknown>>> {
  const text = parameters.get(name);
  if (!text) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badRequest(`${name} in the query string must be JSON.`);
  }
  if (value === null) return {};
  if (!isJsonObject(value)) throw badRequest(`${name} in the query string must be a JSON object.`);
  return { [name]: value };
}

/**
 * Parses the body of a POST request.
 *
 * @throws {GraphQLError} With the status, if it is not what this API accepts.
 */
export async function parsePost(
  headers: Pick<Headers, 'get'>,
  readBody: () => Promise<string>,
  isWithoutQuery: IsWithoutQuery,
): Promise<GraphQLParams> {
  if (!hasJsonType(headers)) {
    throw badRequest('The body must be JSON, sent as Content-Type: application/json.', 415);
  }
  const coding = headers.get('content-encoding')?.trim().toLowerCase();
  if (coding && coding !== 'identity') {
    // Names what is accepted (RFC 9110 §12.5.3).
    throw badRequest('The body must not be compressed: remove Content-Encoding.', 415, {
      'Accept-Encoding': 'identity',
    });
  }
  const text = await readBody();
  let body: unknown;
  try {
    // Without a byte order mark (RFC 8259 §8.1).
    body = JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch {
    throw badRequest('The body is not valid JSON.');
  }
  if (!isJsonObject(body)) throw badRequest(`The body must be a JSON object, such as ${example}.`);
  if (typeof body['query'] !== 'string') {
    if (isMissing(body['query']) && isWithoutQuery(body)) return body;
    throw badRequest(`The body must have a string property "query", such as ${example}.`);
  }
  return body;
}

/**
 * Rejects automatic persisted queries: a hash without its query. With this message and code, Apollo
 * clients and compatible ones send the query, and stop sending hashes.
 *
 * As for other errors of GraphQL documents, the status is 200 for `application/json`: several clients
 * read errors from nothing else.
 */
function rejectPersistedQuery({ extensions }: DocumentParams): false {
  if (!isJsonObject(extensions) || !isJsonObject(extensions['persistedQuery'])) return false;
  throw new GraphQLError('PersistedQueryNotSupported', {
    extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED', http: { spec: true, status: 400 } },
  });
}

/** Whether a request names a document, in whatever form. */
const namesDocument = (params: DocumentParams): boolean =>
  readDocumentReference(params).kind !== 'none';

const isMissing = (value: unknown): boolean => value === undefined || value === null;

const example = '{"query":"{ __typename }"}';

function hasJsonType(headers: Pick<Headers, 'get'>): boolean {
  const [type = '', ...parameters] = (headers.get('content-type') ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const charset = parameters.find((part) => part.startsWith('charset='));
  return (
    type === 'application/json' && (charset === undefined || /^charset="?utf-?8"?$/.test(charset))
  );
}

/**
 * Reads the body of a request as text. If there is a Content-Length, comparing it is enough, because HTTP
 * ends the body there; otherwise the bytes are counted as they arrive.
 *
 * @throws {GraphQLError} 413 if the body is larger than `maxBytes`.
 * @throws {DOMException} `AbortError` if the connection closes before the end of the body.
 */
async function readRequestBody(request: Request, maxBytes: number): Promise<string> {
  const length = request.headers.get('content-length');
  if (length !== null && Number(length) > maxBytes) throw bodyTooLarge(maxBytes);
  return readText(request, length === null ? maxBytes : undefined);
}

async function readText(request: Request, maxBytes: number | undefined): Promise<string> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  try {
    if (maxBytes === undefined) return await request.text();
    const reader = request.body?.getReader();
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      total += part.value.byteLength;
      if (total > maxBytes) break;
      chunks.push(part.value);
    }
  } catch {
    throw disconnected();
  }
  // Canceling the reader would close the connection before the response.
  if (total > maxBytes) throw bodyTooLarge(maxBytes);
  return Buffer.concat(chunks).toString();
}

/** Only the connection can fail while a body is read, and then no client is left to respond to. */
export const disconnected = (): DOMException =>
  new DOMException('The client disconnected before the end of the body.', 'AbortError');

export function bodyTooLarge(maxBytes: number): GraphQLError {
  const message = `The body is larger than ${maxBytes} bytes, the maximum of this API.`;
  // The rest of the body is not read.
  return badRequest(message, 413, { Connection: 'close' });
}

/** An error for a request that violates GraphQL over HTTP, with its status. */
export function badRequest(
  message: string,
  status = 400,
  headers: Readonly<Record<string, string>> = {},
): GraphQLError {
  return new GraphQLError(message, {
    extensions: { code: 'BAD_REQUEST', http: { status, headers } },
  });
}
