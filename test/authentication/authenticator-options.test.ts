import { describe, expect, it } from 'vitest';
import { createAuthenticator } from '../../src/authentication/authenticator.ts';
import { createTestIssuer } from '../support/tokens.ts';

const valid = { issuer: 'https://issuer.test/', audience: 'https://api.test' };

/** As untyped code would. */
const createWith = (options: object) => () => createAuthenticator({ ...valid, ...options });

describe('invalid options are reported by name', () => {
  it.each<[string, object, RegExp]>([
    ['no issuer', { issuer: undefined }, /issuer must be the full URL/],
    ['an empty issuer', { issuer: '' }, /issuer must be/],
    ['an empty list of issuers', { issuer: [] }, /issuer must be/],
    ['one empty issuer of two', { issuer: ['https://issuer.test/', ''] }, /issuer must be/],
    ['a domain', { issuer: 'tenant.eu.auth0.com' }, /issuer must be/],
    ['http off loopback', { issuer: 'http://issuer.test/' }, /issuer must be/],
    ['a host that begins like loopback', { issuer: 'http://localhost.test/' }, /issuer must be/],
    ['a host that ends like loopback', { issuer: 'http://evil-localhost/' }, /issuer must be/],
    ['an issuer with a query', { issuer: 'https://issuer.test/?a' }, /issuer must be/],
    ['an issuer with a fragment', { issuer: 'https://issuer.test/#a' }, /issuer must be/],
    ['an issuer with a password', { issuer: 'https://a:b@issuer.test/' }, /issuer must be/],
    ['an issuer with a space', { issuer: ' https://issuer.test/' }, /issuer must be/],
    ['an issuer that is not a string', { issuer: [7] }, /issuer must be/],
    ['no audience', { audience: undefined }, /audience must be/],
    ['an empty audience', { audience: '' }, /audience must be/],
    ['an empty list of audiences', { audience: [] }, /audience must be/],
    ['one empty audience of two', { audience: ['a', ''] }, /audience must be/],
    ['a claim with a quote', { requiredClaims: ['a"b'] }, /requiredClaims must be/],
    ['a claim with a backslash', { requiredClaims: ['a\\b'] }, /requiredClaims must be/],
    ['a claim with a line break', { requiredClaims: ['a\nb'] }, /requiredClaims must be/],
    ['a claim outside ASCII', { requiredClaims: ['é'] }, /requiredClaims must be/],
    ['an empty claim', { requiredClaims: [''] }, /requiredClaims must be/],
    ['claims in one string', { requiredClaims: 'a' }, /requiredClaims must be/],
    ['an unknown profile', { profile: 'rfc7519' }, /profile must be one of: jwt, rfc9068/],
    ['alg none', { algorithms: ['none'] }, /algorithms must be a list of: RS256/],
    ['HS256', { algorithms: ['RS256', 'HS256'] }, /none and HS\* are never accepted/],
    ['no algorithm', { algorithms: [] }, /algorithms must be/],
    ['a tolerance below 0', { clockTolerance: -1 }, /clockTolerance must be/],
    ['a tolerance in milliseconds', { clockTolerance: 5000 }, /clockTolerance must be/],
    ['a tolerance that is not a number', { clockTolerance: Number.NaN }, /clockTolerance must be/],
    ['a misspelled option', { requiredClaim: ['a'] }, /Unknown option requiredClaim/],
  ])('%s', (_, options, message) => {
    expect(createWith(options)).toThrow(TypeError);
    expect(createWith(options)).toThrow(message);
  });

  const entry = { issuer: 'https://issuer.test/', audience: 'a' };
  const list = { issuer: undefined, audience: undefined };
  it.each<[string, object, RegExp]>([
    ['both forms', { issuers: [entry] }, /issuer cannot be combined with issuers.*audience cannot/],
    ['an empty list', { ...list, issuers: [] }, /issuers must be a list of at least one object/],
    ['a list of texts', { ...list, issuers: ['https://a.test'] }, /issuers must be a list/],
    ['an object', { ...list, issuers: entry }, /issuers must be a list/],
    [
      'an issuer twice',
      { ...list, issuers: [entry, entry] },
      /issuers\[1\]\.issuer is listed twice/,
    ],
    [
      'a domain',
      { ...list, issuers: [{ ...entry, issuer: 'a.test' }] },
      /issuers\[0\]\.issuer must/,
    ],
    ['no audience', { ...list, issuers: [{ issuer: 'https://a.test' }] }, /s\[0\]\.audience must/],
    ['an unknown option', { ...list, issuers: [{ ...entry, typ: 1 }] }, /option issuers\[0\]\.typ/],
    [
      'a claim',
      { ...list, issuers: [{ ...entry, requiredClaims: 'a' }] },
      /0\]\.requiredClaims must/,
    ],
    ['a profile', { ...list, issuers: [{ ...entry, profile: 'x' }] }, /s\[0\]\.profile must/],
    ['HS256', { ...list, issuers: [{ ...entry, algorithms: ['HS256'] }] }, /0\]\.algorithms must/],
    ['a default', { ...list, issuers: [entry], profile: 'x' }, /: profile must be/],
  ])('of issuers: %s', (_, options, message) => {
    expect(createWith(options)).toThrow(TypeError);
    expect(createWith(options)).toThrow(message);
  });

  it('all in one error', () => {
    expect(createWith({ issuer: '', audience: '', profile: 'x', more: 1 })).toThrow(
      /more.*issuer must.*audience must.*profile must/,
    );
  });
});

describe('valid options', () => {
  it.each<[string, object]>([
    [
      'several issuers and audiences',
      { issuer: ['https://a.test', 'https://b.test/'], audience: ['a', 'b'] },
    ],
    ['http on loopback', { issuer: 'http://localhost:4001/' }],
    ['claims named by URLs', { requiredClaims: ['https://api.test/tenant', 'email verified'] }],
    ['no tolerance', { clockTolerance: 0 }],
    ['short tokens', { maxTokenBytes: 1024 }],
    ['long tokens', { maxTokenBytes: 65_536 }],
  ])('%s', (_, options) => {
    expect(createWith(options)).not.toThrow();
  });

  it('cause no fetch', () => {
    const issuer = createTestIssuer();
    createWith({ fetch: issuer.fetch })();
    expect(issuer.requests).toEqual({ discovery: 0, keys: 0, others: [] });
  });
});
