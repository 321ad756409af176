import type { IncomingMessage, ServerResponse } from 'node:http';

/** Why the headers of a request are rejected. */
export interface HeaderProblem {
  readonly status: 400 | 417 | 431 | 501;
  readonly message: string;
}

/** Maximum number of header fields. Node limits their bytes. */
const maxHeaderFields = 1000;

/**
 * Headers that must not be repeated, but that Node would silently join or take the first of, so that
 * a proxy and this server could read them differently. Node itself rejects a second Content-Length,
 * and the authenticator rejects repeated credentials.
 */
const singletons = ['host', 'content-type', 'origin', 'transfer-encoding'];
const singletonLengths: ReadonlySet<number> = new Set(singletons.map(({ length }) => length));

/**
 * A host and an optional port (RFC 9112 §3.2), or nothing. User information is accepted: like the
 * rest of the header, it is not used.
 */
const hostForm =
  /^(?:\[[\da-f:.v~!$&'()*+,;=_-]+\]|(?:[\w.~!$&'()*+,;=@-]|%[\da-f]{2})*)(?::\d*)?$/i;

/**
 * Finds what is wrong with the headers of a request: too many fields, a repeated one that must not
 * be (RFC 9112 §3.2, RFC 9110 §5.3), an invalid host, or a transfer coding other than chunked (RFC
 * 9112 §6.1).
 *
 * Requires a server with `maxHeadersCount` 0. Otherwise Node drops fields beyond the maximum, and the
 * request means something else than was sent.
 */
export function findHeaderProblem({ rawHeaders }: IncomingMessage): HeaderProblem | undefined {
  if (rawHeaders.length / 2 > maxHeaderFields) {
    return { status: 431, message: `Too many headers: at most ${maxHeaderFields} are allowed.` };
  }
  const seen: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const original = rawHeaders[index] ?? '';
    if (!singletonLengths.has(original.length)) continue;
    const name = original.toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    if (!singletons.includes(name)) continue;
    if (seen.includes(name)) {
      return { status: 400, message: `The ${name} header was sent more than once: send it once.` };
    }
    seen.push(name);
    if (name === 'host' && !hostForm.test(value)) {
      return { status: 400, message: 'The host header is not a host with an optional port.' };
    }
    if (name === 'transfer-encoding' && value.toLowerCase() !== 'chunked') {
      return { status: 501, message: 'The only supported transfer coding is chunked.' };
    }
  }
  return undefined;
}

/** The problem of an Expect header other than `100-continue`, which Node handles itself. */
export const unmetExpectation: HeaderProblem = {
  status: 417,
  message: 'The only supported expectation is 100-continue.',
};

/** Sends a problem in the form of a GraphQL response, and closes the connection. */
export function sendHeaderProblem(
  response: ServerResponse,
  { status, message }: HeaderProblem,
): void {
  response
    .writeHead(status, {
      'Content-Type': 'application/json; charset=utf-8',
      'Cache-Control': 'no-store',
      // The rest of the request is not read.
      Connection: 'close',
    })
    .end(JSON.stringify({ errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] }));
}
