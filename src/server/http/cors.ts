import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopbackHostname } from '../../shared/loopback.ts';

/** Browser origins that can call: exact origins, or any origin on this machine. */
export type AllowedOrigins = 'loopback' | readonly string[];

/** Response headers that scripts of other origins can read. */
const exposedHeaders =
  'WWW-Authenticate, DPoP-Nonce, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id';

/**
 * The headers that allow pages of these origins to call (Fetch standard, CORS protocol): names and values
 * alternate.
 *
 * @param withCredentials Whether browsers may send cookies. Only if tokens come from one, to here or to a proxy
 *   that sends them in a header of its own: which page uses it is then checked with the token. Otherwise, pages
 *   could act with what a proxy takes from cookies.
 */
export function corsHeaders(
  { headers: { origin } }: IncomingMessage,
  allowed: AllowedOrigins,
  withCredentials: boolean,
): readonly string[] {
  if (origin === undefined || !isAllowedOrigin(origin, allowed)) return none;
  const headers = ['Access-Control-Allow-Origin', origin];
  if (withCredentials) headers.push('Access-Control-Allow-Credentials', 'true');
  headers.push('Access-Control-Expose-Headers', exposedHeaders);
  return headers;
}

const none: readonly string[] = [];

/**
 * Ends preflight requests, whose response has the headers of `corsHeaders` already.
 *
 * @returns Whether the request was a preflight; its response has been sent.
 */
export function endPreflight(request: IncomingMessage, response: ServerResponse): boolean {
  const isPreflight =
    request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
  if (!isPreflight) return false;
  if (response.hasHeader('Access-Control-Allow-Origin')) {
    response.setHeader('Access-Control-Allow-Methods', 'GET, POST');
    allowRequestedHeaders(request, response);
    response.setHeader('Access-Control-Max-Age', '600');
  }
  response.writeHead(204).end();
  return true;
}

/**
 * Allows pages of any origin to read a public document. Ends OPTIONS requests.
 *
 * @returns Whether the response has been sent.
 */
export function applyPublicCors(request: IncomingMessage, response: ServerResponse): boolean {
  response.setHeader('Access-Control-Allow-Origin', '*');
  if (request.method !== 'OPTIONS') return false;
  allowRequestedHeaders(request, response);
  response.writeHead(204, { 'Access-Control-Allow-Methods': 'GET, HEAD' }).end();
  return true;
}

/**
 * Allows the headers that a preflight request names. The list is sent back as it is, so one that is
 * too long, or is not a list of names, allows nothing.
 */
function allowRequestedHeaders(request: IncomingMessage, response: ServerResponse): void {
  const names = request.headers['access-control-request-headers'];
  if (
    names === undefined ||
    names.length > maxNamesLength ||
    !/^[\w!#$%&'*+.^`|~, -]*$/.test(names)
  ) {
    return;
  }
  response.setHeader('Access-Control-Allow-Headers', names);
}

/** Characters in the whole list: longer than any real one. */
const maxNamesLength = 1000;

/** Whether pages of an origin can call. */
export function isAllowedOrigin(origin: string, allowed: AllowedOrigins): boolean {
  if (allowed !== 'loopback') return allowed.includes(origin);
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  // The response repeats it, so it must be an origin only: no path, no user.
  return url.origin === origin && isLoopbackHostname(url.hostname);
}
