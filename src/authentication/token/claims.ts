import { AuthError } from '../auth-error.ts';
import {
  type AccessTokenProfile,
  extraClaimsOf,
  isAnotherKindOfToken,
} from './access-token-profile.ts';
import { type JsonObject, ownMember } from './json-object.ts';

/** What the claims of an access token must say. */
export interface ClaimRules {
  readonly audiences: ReadonlySet<string>;
  readonly requiredClaims: readonly string[];
  readonly profile: AccessTokenProfile;
  /** Milliseconds by which clocks may differ. */
  readonly clockTolerance: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What every access token is known to say once its claims are checked. */
export interface CheckedClaims {
  readonly subject: string;
  readonly expiresAt: Date;
}

/** The farthest moment that a `Date` can hold, in seconds. */
const maxSeconds = 8.64e12;

/**
 * Checks the claims of an access token whose signature and issuer are verified (RFC 7519 §4.1,
 * RFC 9068 §4), and the claims that the configuration asks for.
 *
 * Not checked: whether `iat` lies too far back, whether a `jti` was seen before, and whether the
 * token was revoked.
 *
 * @throws {AuthError} `token_type`, `token_audience`, `token_times`, `token_expired`, `token_not_yet_valid`,
 * `token_subject`, `token_profile`, `token_claim`
 */
export function checkClaims(claims: JsonObject, rules: ClaimRules): CheckedClaims {
  if (isAnotherKindOfToken(claims)) throw new AuthError('token_type');
  checkAudience(ownMember(claims, 'aud'), rules.audiences);
  const expiresAt = checkTimes(claims, rules);
  const subject = ownMember(claims, 'sub');
  if (typeof subject !== 'string' || subject === '') throw new AuthError('token_subject');
  checkProfile(claims, rules.profile);
  for (const claim of rules.requiredClaims) {
    if ((ownMember(claims, claim) ?? null) === null) throw new AuthError('token_claim', { claim });
  }
  return { subject, expiresAt };
}

function checkAudience(audience: unknown, accepted: ReadonlySet<string>): void {
  const named: readonly unknown[] = Array.isArray(audience) ? audience : [audience];
  const isOurs = (name: unknown) => typeof name === 'string' && accepted.has(name);
  if (!named.every((name) => typeof name === 'string') || !named.some(isOurs)) {
    throw new AuthError('token_audience');
  }
}

function checkTimes(claims: JsonObject, { now, clockTolerance }: ClaimRules): Date {
  const expiry = readTime(claims, 'exp');
  const notBefore = readTime(claims, 'nbf');
  const issuedAt = readTime(claims, 'iat');
  if (expiry === undefined) throw new AuthError('token_times');
  const time = now();
  if (expiry <= time - clockTolerance) throw new AuthError('token_expired');
  if ([notBefore, issuedAt].some((begin) => begin !== undefined && begin > time + clockTolerance)) {
    throw new AuthError('token_not_yet_valid');
  }
  return new Date(expiry);
}

/** A `NumericDate` in milliseconds (RFC 7519 §2). `1e400` is a number in JSON and none here. */
function readTime(claims: JsonObject, name: string): number | undefined {
  const seconds = ownMember(claims, name);
  if (seconds === undefined) return undefined;
  if (typeof seconds !== 'number' || !(Math.abs(seconds) <= maxSeconds)) {
    throw new AuthError('token_times');
  }
  return seconds * 1000;
}

function checkProfile(claims: JsonObject, profile: AccessTokenProfile): void {
  for (const name of extraClaimsOf[profile]) {
    const value = ownMember(claims, name);
    // `iat` is a number here, or its check has refused it.
    const isThere =
      name === 'iat' ? value !== undefined : typeof value === 'string' && value !== '';
    if (!isThere) throw new AuthError('token_profile');
  }
}
