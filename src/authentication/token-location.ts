import { isObject, type JsonObject } from '../shared/type-guards.ts';
import { findUnknownOptions } from '../shared/unknown-options.ts';

/** A place of a request where its access token is read. */
export type TokenLocation = 'authorization' | TokenCookie | TokenHeader;

/**
 * A cookie with the access token, which browsers send with every request to its host, whichever page
 * makes it. It must be set with `HttpOnly`, `Secure`, `Path=/` and `SameSite`, by a server.
 */
export interface TokenCookie {
  /**
   * The name, case-sensitive. It must begin with `__Host-`, so that no other host can set the cookie, or
   * with `__Secure-`.
   */
  readonly cookie: string;
  /** Which pages can use the cookie. Requests of all others are rejected. */
  readonly csrf: CsrfProtection;
  /** Accepts a name without a prefix: for development over http, where prefixes need not work. */
  readonly unprefixed?: true;
}

/** A header that has the access token and nothing else, such as `X-Goog-IAP-JWT-Assertion`. */
export interface TokenHeader {
  readonly header: string;
  /**
   * Which pages can cause requests with the header. A proxy that adds it to requests that have a cookie
   * of its own, as Google IAP and Cloudflare Access do, adds it to requests of any page. `off` is for
   * headers that clients set themselves, which pages of other origins cannot without a preflight.
   */
  readonly csrf: CsrfProtection | 'off';
}

/**
 * Protection against cross-site request forgery and cross-site WebSocket hijacking. A request with an
 * `Origin` header is accepted from the origin of `publicUrl`, and from those of `allowedOrigins`. One
 * without is accepted if `Sec-Fetch-Site` is `same-origin`; or if it is `none`, and the request is what a
 * browser sends when a user enters a URL.
 *
 * A function is called with the origin, and must return true for one that is allowed.
 */
export type CsrfProtection =
  | 'same-origin'
  | { readonly allowedOrigins: readonly string[] | ((origin: string) => boolean) };

/** The options that decide where tokens are read. */
export interface TokenLocationOptions {
  readonly tokenFrom: readonly TokenLocation[];
  readonly dpop: 'off' | 'optional' | 'required';
  /** Empty if there is none. */
  readonly publicUrl: string;
}

/** Finds what is wrong with the option `tokenFrom`. Each problem is a sentence. */
export function findLocationProblems(options: TokenLocationOptions): readonly string[] {
  const { tokenFrom, dpop, publicUrl } = options;
  const problems = tokenFrom.flatMap((location) => problemsOf(location));
  if (problems.length > 0) return problems;
  const others = tokenFrom.filter((location) => location !== 'authorization');
  if (tokenFrom.length === 0) {
    problems.push("tokenFrom must name a place, such as 'authorization'.");
  }
  if (new Set(tokenFrom.map(nameOf)).size < tokenFrom.length) {
    problems.push('tokenFrom names the same place twice: keep one.');
  }
  if (publicUrl === '' && others.some(({ csrf }) => csrf !== 'off')) {
    problems.push('tokenFrom.csrf requires publicUrl: the origin whose pages can call.');
  }
  if (others.length > 0 && dpop === 'required') {
    problems.push(
      'tokenFrom names a cookie or a header, whose tokens are Bearer tokens: set dpop to optional or off.',
    );
  }
  if (others.length > 0 && others.length === tokenFrom.length && dpop === 'optional') {
    problems.push(
      "dpop requires 'authorization' in tokenFrom: a proof belongs to a token in the Authorization header.",
    );
  }
  return problems;
}

function problemsOf(location: unknown): string[] {
  if (location === 'authorization') return [];
  if (!isObject(location) || 'cookie' in location === 'header' in location) {
    return [
      "tokenFrom must be 'authorization', { cookie, csrf }, { header, csrf } or a list of them.",
    ];
  }
  const known = 'cookie' in location ? ['cookie', 'csrf', 'unprefixed'] : ['header', 'csrf'];
  return [
    ...findUnknownOptions(location, known, 'tokenFrom.'),
    ...('cookie' in location ? cookieProblems(location) : headerProblems(location)),
  ];
}

function* cookieProblems(location: JsonObject): Iterable<string> {
  const { cookie, csrf, unprefixed } = location;
  if (!isName(cookie)) {
    yield 'tokenFrom.cookie must be the name of a cookie, such as __Host-access_token.';
  } else if (unprefixed !== true && !hasCookiePrefix(cookie)) {
    yield 'tokenFrom.cookie must begin with __Host-, so that no other host can set it, or with __Secure-. For development over http, add unprefixed: true.';
  }
  if (!isProtection(csrf)) {
    yield `tokenFrom.cookie requires csrf, because browsers send cookies with requests of any page: ${protections}.`;
  }
}

function* headerProblems({ header, csrf }: JsonObject): Iterable<string> {
  if (!isName(header)) {
    yield 'tokenFrom.header must be the name of a header, such as X-Goog-IAP-JWT-Assertion.';
  } else if (isReservedHeader(header)) {
    yield `tokenFrom.header cannot be ${header}. For the Authorization header, write 'authorization'; for a cookie, { cookie, csrf }.`;
  }
  if (csrf !== 'off' && !isProtection(csrf)) {
    yield `tokenFrom.header requires csrf. If a proxy adds the header to requests that have its cookie: ${protections}. If clients set it themselves: 'off'.`;
  }
}

const protections = "'same-origin', or { allowedOrigins: ['https://app.example.com'] }";

/** Whether browsers refuse such a cookie from other hosts, or at least over http (RFC 6265bis §4.1.3). */
export function hasCookiePrefix(name: string): boolean {
  return /^__(?:Host|Secure)-./.test(name);
}

/** Whether a header means something else, or decides whether a request is accepted. */
export function isReservedHeader(name: string): boolean {
  return reservedHeaders.has(name.toLowerCase());
}

const reservedHeaders: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'dpop',
  'host',
  'origin',
  'sec-fetch-mode',
  'sec-fetch-site',
]);

/** Whether a value is the name of a cookie (RFC 6265 §4.1.1) or a header (RFC 9110 §5.1): a token. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(value);
}

function isProtection(csrf: unknown): csrf is CsrfProtection {
  if (csrf === 'same-origin') return true;
  if (!isObject(csrf) || Object.keys(csrf).join() !== 'allowedOrigins') return false;
  const { allowedOrigins } = csrf;
  if (typeof allowedOrigins === 'function') return true;
  return Array.isArray(allowedOrigins) && allowedOrigins.every(isWebOrigin);
}

/** Whether a text is an origin exactly as browsers send it. `null` is that of every sandboxed frame. */
function isWebOrigin(text: unknown): boolean {
  if (typeof text !== 'string' || !URL.canParse(text)) return false;
  const { origin, protocol } = new URL(text);
  return origin === text && (protocol === 'https:' || protocol === 'http:');
}

/** Equal for the same place. Names of headers are case-insensitive. */
function nameOf(location: TokenLocation): string {
  if (location === 'authorization') return location;
  return 'cookie' in location
    ? `cookie ${location.cookie}`
    : `header ${location.header.toLowerCase()}`;
}
