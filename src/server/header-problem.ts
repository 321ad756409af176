import type { IncomingMessage } from 'node:http';

/** Why the headers of a request cannot be used. */
export interface HeaderProblem {
  readonly status: 400 | 417 | 431 | 501;
  readonly message: string;
}

/** Header fields of one request. Their bytes are limited by Node, to 16 KiB. */
const maxHeaderFields = 1000;

/**
 * Headers of which there may be one only, and of which Node would silently keep the first or join
 * all: two of them mean different things to different programs on the way. Node itself refuses a
 * second Content-Length, and credentials are looked at where they are verified.
 */
const singletons = ['host', 'content-type', 'origin', 'transfer-encoding'];

/**
 * A host and a port (RFC 9112 §3.2), or nothing. User information is let through: like the rest of
 * the header, it is not used.
 */
const hostForm =
  /^(?:\[[\da-f:.v~!$&'()*+,;=_-]+\]|(?:[\w.~!$&'()*+,;=@-]|%[\da-f]{2})*)(?::\d*)?$/i;

/**
 * What is wrong with the headers of a request before anything is made of them: too many, one
 * twice that may be there once (RFC 9112 §3.2, RFC 9110 §5.3), a host that is none, or a body in a
 * coding that would not be removed (RFC 9112 §6.1). Undefined where nothing is.
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
    const value = rawHeaders[index + 1] ?? '';
    if (!singletons.includes(name)) continue;
    if (seen.has(name)) {
      return { status: 400, message: `The header ${name} was sent more than once: send it once.` };
    }
    seen.add(name);
    if (name === 'host' && !hostForm.test(value)) {
      return { status: 400, message: 'The header host is not a host with an optional port.' };
    }
    if (name === 'transfer-encoding' && value.toLowerCase() !== 'chunked') {
      return { status: 501, message: 'The only transfer coding that is accepted is chunked.' };
    }
  }
  return undefined;
}
