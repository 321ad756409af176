import { describe, expect, it } from 'vitest';
import { createAuthenticator } from '../../src/authentication/authenticator.ts';
import type { TrustedIssuer } from '../../src/authentication/issuer/trusted-issuer.ts';
import { bearer, outcomeOf } from '../support/authentication.ts';
import { createTestClock } from '../support/clock.ts';
import {
  createTestIssuer,
  createTestKey,
  fetchOf,
  type TokenOverrides,
} from '../support/tokens.ts';

const clock = createTestClock();
const one = createTestIssuer({ issuer: 'https://one.test', clock, key: createTestKey('RS256') });
const two = createTestIssuer({ issuer: 'https://two.test', clock });

/** What each issuer differs in; the rest of its entry is valid. */
type Entries = Readonly<Record<'one' | 'two', Partial<TrustedIssuer>>>;

const authenticatorFor = (entries: Entries, defaults = {}) =>
  createAuthenticator({
    issuers: [
      { issuer: one.issuer, audience: 'a', ...entries.one },
      { issuer: two.issuer, audience: 'b', ...entries.two },
    ],
    fetch: fetchOf(one, two),
    clock,
    ...defaults,
  });

const outcome = async (
  entries: Entries,
  from: 'one' | 'two',
  overrides: TokenOverrides,
  defaults = {},
) => {
  const token = (from === 'one' ? one : two).sign(overrides);
  const result = await outcomeOf(authenticatorFor(entries, defaults).authenticate(bearer(token)));
  return 'reason' in result ? result.reason : result.kind;
};

describe('of several issuers', () => {
  it.each<[string, string, Entries, 'one' | 'two', TokenOverrides, object]>([
    ['authenticated', 'its audience', { one: {}, two: {} }, 'one', { claims: { aud: 'a' } }, {}],
    ['authenticated', 'its audience', { one: {}, two: {} }, 'two', { claims: { aud: 'b' } }, {}],
    ['token_audience', 'another one', { one: {}, two: {} }, 'one', { claims: { aud: 'b' } }, {}],
    ['token_audience', 'another one', { one: {}, two: {} }, 'two', { claims: { aud: ['a'] } }, {}],
    [
      'authenticated',
      'one of its audiences',
      { one: { audience: ['a', 'c'] }, two: {} },
      'one',
      { claims: { aud: 'c' } },
      {},
    ],
    [
      'token_profile',
      'a profile',
      { one: { profile: 'rfc9068' }, two: {} },
      'one',
      { claims: { aud: 'a', jti: undefined } },
      {},
    ],
    [
      'authenticated',
      'another profile',
      { one: { profile: 'rfc9068' }, two: {} },
      'two',
      { claims: { aud: 'b', jti: undefined } },
      {},
    ],
    [
      'token_type',
      'the default profile',
      { one: {}, two: {} },
      'one',
      { header: { typ: 'JWT' }, claims: { aud: 'a' } },
      { profile: 'rfc9068' },
    ],
    [
      'authenticated',
      'a profile in place of the default',
      { one: { profile: 'jwt' }, two: {} },
      'one',
      { header: { typ: 'JWT' }, claims: { aud: 'a' } },
      { profile: 'rfc9068' },
    ],
    [
      'token_claim',
      'required claims',
      { one: { requiredClaims: ['email'] }, two: {} },
      'one',
      { claims: { aud: 'a' } },
      {},
    ],
    [
      'authenticated',
      'no required claims in place of the default',
      { one: { requiredClaims: [] }, two: {} },
      'one',
      { claims: { aud: 'a' } },
      { requiredClaims: ['email'] },
    ],
    [
      'token_algorithm',
      'algorithms',
      { one: { algorithms: ['ES256'] }, two: {} },
      'one',
      { claims: { aud: 'a' } },
      {},
    ],
    [
      'authenticated',
      'algorithms in place of the default',
      { one: { algorithms: ['RS256'] }, two: {} },
      'one',
      { claims: { aud: 'a' } },
      { algorithms: ['ES256'] },
    ],
    [
      'token_signature',
      'the key of another',
      { one: {}, two: {} },
      'one',
      { claims: { aud: 'a' }, key: two.keys[0] ?? createTestKey() },
      {},
    ],
    [
      'token_issuer',
      'no one that is trusted',
      { one: {}, two: {} },
      'one',
      { claims: { aud: 'a', iss: 'https://three.test' } },
      {},
    ],
  ])('%s for a token with %s', async (expected, _, entries, from, overrides, defaults) => {
    expect(await outcome(entries, from, overrides, defaults)).toBe(expected);
  });
});
