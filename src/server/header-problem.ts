import type { IncomingMessage } from 'node:http';

/** Why the headers of a request cannot be used. */
export interface HeaderProblem {
  readonly status: 400 | 431;
  readonly message: string;
}

/** Header fields of one request. Their bytes are limited by Node, to 16 KiB. */
export const maxHeaderFields = 1000;

/**
 * Headers of which there may be one only, and of which Node would silently keep the first or join
 * all: two of them mean different things to different programs on the way. Node itself refuses a
 * second Content-Length, and credentials are looked at where they are verified.
 */
const singletons = ['host', 'content-type', 'origin'];

/**
 * What is wrong with the headers of a request before anything is made of them: too many, or one
 * twice that may be there once (RFC 9112 §3.2, RFC 9110 §5.3). Undefined where nothing is.
 *
 * Needs a server whose `maxHeadersCount` is 0: with any other, Node drops what is beyond it, and the
 * rest of the request says something else than was sent.
 */
export function findHeaderProblem({ rawHeaders }: IncomingMessage): HeaderProblem | undefined {
  if (rawHeaders.length / 2 > maxHeaderFields) {
    return { status: 431, message: `A request may have ${maxHeaderFields} headers at most.` };
  }
  const seen = new Set<string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    if (!singletons.includes(name)) continue;
    if (seen.has(name)) {
      return { status: 400, message: `The header ${name} was sent more than once: send it once.` };
    }
    seen.add(name);
  }
  return undefined;
}
