import { describe, expect, it } from 'vitest';
import { createAuthenticator } from '../../src/authentication/authenticator.ts';
import type { KeySource } from '../../src/authentication/issuer/key-source.ts';
import { bearer, outcomeOf, refusalOf } from '../support/authentication.ts';
import { createTestClock } from '../support/clock.ts';
import { createTestKey, encodeJws, jsonResponse, validParts } from '../support/tokens.ts';

const clock = createTestClock();
const key = createTestKey();
const audience = 'https://api.test';
const keySet = { keys: [key.jwk] };

interface Setup {
  readonly issuer: string;
  readonly keys?: KeySource;
  /** What is served, by URL; 404 for all others. */
  readonly served?: Readonly<Record<string, unknown>>;
}

function setUp({ issuer, keys, served = {} }: Setup) {
  const requested: string[] = [];
  const authenticator = createAuthenticator({
    issuer,
    audience,
    ...(keys === undefined ? {} : { keys }),
    clock,
    fetch: async (url) => {
      requested.push(url);
      const body = served[url];
      if (typeof body === 'number') return new Response('', { status: body });
      return body === undefined ? new Response('', { status: 404 }) : jsonResponse(body);
    },
  });
  const { header, claims } = validParts({ issuer, audience, clock }, key);
  const authenticate = (token = encodeJws(header, claims, key)) =>
    authenticator.authenticate(bearer(token));
  return { authenticator, authenticate, requested };
}

const keysUrl = 'https://keys.test/jwks';
const openId = '/.well-known/openid-configuration';
const oauth = '/.well-known/oauth-authorization-server';

describe('the metadata of an issuer', () => {
  const issuer = 'https://issuer.test/realms/one';
  const metadata = { issuer, jwks_uri: keysUrl };

  it.each<[string, Record<string, unknown>, readonly string[]]>([
    ['OpenID', { [issuer + openId]: metadata }, [issuer + openId, keysUrl]],
    [
      'OpenID before RFC 8414',
      { [issuer + openId]: metadata, [`https://issuer.test${oauth}/realms/one`]: 500 },
      [issuer + openId, keysUrl],
    ],
    [
      'RFC 8414, with the path after the well-known one',
      { [`https://issuer.test${oauth}/realms/one`]: metadata },
      [issuer + openId, `https://issuer.test${oauth}/realms/one`, keysUrl],
    ],
    [
      'RFC 8414 where another is not allowed',
      { [issuer + openId]: 405, [`https://issuer.test${oauth}/realms/one`]: metadata },
      [issuer + openId, `https://issuer.test${oauth}/realms/one`, keysUrl],
    ],
  ])('%s', async (_, served, urls) => {
    const { authenticate, requested } = setUp({ issuer, served: { ...served, [keysUrl]: keySet } });
    expect(await authenticate()).toMatchObject({ kind: 'authenticated', issuer });
    expect(requested).toEqual(urls);
  });

  it('RFC 8414, of an issuer that is an origin with a slash', async () => {
    const issuer = 'https://issuer.test/';
    const served = { [`https://issuer.test${oauth}`]: { issuer, jwks_uri: keysUrl } };
    const { authenticate } = setUp({ issuer, served: { ...served, [keysUrl]: keySet } });
    expect(await authenticate()).toMatchObject({ kind: 'authenticated' });
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    [
      'none',
      {},
      /openid-configuration responded with status 404\. .*one responded with status 404/,
    ],
    [
      'OpenID that cannot be read now',
      { [issuer + openId]: 503 },
      /configuration responded with status 503/,
    ],
    [
      'OpenID for another issuer',
      { [issuer + openId]: { ...metadata, issuer: 'https://evil.test' } },
      /is for another issuer/,
    ],
    [
      'OpenID for all tenants',
      { [issuer + openId]: { ...metadata, issuer: 'https://issuer.test/realms/{tenantid}' } },
      /is for another issuer/,
    ],
    [
      'RFC 8414 for another issuer',
      {
        [`https://issuer.test${oauth}/realms/one`]: { ...metadata, issuer: 'https://issuer.test' },
      },
      /is for another issuer/,
    ],
  ])('not %s', async (_, served, problem) => {
    // RFC 8414 would be right, if it was read.
    const right = { [`https://issuer.test${oauth}/realms/one`]: metadata, [keysUrl]: keySet };
    const all =
      issuer + openId in served ? { ...right, ...served } : { [keysUrl]: keySet, ...served };
    const { authenticate } = setUp({ issuer, served: all });
    const refusal = await refusalOf(authenticate());
    expect(refusal).toMatchObject({ reason: 'keys_unavailable' });
    expect(refusal.cause).toMatchObject({ message: expect.stringMatching(problem) });
  });
});

describe('metadata elsewhere', () => {
  const discovery = 'https://login.test/policy/metadata?p=one';
  const issuer = 'https://login.test/0-1/v2.0';
  const keys = { discovery };

  it.each<[string, string, Record<string, unknown>]>([
    ['name the issuer', issuer, { issuer }],
    ['name a text that is no URL', 'acme', { issuer: 'acme' }],
    [
      'name the issuer of access tokens',
      'http://adfs.test/services/trust',
      { issuer: 'https://adfs.test/adfs', access_token_issuer: 'http://adfs.test/services/trust' },
    ],
    ['name all tenants', issuer, { issuer: 'https://login.test/{tenantid}/v2.0' }],
  ])('%s', async (_, iss, members) => {
    const served = { [discovery]: { ...members, jwks_uri: keysUrl }, [keysUrl]: keySet };
    const { authenticate, requested } = setUp({ issuer: iss, keys, served });
    expect(await authenticate()).toMatchObject({ kind: 'authenticated', issuer: iss });
    expect(requested).toEqual([discovery, keysUrl]);
  });

  it.each<[string, Record<string, unknown>]>([
    ['another issuer', { issuer: 'https://login.test/0-2/v2.0' }],
    ['no issuer', {}],
    ['tenants elsewhere', { issuer: 'https://other.test/{tenantid}/v2.0' }],
    ['tenants of more than one segment', { issuer: 'https://login.test{tenantid}v2.0' }],
    ['an empty tenant', { issuer: `${issuer}{tenantid}` }],
    ['two placeholders', { issuer: 'https://login.test/{tenantid}/{tenantid}' }],
  ])('do not name %s', async (_, members) => {
    const served = { [discovery]: { ...members, jwks_uri: keysUrl }, [keysUrl]: keySet };
    const { authenticate } = setUp({ issuer, keys, served });
    expect(await refusalOf(authenticate())).toMatchObject({ reason: 'keys_unavailable' });
  });

  // Microsoft Entra ID: keys of all tenants, some of them of one tenant.
  it.each([
    ['authenticated', 'of all tenants', 'https://login.test/{tenantid}/v2.0'],
    ['authenticated', 'of this tenant', issuer],
    ['authenticated', 'of no one in particular', undefined],
    ['keys_unavailable', 'of another tenant', 'https://login.test/0-2/v2.0'],
    ['keys_unavailable', 'that is malformed', 7],
  ])('%s for a shared key %s', async (expected, _, named) => {
    const served = {
      [discovery]: { issuer: 'https://login.test/{tenantid}/v2.0', jwks_uri: keysUrl },
      [keysUrl]: { keys: [{ ...key.jwk, issuer: named }] },
    };
    const result = await outcomeOf(setUp({ issuer, keys, served }).authenticate());
    expect('reason' in result ? result.reason : result.kind).toBe(expected);
  });

  it('are not replaced by others', async () => {
    const served = { [`https://login.test${oauth}/0-1/v2.0`]: { issuer, jwks_uri: keysUrl } };
    const { authenticate, requested } = setUp({ issuer, keys, served });
    await refusalOf(authenticate());
    expect(requested).toEqual([discovery]);
  });
});

describe('a key set elsewhere', () => {
  it.each<[string, KeySource & { jwksUri: string }]>([
    ['on another host', { jwksUri: keysUrl }],
    ['on this machine', { jwksUri: 'http://127.0.0.1:8080/jwks' }],
    ['by http', { jwksUri: 'http://keycloak.auth.svc:8080/certs', allowHttp: true }],
  ])('%s', async (_, keys) => {
    const issuer = 'https://login.test';
    const { authenticate, requested } = setUp({ issuer, keys, served: { [keys.jwksUri]: keySet } });
    expect(await authenticate()).toMatchObject({ kind: 'authenticated', issuer });
    expect(requested).toEqual([keys.jwksUri]);
  });
});

describe('a key set that is given', () => {
  const issuer = 'acme';

  it('verifies tokens, and nothing is fetched', async () => {
    const { authenticator, authenticate, requested } = setUp({ issuer, keys: { jwks: keySet } });
    expect(authenticator.ready()).toBe(true);
    await authenticator.warmUp();
    const { header, claims } = validParts({ issuer, audience, clock }, key);
    const other = createTestKey('ES256', key.kid);
    const outcomes = [
      await authenticate(),
      await authenticate(),
      await outcomeOf(authenticate(encodeJws(header, claims, other))),
      await outcomeOf(authenticate(encodeJws({ ...header, kid: 'unknown' }, claims, key))),
    ];
    expect(outcomes.map((one) => ('reason' in one ? one.reason : one.kind))).toEqual([
      'authenticated',
      'authenticated',
      'token_signature',
      'token_signature',
    ]);
    expect(requested).toEqual([]);
  });

  it('cannot be changed afterwards', async () => {
    const keys = { keys: [{ ...key.jwk }] };
    const { authenticate } = setUp({ issuer, keys: { jwks: keys } });
    keys.keys[0] = { ...createTestKey('ES256', key.kid).jwk };
    expect(await authenticate()).toMatchObject({ kind: 'authenticated' });
  });

  it('is unavailable if no key can be imported', async () => {
    const zero = 'A'.repeat(43);
    const broken = { kty: 'EC', crv: 'P-256', x: zero, y: zero };
    const { authenticator, authenticate } = setUp({ issuer, keys: { jwks: { keys: [broken] } } });
    expect(await refusalOf(authenticate())).toMatchObject({ reason: 'keys_unavailable' });
    expect(authenticator.ready()).toBe(false);
  });
});

describe('an invalid source is reported by name', () => {
  const rsa = createTestKey('RS256');
  it.each<[string, unknown, RegExp]>([
    ['null', null, /keys must have exactly one of discovery, jwksUri and jwks/],
    ['a text', keysUrl, /keys must have exactly one/],
    ['nothing', {}, /keys must have exactly one/],
    ['two ways', { jwksUri: keysUrl, jwks: keySet }, /keys must have exactly one/],
    ['an unknown option', { jwksUri: keysUrl, url: 1 }, /Unknown option keys\.url/],
    ['http', { jwksUri: 'http://keys.test/jwks' }, /keys\.jwksUri must .*allowHttp: true/],
    ['file', { jwksUri: 'file:///jwks', allowHttp: true }, /keys\.jwksUri must/],
    ['a password', { jwksUri: 'https://a:b@keys.test/' }, /keys\.jwksUri must/],
    ['a path', { jwksUri: '/jwks' }, /keys\.jwksUri must/],
    ['a list', { jwksUri: [keysUrl] }, /keys\.jwksUri must/],
    ['allowHttp: false', { jwksUri: keysUrl, allowHttp: false }, /keys\.allowHttp must/],
    ['http for metadata', { discovery: 'http://keys.test/' }, /keys\.discovery must/],
    ['allowHttp for metadata', { discovery: 'https://a.test', allowHttp: true }, /allowHttp must/],
    ['an empty key set', { jwks: { keys: [] } }, /keys\.jwks must/],
    ['a key', { jwks: key.jwk }, /keys\.jwks must/],
    ['a text as key set', { jwks: JSON.stringify(keySet) }, /keys\.jwks must/],
    ['a symmetric key', { jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } }, /keys\.jwks must/],
    [
      'a private key',
      { jwks: { keys: [key.privateKey.export({ format: 'jwk' })] } },
      /keys\.jwks must/,
    ],
    ['a key of another algorithm', { jwks: { keys: [rsa.jwk] } }, /keys\.jwks must/],
  ])('%s', (_, keys, message) => {
    const options = { issuer: 'https://a.test', audience, algorithms: ['ES256'], keys } as const;
    // As untyped code would.
    const create = () => Reflect.apply(createAuthenticator, undefined, [options]);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(message);
  });

  it.each<[string, object, RegExp]>([
    [
      'for several issuers',
      { issuer: ['https://a.test', 'https://b.test'] },
      /keys requires a single/,
    ],
    [
      'beside issuers',
      { issuers: [{ issuer: 'https://a.test', audience }] },
      /keys cannot be combined/,
    ],
    [
      'and introspection at an endpoint that is nowhere',
      { introspection: { client: { clientId: 'a', clientSecret: 'b' } } },
      /introspection\.url is required/,
    ],
    ['and an issuer of white space', { issuer: ' ' }, /issuer must be the text of the iss claim/],
    ['and an issuer with a line break', { issuer: 'a\nb' }, /issuer must be the text/],
    ['and no issuer', { issuer: undefined }, /issuer must be the text/],
  ])('%s', (_, options, message) => {
    const create = () =>
      createAuthenticator({ issuer: 'a', audience, keys: { jwksUri: keysUrl }, ...options });
    expect(create).toThrow(message);
  });
});
