import { describe, expect, it } from 'vitest';
import type { AuthErrorReason } from '../../src/authentication/auth-error-reasons.ts';
import type { AuthenticatorOptions } from '../../src/authentication/authenticator-options.ts';
import { authenticatorFor, outcomeOf, refusalOf } from '../support/authentication.ts';
import { createTestIssuer, createTestKey } from '../support/tokens.ts';

const issuer = createTestIssuer();
const token = issuer.sign();
const bound = issuer.sign({
  claims: { cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } },
});
const name = '__Host-access_token';
const publicUrl = 'https://api.test/base';
const megabyte = 1024 * 1024;

const cookie = { cookie: name, csrf: { allowedOrigins: ['https://app.test'] } } as const;
const iap = { header: 'X-Goog-IAP-JWT-Assertion', csrf: 'same-origin' } as const;

/** What browsers send with a request of a page of the API itself. */
const sameOrigin = { origin: 'https://api.test', 'sec-fetch-site': 'same-origin' };

/** The kind of the viewer, or the reason why there is none. */
async function outcome(
  tokenFrom: AuthenticatorOptions['tokenFrom'],
  headers: Readonly<Record<string, string>>,
  {
    method = 'POST',
    url = '/graphql',
    ...more
  }: { method?: string; url?: string; rawHeaders?: string[]; dpop?: 'off' | 'optional' } = {},
) {
  const { dpop = 'off', ...rest } = more;
  const authenticator = authenticatorFor(issuer, {
    publicUrl,
    dpop,
    ...(tokenFrom ? { tokenFrom } : {}),
  });
  const get = (header: string) => headers[header] ?? null;
  const found = await outcomeOf(
    authenticator.authenticate({ method, url, headers: { get }, ...rest }),
  );
  return found instanceof Error ? found.reason : found.kind;
}

type Outcome = AuthErrorReason | 'authenticated' | 'anonymous';

describe('only what tokenFrom names is read', () => {
  const both = ['authorization', cookie] as const;
  const authorization = `Bearer ${token}`;
  const inCookie = `${name}=${token}`;
  it.each<[string, AuthenticatorOptions['tokenFrom'], Record<string, string>, Outcome]>([
    ['a cookie, by default', undefined, { cookie: inCookie }, 'anonymous'],
    [
      'the header of IAP, by default',
      undefined,
      { 'x-goog-iap-jwt-assertion': token },
      'anonymous',
    ],
    ['a cookie', cookie, { cookie: inCookie }, 'authenticated'],
    ['Authorization, if it is the cookie', cookie, { authorization }, 'anonymous'],
    [
      'Authorization beside the cookie',
      cookie,
      { authorization, cookie: inCookie },
      'authenticated',
    ],
    ['a header', iap, { 'x-goog-iap-jwt-assertion': token }, 'authenticated'],
    ['a cookie, if it is a header', iap, { cookie: inCookie }, 'anonymous'],
    ['Authorization of two places', both, { authorization }, 'authenticated'],
    ['the cookie of two places', both, { cookie: inCookie }, 'authenticated'],
    ['neither of two places', both, {}, 'anonymous'],
    ['both of two places', both, { authorization, cookie: inCookie }, 'token_repeated'],
    [
      'an invalid one of two',
      both,
      { authorization: 'Bearer', cookie: inCookie },
      'authorization_malformed',
    ],
    [
      'another scheme and the cookie',
      both,
      { authorization: 'Basic YQ==', cookie: inCookie },
      'authenticated',
    ],
    [
      'three places, two tokens',
      [...both, iap],
      { cookie: inCookie, 'x-goog-iap-jwt-assertion': token },
      'token_repeated',
    ],
  ])('%s', async (_, tokenFrom, headers, expected) => {
    expect(await outcome(tokenFrom, { ...sameOrigin, ...headers })).toBe(expected);
  });

  it.each([cookie, iap])('a token in the query string is rejected: %o', async (location) => {
    expect(await outcome(location, sameOrigin, { url: '/graphql?access_token=a' })).toBe(
      'token_in_query',
    );
  });
});

describe('cookies', () => {
  it.each<[string, string, Outcome]>([
    ['alone', `${name}=${token}`, 'authenticated'],
    ['among others', `a=1; ${name}=${token}; b=2`, 'authenticated'],
    ['without spaces', `a=1;${name}=${token};b=2`, 'authenticated'],
    ['after empty ones', `;; ;${name}=${token};`, 'authenticated'],
    ['empty', `${name}=`, 'anonymous'],
    ['of another case', `__host-access_token=${token}`, 'anonymous'],
    ['with a longer name', `${name}2=${token}; x${name}=${token}`, 'anonymous'],
    ['without a value', name, 'anonymous'],
    ['after a comma, in another', `a=1, ${name}=${token}`, 'anonymous'],
    ['in quotes of another', `a="; b=${token}"`, 'anonymous'],
    ['after a space that browsers keep', `\u2000${name}=${token}`, 'anonymous'],
    ['after a no-break space', `\u00a0${name}=${token}`, 'anonymous'],
    ['with a space before =', `${name} =${token}`, 'anonymous'],
    ['twice', `${name}=${token}; ${name}=${token}`, 'token_repeated'],
    ['twice, first empty', `${name}=; ${name}=${token}`, 'token_repeated'],
    ['twice, joined with a comma', `${name}=${token}, ${name}=${token}`, 'token_malformed'],
    ['in quotes', `${name}="${token}"`, 'token_malformed'],
    ['with a scheme', `${name}=Bearer ${token}`, 'token_malformed'],
    ['percent-encoded', `${name}=${token.replace('.', '%2E')}`, 'token_malformed'],
    ['not a JWT', `${name}=opaque`, 'token_not_jws'],
    ['forged', `${name}=${issuer.sign({ key: createTestKey() })}`, 'token_signature'],
    ['bound to a key', `${name}=${bound}`, 'token_bound'],
    ['too long', `${name}=${'a'.repeat(8193)}`, 'token_too_long'],
  ])('%s', async (_, value, expected) => {
    expect(await outcome(cookie, { ...sameOrigin, cookie: value })).toBe(expected);
  });

  it('with a proof, which belongs to the Authorization header', async () => {
    const headers = { ...sameOrigin, cookie: `${name}=${token}`, dpop: 'a.b.c' };
    const both = ['authorization', cookie] as const;
    expect(await outcome(both, headers, { dpop: 'optional' })).toBe('proof_with_bearer');
  });

  it.each([
    ['semicolons', ';'.repeat(megabyte)],
    ['spaces', `${' '.repeat(megabyte)};`.repeat(2)],
    ['the name', name.repeat(megabyte / name.length)],
    ['cookies', `${name}2=1;`.repeat(megabyte / 22)],
  ])('are cheap to read: a megabyte of %s', async (_, value) => {
    const start = performance.now();
    expect(await outcome(cookie, { ...sameOrigin, cookie: value })).toBe('anonymous');
    // Quadratic time would take minutes.
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe('headers', () => {
  const header = 'x-goog-iap-jwt-assertion';
  const twice = ['X-Goog-IAP-JWT-Assertion', token, 'x-goog-iap-jwt-assertion', token];
  it.each<[string, string, string[] | undefined, Outcome]>([
    ['a token', token, undefined, 'authenticated'],
    ['white space around it', ` \t${token} `, undefined, 'authenticated'],
    ['empty', '', undefined, 'anonymous'],
    ['with a scheme', `Bearer ${token}`, undefined, 'token_malformed'],
    ['twice, joined', `${token}, ${token}`, undefined, 'token_repeated'],
    ['twice, of which the server kept one', token, twice, 'token_repeated'],
    ['bound to a key', bound, undefined, 'token_bound'],
  ])('%s', async (_, value, rawHeaders, expected) => {
    const headers = { ...sameOrigin, [header]: value };
    expect(await outcome(iap, headers, rawHeaders ? { rawHeaders } : {})).toBe(expected);
  });

  it('that clients set themselves can come from anywhere', async () => {
    const own = { header: 'X-Access-Token', csrf: 'off' } as const;
    expect(await outcome(own, { 'x-access-token': token })).toBe('authenticated');
    expect(await outcome(own, { 'x-access-token': token, origin: 'https://evil.test' })).toBe(
      'authenticated',
    );
  });
});

/** A page, what browsers send for it, and the method. */
type InitiatedCase = [string, Readonly<Record<string, string>>, { method?: string }];

describe('which pages can cause a request with the cookie', () => {
  const get = { method: 'GET' };
  const post = { method: 'POST' };
  const navigate = { 'sec-fetch-mode': 'navigate' };
  const accepted: readonly InitiatedCase[] = [
    ['the API, with Origin alone', { origin: 'https://api.test' }, post],
    [
      'the API, in an EventSource',
      { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' },
      get,
    ],
    ['the API, in a WebSocket', { origin: 'https://api.test', 'sec-fetch-mode': 'websocket' }, get],
    ['an allowed origin', { origin: 'https://app.test', 'sec-fetch-site': 'cross-site' }, post],
    ['an allowed origin, in a WebSocket', { origin: 'https://app.test' }, get],
    ['a URL that was entered', { 'sec-fetch-site': 'none', ...navigate }, get],
  ];
  const rejected: readonly InitiatedCase[] = [
    ['another site', { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }, post],
    ['another site, in a WebSocket', { origin: 'https://evil.test' }, get],
    [
      'another site, in a form',
      { origin: 'null', 'sec-fetch-site': 'cross-site', ...navigate },
      post,
    ],
    ['another site, in a link', { 'sec-fetch-site': 'cross-site', ...navigate }, get],
    [
      'another site, in an image',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
      get,
    ],
    [
      'another host of the site',
      { origin: 'https://other.api.test', 'sec-fetch-site': 'same-site' },
      post,
    ],
    ['another host of the site, in a link', { 'sec-fetch-site': 'same-site', ...navigate }, get],
    ['another port', { origin: 'https://api.test:8443', 'sec-fetch-site': 'same-site' }, post],
    ['the API over http', { origin: 'http://api.test' }, post],
    ['a sandboxed frame', { origin: 'null' }, post],
    ['an origin that begins alike', { origin: 'https://api.test.evil.test' }, post],
    ['an origin with the path of publicUrl', { origin: publicUrl }, post],
    ['an origin with a slash', { origin: 'https://api.test/' }, post],
    ['an origin in capitals', { origin: 'https://API.test' }, post],
    ['an empty origin', { origin: '', 'sec-fetch-site': 'same-origin' }, post],
    ['two origins', { origin: 'https://api.test, https://evil.test' }, post],
    [
      'a foreign origin that claims the same',
      { origin: 'https://evil.test', 'sec-fetch-site': 'same-origin' },
      post,
    ],
    ['two claims', { 'sec-fetch-site': 'same-origin, cross-site' }, post],
    ['a POST without a page', { 'sec-fetch-site': 'none', ...navigate }, post],
    [
      'a WebSocket without a page',
      { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'websocket' },
      get,
    ],
    ['nothing is known of', {}, post],
    ['nothing is known of, by GET', {}, get],
  ];

  it.each<InitiatedCase>(accepted)('%s: accepted', async (_, headers, options) => {
    expect(await outcome(cookie, { ...headers, cookie: `${name}=${token}` }, options)).toBe(
      'authenticated',
    );
  });

  it.each<InitiatedCase>(rejected)('%s: rejected', async (_, headers, options) => {
    expect(await outcome(cookie, { ...headers, cookie: `${name}=${token}` }, options)).toBe(
      'origin_not_allowed',
    );
    // Without the cookie, anonymous as ever.
    expect(await outcome(cookie, headers, options)).toBe('anonymous');
  });

  it('is decided by a function, if it returns true', async () => {
    const asked: string[] = [];
    const allowedOrigins = (origin: string) => {
      asked.push(origin);
      return origin === 'https://tenant.test';
    };
    const location = { cookie: name, csrf: { allowedOrigins } };
    const from = (origin: string) => outcome(location, { origin, cookie: `${name}=${token}` });
    expect(await from('https://tenant.test')).toBe('authenticated');
    expect(await from('https://evil.test')).toBe('origin_not_allowed');
    expect(await from('null')).toBe('origin_not_allowed');
    expect(await from('https://api.test')).toBe('authenticated');
    expect(asked).toEqual(['https://tenant.test', 'https://evil.test']);
  });

  it('is told apart from an invalid token: 403, without an error in the challenge', async () => {
    const authenticator = authenticatorFor(issuer, { publicUrl, tokenFrom: cookie });
    const headers = new Headers({ origin: 'https://evil.test', cookie: `${name}=${token}` });
    const refusal = await refusalOf(
      authenticator.authenticate({ method: 'POST', url: '/', headers }),
    );
    expect({ ...refusal }).toMatchObject({ status: 403, code: 'FORBIDDEN', scheme: 'Bearer' });
    expect(refusal.error).toBeUndefined();
  });
});

describe('wrong options are reported by name', () => {
  const csrf = 'same-origin';
  it.each<[string, object | string, RegExp, object?]>([
    ['nothing', [], /tokenFrom must name a place/],
    ['another word', 'cookie', /tokenFrom must be 'authorization', \{ cookie, csrf \}/],
    ['null', [null], /tokenFrom must be/],
    ['cookie and header', { cookie: name, header: 'X-A', csrf }, /tokenFrom must be/],
    ['a cookie without csrf', { cookie: name }, /tokenFrom.cookie requires csrf, because browsers/],
    ['a cookie with csrf off', { cookie: name, csrf: 'off' }, /tokenFrom.cookie requires csrf/],
    [
      'an origin with a path',
      { cookie: name, csrf: { allowedOrigins: ['https://a.test/'] } },
      /requires csrf/,
    ],
    ['the origin null', { cookie: name, csrf: { allowedOrigins: ['null'] } }, /requires csrf/],
    ['every origin', { cookie: name, csrf: { allowedOrigins: ['*'] } }, /requires csrf/],
    ['a name without a prefix', { cookie: 'token', csrf }, /must begin with __Host-/],
    ['a prefix in another case', { cookie: '__host-token', csrf }, /must begin with __Host-/],
    ['a prefix alone', { cookie: '__Host-', csrf }, /must begin with __Host-/],
    ['a name with a semicolon', { cookie: '__Host-a;b', csrf }, /must be the name of a cookie/],
    ['a header without csrf', { header: 'X-A' }, /tokenFrom.header requires csrf\. If a proxy/],
    ['a header with a colon', { header: 'X-A:', csrf }, /must be the name of a header/],
    ['Authorization as a header', { header: 'Authorization', csrf }, /cannot be Authorization/],
    ['Cookie as a header', { header: 'cookie', csrf }, /cannot be cookie/],
    ['Origin as a header', { header: 'Origin', csrf }, /cannot be Origin/],
    [
      'a misspelled member',
      { cookie: name, csrf, prefix: 1 },
      /no option tokenFrom.prefix: cookie, csrf/,
    ],
    [
      'the same header twice',
      [
        { header: 'X-A', csrf },
        { header: 'x-a', csrf },
      ],
      /same place twice/,
    ],
    [
      'no publicUrl',
      { cookie: name, csrf },
      /tokenFrom.csrf requires publicUrl/,
      { publicUrl: '' },
    ],
    [
      'required proofs',
      ['authorization', { cookie: name, csrf }],
      /set dpop to optional or off/,
      { dpop: 'required' },
    ],
    [
      'proofs without Authorization',
      { cookie: name, csrf },
      /dpop requires 'authorization' in/,
      { dpop: 'optional' },
    ],
  ])('%s', (_, tokenFrom, message, options) => {
    // As untyped code would.
    const create = () =>
      authenticatorFor(issuer, JSON.parse(JSON.stringify({ publicUrl, tokenFrom, ...options })));
    expect(create).toThrow(TypeError);
    expect(create).toThrow(message);
  });

  it('but an unprefixed cookie is accepted if that is said', async () => {
    const location = { cookie: 'token', csrf: 'same-origin', unprefixed: true } as const;
    expect(await outcome(location, { ...sameOrigin, cookie: `token=${token}` })).toBe(
      'authenticated',
    );
  });
});
