import { AuthError, type AuthErrorReason, type AuthScheme } from './auth-error.ts';
import type { DpopMode } from './dpop/dpop-mode.ts';

/** What of an HTTP request is read for authentication. A `Request` fits as it is. */
export interface CredentialsSource {
  /** The request target, relative (`/graphql?…`) or absolute. Only its query string is read. */
  readonly url: string;
  readonly headers: Pick<Headers, 'get'>;
  /**
   * The header lines as received: names and values in turn, as Node's `request.rawHeaders` gives
   * them. Node keeps only the first of two `Authorization` lines, so that without this list a
   * second one cannot be seen.
   */
  readonly rawHeaders?: readonly string[];
}

/** What a request shows to say who is asking. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer'; readonly token: string; readonly hasProof: boolean }
  | { readonly kind: 'dpop'; readonly token: string; readonly proof: string };

const none: Credentials = { kind: 'none' };

/**
 * Finds the access token of a request (RFC 6750 §2.1) and the DPoP proof that goes with it (RFC 9449
 * §4.3 point 1, §7.1). An absent or empty `Authorization` header and one of another scheme are no
 * credentials of ours; with `off`, DPoP is another scheme. Token and proof are not looked into.
 *
 * Not read: a token in a form body (RFC 6750 §2.2) or a cookie.
 *
 * @throws {AuthError} `authorization_malformed`, `authorization_repeated`, `token_in_query`,
 * `proof_missing`, `proof_repeated`
 */
export function readCredentials(source: CredentialsSource, dpop: DpopMode): Credentials {
  const { url, headers, rawHeaders } = source;
  const value = trimBlanks(headers.get('authorization') ?? '');
  const scheme = leadingToken.exec(value)?.[0];
  const refuse = (reason: AuthErrorReason): AuthError =>
    new AuthError(reason, { scheme: challengedScheme(scheme, dpop) });

  if (hasQueryParameter(url, 'access_token')) throw refuse('token_in_query');
  if (
    (rawHeaders !== undefined && countLines(rawHeaders, 'authorization') > 1) ||
    joined.test(value)
  ) {
    throw refuse('authorization_repeated');
  }

  if (value === '') return none;
  if (scheme === undefined) throw refuse('authorization_malformed');
  const rest = value.slice(scheme.length);
  switch (scheme.toLowerCase()) {
    case 'bearer': {
      const hasProof = trimBlanks(headers.get('dpop') ?? '') !== '';
      return { kind: 'bearer', token: readToken(rest, 'Bearer'), hasProof };
    }
    case 'dpop':
      if (dpop === 'off') return none;
      return { kind: 'dpop', token: readToken(rest, 'DPoP'), proof: readProof(source) };
    default:
      return none;
  }
}

/**
 * The scheme that the challenge of a malformed request names: the one that was used, of several
 * headers by the first; where none of ours was, the one to use.
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

// Each expression below is linear: no two neighbouring repetitions share a character.

/** The `token` of RFC 9110 §5.6.2, of which an authentication scheme is made. */
const leadingToken = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+/;

/**
 * A `Headers` object joins two lines with a comma. A scheme of ours after a comma begins a second
 * line, unless an equals sign says that it is a parameter of another scheme.
 */
const joined = /,[ \t]*(?:bearer|dpop) +[^ =]/i;

/** `token68` of RFC 9110 §11.2: equals signs end it. */
const token68 = /^[A-Za-z0-9\-._~+/]+=*$/;

/** A segment of a JWS, with padding where some libraries put it: before or behind. */
const paddedSegment = /^=*(?:[A-Za-z0-9\-_~+/]+=*)?$/;

/** A JWS whose segments are padded is refused as that, though it is no `token68`. */
const isPaddedJws = (token: string): boolean =>
  token.includes('.') && token.split('.').every((segment) => paddedSegment.test(segment));

function readToken(afterScheme: string, scheme: AuthScheme): string {
  const token = trimBlanks(afterScheme);
  const malformed = () => new AuthError('authorization_malformed', { scheme });
  if (token === '' || !afterScheme.startsWith(' ')) throw malformed();
  // A JWS in its JSON serialization: one token, though no token68. It is refused as what it is.
  if (token.startsWith('{')) return token;
  if (!token68.test(token) && !isPaddedJws(token)) throw malformed();
  return token;
}

/** Two lines arrive joined with a comma, which no proof holds; the raw ones show them as they are. */
function readProof({ headers, rawHeaders }: CredentialsSource): string {
  const proof = trimBlanks(headers.get('dpop') ?? '');
  if (proof.includes(',') || (rawHeaders && countLines(rawHeaders, 'dpop') > 1)) {
    throw new AuthError('proof_repeated', { scheme: 'DPoP' });
  }
  if (proof === '') throw new AuthError('proof_missing', { scheme: 'DPoP' });
  return proof;
}

function hasQueryParameter(url: string, name: string): boolean {
  const [target = ''] = url.split('#', 1);
  const start = target.indexOf('?');
  return start >= 0 && new URLSearchParams(target.slice(start)).has(name);
}

function countLines(rawHeaders: readonly string[], name: string): number {
  return rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === name).length;
}

/** Takes the optional white space of RFC 9110 §5.6.3 off; `trim` would take more. */
function trimBlanks(text: string): string {
  const isBlank = (index: number) => text[index] === ' ' || text[index] === '\t';
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(start)) start += 1;
  while (end > start && isBlank(end - 1)) end -= 1;
  return text.slice(start, end);
}
