import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopbackHostname } from '../shared/loopback.ts';

/** The browser origins that may call: a list of exact ones, or any on this machine. */
export type AllowedOrigins = 'loopback' | readonly string[];

/** What scripts of other origins may read of an answer, beside its body. */
const exposedHeaders = 'WWW-Authenticate, DPoP-Nonce, Retry-After';

/**
 * Lets the pages of allowed origins call (Fetch standard, CORS protocol), without cookies. Ends
 * preflight requests.
 *
 * @returns Whether the request was a preflight and has been answered.
 */
export function applyCors(
  request: IncomingMessage,
  response: ServerResponse,
  allowed: AllowedOrigins,
): boolean {
  const { origin } = request.headers;
  const isPreflight =
    request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
  if (origin !== undefined && isAllowedOrigin(origin, allowed)) {
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Access-Control-Expose-Headers', exposedHeaders);
    if (isPreflight) {
      response.setHeader('Access-Control-Allow-Methods', 'GET, POST');
      allowRequestedHeaders(request, response);
      response.setHeader('Access-Control-Max-Age', '600');
    }
  }
  if (isPreflight) response.writeHead(204).end();
  return isPreflight;
}

/**
 * Allows a page the headers that its preflight request names. The list comes back as it is, so one
 * that is longer than any real one, or is no list of names, allows nothing.
 */
export function allowRequestedHeaders(request: IncomingMessage, response: ServerResponse): void {
  const names = request.headers['access-control-request-headers'];
  if (
    names === undefined ||
    names.length > maxHeaderNames ||
    !/^[\w!#$%&'*+.^`|~, -]*$/.test(names)
  ) {
    return;
  }
  response.setHeader('Access-Control-Allow-Headers', names);
}

/** Characters of all names together. */
const maxHeaderNames = 1000;

/** Whether pages of an origin may call. */
export function isAllowedOrigin(origin: string, allowed: AllowedOrigins): boolean {
  if (allowed !== 'loopback') return allowed.includes(origin);
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  // An origin has neither path nor user, and it is repeated in the response.
  return url.origin === origin && isLoopbackHostname(url.hostname);
}
