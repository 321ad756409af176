import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { type ErrorBehavior, isErrorBehavior } from '../../shared/error-behavior.ts';
import { isJsonObject } from '../../shared/type-guards.ts';

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
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
  readonly extensions?: Readonly<Record<string, unknown>> | null;
  readonly onError?: ErrorBehavior;
}

/** Parses a body. Undefined if anything about it is unusual, and Yoga decides what it means. */
export function parseParams(body: string): PlainParams | undefined {
  let params: unknown;
  try {
    // Without a byte order mark (RFC 8259 §8.1).
    params = JSON.parse(body.startsWith('\uFEFF') ? body.slice(1) : body);
  } catch {
    return undefined;
  }
  return isPlainParams(params) ? params : undefined;
}

function isPlainParams(params: unknown): params is PlainParams {
  if (!isJsonObject(params) || typeof params['query'] !== 'string') return false;
  for (const [name, value] of Object.entries(params)) {
    switch (name) {
      case 'query':
        break;
      case 'operationName':
        if (value !== null && typeof value !== 'string') return false;
        break;
      case 'variables':
      case 'extensions':
        if (value !== null && !isJsonObject(value)) return false;
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
