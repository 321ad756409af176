import { AuthError } from './auth-error.ts';

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
  | { readonly kind: 'bearer'; readonly token: string };

const none: Credentials = { kind: 'none' };

/**
 * Finds the access token of a request (RFC 6750 §2.1). An absent or empty `Authorization` header
 * and one of another scheme are no credentials of ours. The token itself is not looked into.
 *
 * Not read: a token in a form body (RFC 6750 §2.2) or a cookie, and the DPoP scheme, which is
 * another scheme here.
 *
 * @throws {AuthError} `authorization_malformed`, `authorization_repeated`, `token_in_query`
 */
export function readCredentials({ url, headers, rawHeaders }: CredentialsSource): Credentials {
  if (hasQueryParameter(url, 'access_token')) throw new AuthError('token_in_query');
  if (rawHeaders !== undefined && countLines(rawHeaders, 'authorization') > 1) {
    throw new AuthError('authorization_repeated');
  }

  const value = trimBlanks(headers.get('authorization') ?? '');
  if (value === '') return none;
  if (joined.test(value)) throw new AuthError('authorization_repeated');

  const scheme = leadingToken.exec(value)?.[0];
  if (scheme === undefined) throw new AuthError('authorization_malformed');
  const rest = value.slice(scheme.length);
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return { kind: 'bearer', token: readToken(rest) };
    default:
      return none;
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

/** `token68` of RFC 9110 §11.2; where an equals sign may stand is a question of the token's form. */
const token68 = /^[A-Za-z0-9\-._~+/=]+$/;

function readToken(afterScheme: string): string {
  const token = trimBlanks(afterScheme);
  if (token === '' || !afterScheme.startsWith(' ')) throw new AuthError('authorization_malformed');
  // A JWS in its JSON serialization: one token, though no token68. It is refused as what it is.
  if (token.startsWith('{')) return token;
  if (!token68.test(token)) throw new AuthError('authorization_malformed');
  return token;
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
