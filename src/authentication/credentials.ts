import { AuthError } from './auth-error.ts';
import type { AuthErrorReason, AuthScheme } from './auth-error-reasons.ts';

/**
 * How DPoP (RFC 9449) is supported.
 *
 * - `off`: DPoP is treated as an unknown scheme, and the DPoP header is ignored.
 * - `optional`: a token that is bound to a key needs a proof; other tokens are sent as Bearer.
 * - `required`: Bearer tokens are rejected.
 *
 * A token that is bound to a key is never accepted as Bearer, not even with `off`.
 */
export type DpopMode = 'off' | 'optional' | 'required';

/** All modes, to validate options. */
export const dpopModes: ReadonlySet<string> = new Set<DpopMode>(['off', 'optional', 'required']);

/** The schemes that are accepted in each mode. */
export const acceptedSchemes: Readonly<Record<DpopMode, readonly AuthScheme[]>> = {
  off: ['Bearer'],
  optional: ['Bearer', 'DPoP'],
  required: ['DPoP'],
};

/** The parts of an HTTP request that can have credentials. A `Request` matches. */
export interface CredentialsSource {
  /** The request target, relative (`/graphql?…`) or absolute. Only its query string is read. */
  readonly url: string;
  readonly headers: Pick<Headers, 'get'>;
  /**
   * The headers as received: names and values alternate, as in `request.rawHeaders` of Node. Node
   * drops all but the first `Authorization` header, so a second one is only detected with this list.
   */
  readonly rawHeaders?: readonly string[];
}

/** The credentials of a request. Nothing in them has been verified. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer'; readonly token: string; readonly hasProof: boolean }
  | { readonly kind: 'dpop'; readonly token: string; readonly proof: string };

/** Those of a request without any. */
export const noCredentials: Credentials = { kind: 'none' };

/**
 * Reads the access token of a request (RFC 6750 §2.1) and its DPoP proof (RFC 9449 §4.3 point 1, §7.1).
 * An `Authorization` header that is empty or has another scheme counts as none. With `off`, DPoP is
 * another scheme.
 *
 * Ignored: tokens in a form body (RFC 6750 §2.2), in a cookie or in another header.
 *
 * @throws {AuthError} `authorization_malformed`, `authorization_repeated`, `token_in_query`,
 * `proof_missing`, `proof_repeated`
 */
export function readCredentials(source: CredentialsSource, dpop: DpopMode): Credentials {
  const { url, headers, rawHeaders } = source;
  const value = trimOws(headers.get('authorization') ?? '');
  const scheme = leadingToken.exec(value)?.[0];
  const rejection = (reason: AuthErrorReason): AuthError =>
    new AuthError(reason, { scheme: challengedScheme(scheme, dpop) });

  if (hasTokenInQuery(url)) throw rejection('token_in_query');
  if (
    (rawHeaders !== undefined && countHeaders(rawHeaders, 'authorization') > 1) ||
    (value.includes(',') && repeatedSchemePattern.test(value))
  ) {
    throw rejection('authorization_repeated');
  }

  if (value === '') return noCredentials;
  if (scheme === undefined) throw rejection('authorization_malformed');
  const rest = value.slice(scheme.length);
  switch (scheme.toLowerCase()) {
    case 'bearer': {
      const hasProof = trimOws(headers.get('dpop') ?? '') !== '';
      return { kind: 'bearer', token: readToken(rest, 'Bearer'), hasProof };
    }
    case 'dpop':
      if (dpop === 'off') return noCredentials;
      return { kind: 'dpop', token: readToken(rest, 'DPoP'), proof: readProof(source) };
    default:
      return noCredentials;
  }
}

/**
 * The scheme that the challenge for a malformed request names: the one that was used (with several
 * headers, the first), or else the one to use.
 */
function challengedScheme(used: string | undefined, dpop: DpopMode): AuthScheme {
  switch (used?.toLowerCase()) {
    case 'bearer':
      return 'Bearer';
    case 'dpop':
      return dpop === 'off' ? 'Bearer' : 'DPoP';
    default:
      return dpop === 'required' ? 'DPoP' : 'Bearer';
  }
}

// Each of these patterns takes linear time: adjacent repetitions have no character in common.

/** A `token` (RFC 9110 §5.6.2), such as an authentication scheme. */
const leadingToken = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+/;

/**
 * `Headers` joins repeated headers with a comma. A supported scheme after a comma starts a second
 * header, unless an equals sign makes it a parameter of another scheme.
 */
const repeatedSchemePattern = /,[ \t]*(?:bearer|dpop) +[^ =]/i;

/** A `token68` (RFC 9110 §11.2), which can end with equals signs. */
const token68 = /^[A-Za-z0-9\-._~+/]+=*$/;

/** A segment of a JWS with padding, which some libraries add before or after it. */
const paddedSegment = /^=*(?:[A-Za-z0-9\-_~+/]+=*)?$/;

/** A padded JWS is not a `token68`, but is let through for a more helpful error. */
const isPaddedJws = (token: string): boolean =>
  token.includes('.') && token.split('.').every((segment) => paddedSegment.test(segment));

/** Whether a text is one token, or close enough to one for a more helpful error: a JWS in JSON. */
export function isToken(text: string): boolean {
  return text.startsWith('{') || token68.test(text) || isPaddedJws(text);
}

function readToken(afterScheme: string, scheme: AuthScheme): string {
  const token = trimOws(afterScheme);
  const malformed = () => new AuthError('authorization_malformed', { scheme });
  if (token === '' || !afterScheme.startsWith(' ')) throw malformed();
  if (!isToken(token)) throw malformed();
  return token;
}

/** Repeated headers are joined with a comma, which no proof contains, or seen in the raw headers. */
function readProof({ headers, rawHeaders }: CredentialsSource): string {
  const proof = trimOws(headers.get('dpop') ?? '');
  if (proof.includes(',') || (rawHeaders && countHeaders(rawHeaders, 'dpop') > 1)) {
    throw new AuthError('proof_repeated', { scheme: 'DPoP' });
  }
  if (proof === '') throw new AuthError('proof_missing', { scheme: 'DPoP' });
  return proof;
}

/** Whether a request target has an access token in its query string (RFC 6750 §2.3). */
export function hasTokenInQuery(url: string): boolean {
  if (!url.includes('?')) return false;
  const [target = ''] = url.split('#', 1);
  const start = target.indexOf('?');
  return start >= 0 && new URLSearchParams(target.slice(start)).has('access_token');
}

/** The number of headers of this name, in lower case. */
export function countHeaders(rawHeaders: readonly string[], name: string): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.length === name.length && rawHeaders[index]?.toLowerCase() === name) {
      count += 1;
    }
  }
  return count;
}

/** Trims optional white space (RFC 9110 §5.6.3). `String.trim` would remove other characters too. */
export function trimOws(text: string): string {
  const isOws = (index: number) => text[index] === ' ' || text[index] === '\t';
  let start = 0;
  let end = text.length;
  while (start < end && isOws(start)) start += 1;
  while (end > start && isOws(end - 1)) end -= 1;
  return text.slice(start, end);
}
