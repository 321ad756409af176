import { AuthError } from './auth-error.ts';
import {
  type Credentials,
  type CredentialsSource,
  countHeaders,
  hasTokenInQuery,
  isToken,
  noCredentials,
  readCredentials,
  trimOws,
} from './credentials.ts';
import { createInitiatorCheck } from './cross-origin.ts';
import type { TokenLocation, TokenLocationOptions } from './token-location.ts';

/** What credentials are read from. */
interface ReadableRequest extends CredentialsSource {
  readonly method: string;
}

/** Reads the credentials of a request. @throws {AuthError} if they cannot be used. */
export type ReadCredentials = (request: ReadableRequest) => Credentials;

/**
 * Creates the function that reads credentials where `tokenFrom` says, and nowhere else. A request with
 * tokens in two of these places is rejected (RFC 6750 §2).
 */
export function createCredentialsReader(options: TokenLocationOptions): ReadCredentials {
  const { dpop } = options;
  const readers = options.tokenFrom.map((location) => createReader(location, options));
  const [first] = readers;
  if (first !== undefined && readers.length === 1) return first;
  return (request) => {
    const found = readers.map((read) => read(request)).filter(({ kind }) => kind !== 'none');
    if (found.length > 1) throw new AuthError('token_repeated');
    return found[0] ?? noCredentials;
  };

  function createReader(
    location: TokenLocation,
    { publicUrl }: TokenLocationOptions,
  ): ReadCredentials {
    if (location === 'authorization') return (request) => readCredentials(request, dpop);
    const { csrf } = location;
    const isAllowed = csrf === 'off' ? () => true : createInitiatorCheck(csrf, publicUrl);
    const find =
      'cookie' in location
        ? (request: ReadableRequest) => findCookie(request, location.cookie)
        : (request: ReadableRequest) => findHeader(request, location.header.toLowerCase());
    return (request) => {
      if (hasTokenInQuery(request.url)) throw new AuthError('token_in_query');
      const token = find(request);
      if (token === '') return noCredentials;
      if (!isAllowed(request)) throw new AuthError('origin_not_allowed');
      if (!isToken(token)) throw new AuthError('token_malformed');
      const hasProof = trimOws(request.headers.get('dpop') ?? '') !== '';
      return { kind: 'bearer', token, hasProof };
    };
  }
}

/**
 * The value of a header; empty if there is none. Repeated headers are joined with a comma, which no token
 * contains, or seen in the raw headers.
 */
function findHeader({ headers, rawHeaders }: ReadableRequest, name: string): string {
  const value = trimOws(headers.get(name) ?? '');
  if (value.includes(',') || (rawHeaders !== undefined && countHeaders(rawHeaders, name) > 1)) {
    throw new AuthError('token_repeated');
  }
  return value;
}

/**
 * The value of a cookie (RFC 6265 §5.4); empty if there is none. The name must match exactly: what servers
 * trim beside spaces and tabs, browsers keep, so that another host could set such a cookie.
 *
 * @throws {AuthError} `token_repeated` if there are two of this name, which only another host or path can
 *   have set
 */
function findCookie({ headers }: ReadableRequest, name: string): string {
  const cookies = headers.get('cookie') ?? '';
  let found: string | undefined;
  // Not `split`, which would make a list of as many strings as a client sends semicolons.
  for (let start = 0; start < cookies.length; ) {
    const semicolon = cookies.indexOf(';', start);
    const end = semicolon === -1 ? cookies.length : semicolon;
    const pair = trimOws(cookies.slice(start, end));
    if (pair.startsWith(name) && pair[name.length] === '=') {
      if (found !== undefined) throw new AuthError('token_repeated');
      found = pair.slice(name.length + 1);
    }
    start = end + 1;
  }
  return found ?? '';
}
