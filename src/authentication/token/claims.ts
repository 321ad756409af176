import { hasClaim } from '../../shared/claim-path.ts';
import { isJsonObject, type JsonObject } from '../../shared/type-guards.ts';
import { AuthError } from '../auth-error.ts';
import type { IssuerSettings, MachineTokens } from '../issuer/trusted-issuer.ts';
import {
  type AccessTokenProfile,
  isOtherTokenKind,
  profileClaims,
} from './access-token-profile.ts';
import { isFromClient, readClientId } from './client.ts';
import { getOwn } from './json.ts';

/** What the times of an access token are checked against. */
export interface TimeSettings {
  /** Milliseconds by which clocks may differ. */
  readonly clockTolerance: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The claims that every accepted access token has. */
export interface CheckedClaims {
  readonly subject: Subject;
  readonly lifetime: Lifetime;
}

/** Who a token is for: a subject, or a client that acts for itself. */
type Subject =
  | { readonly kind: 'subject'; readonly subject: string }
  | { readonly kind: 'client'; readonly clientId: string };

/** When a token is valid, in milliseconds since the epoch. */
export interface Lifetime {
  /** The later one of `nbf` and `iat`. Minus infinity if it has neither. */
  readonly begin: number;
  /** `exp`. */
  readonly end: number;
}

/** The largest time that a `Date` can hold, in seconds. */
const maxSeconds = 8.64e12;

/**
 * Checks the claims of an access token whose signature and issuer are verified (RFC 7519 §4.1,
 * RFC 9068 §4), and that the configured claims are present.
 *
 * Not checked: the age of the token (`iat`), whether its `jti` was seen before, and revocation.
 *
 * @throws {AuthError} `token_type`, `token_audience`, `token_client`, `token_times`, `token_expired`, `token_not_yet_valid`,
 * `token_subject`, `token_profile`, `token_claim`
 */
export function checkClaims(
  claims: JsonObject,
  { audiences, clients, machineTokens, profile, requiredClaims }: IssuerSettings,
  time: TimeSettings,
): CheckedClaims {
  if (isOtherTokenKind(claims)) throw new AuthError('token_type');
  checkAudience(getOwn(claims, 'aud'), audiences);
  if (clients !== undefined && !isFromClient(claims, clients)) throw new AuthError('token_client');
  const lifetime = readLifetime(claims);
  const problem = findTimeProblem(lifetime, time);
  if (problem !== undefined) throw new AuthError(problem);
  const subject = readSubject(claims, machineTokens);
  checkProfile(claims, profile);
  for (const claim of requiredClaims) {
    if (!hasClaim(claims, claim)) throw new AuthError('token_claim', { claim });
  }
  return { subject, lifetime };
}

/** Without an accepted audience, a token must have none: it would be for another API (RFC 7519 §4.1.3). */
function checkAudience(audience: unknown, accepted: ReadonlySet<string>): void {
  if (accepted.size === 0) {
    const isNone = audience == null || (Array.isArray(audience) && audience.length === 0);
    if (!isNone) throw new AuthError('token_audience');
    return;
  }
  const values: readonly unknown[] = Array.isArray(audience) ? audience : [audience];
  const isAccepted = (value: unknown) => typeof value === 'string' && accepted.has(value);
  if (!values.every((value) => typeof value === 'string') || !values.some(isAccepted)) {
    throw new AuthError('token_audience');
  }
}

/**
 * Claims of tokens that are for a person, or that someone acts with, in lower case: some issuers choose
 * their own spelling. Without `sub`, such a token must not pass for one of its client: every person would
 * be the same viewer.
 */
const personClaims: ReadonlySet<string> = new Set([
  'act',
  'amr',
  'at_hash',
  'auth_time',
  'email',
  'family_name',
  'given_name',
  'nonce',
  'phone_number',
  'session_state',
  'sid',
  'uid',
  'unique_name',
  'upn',
  'user_id',
  'user_name',
  'userid',
  'username',
]);

/** Keycloak names the accounts of its clients like people, with this before the client ID. */
const serviceAccountPrefix = 'service-account-';

function isOfPerson(claims: JsonObject): boolean {
  const name = getOwn(claims, 'preferred_username') ?? serviceAccountPrefix;
  return (
    !(typeof name === 'string' && name.startsWith(serviceAccountPrefix)) ||
    Object.keys(claims).some((claim) => personClaims.has(claim.toLowerCase()))
  );
}

/** Begins the subjects of clients. No `sub` may, where clients are accepted. */
export const clientSubjectPrefix = 'client:';

function readSubject(claims: JsonObject, machineTokens: MachineTokens): Subject {
  const subject = getOwn(claims, 'sub');
  if (typeof subject === 'string' && subject !== '') {
    if (machineTokens === 'accept' && subject.startsWith(clientSubjectPrefix)) {
      throw new AuthError('token_subject');
    }
    return { kind: 'subject', subject };
  }
  const clientId = readClientId(claims);
  const isMachine =
    machineTokens === 'accept' &&
    subject === undefined &&
    clientId !== undefined &&
    isFromClient(claims, new Set([clientId])) &&
    !isOfPerson(claims);
  if (!isMachine) throw new AuthError('token_subject');
  return { kind: 'client', clientId };
}

function readLifetime(claims: JsonObject): Lifetime {
  const end = readTime(claims, 'exp');
  const begins = [readTime(claims, 'nbf'), readTime(claims, 'iat')];
  if (end === undefined) throw new AuthError('token_times');
  return { begin: Math.max(...begins.map((begin) => begin ?? Number.NEGATIVE_INFINITY)), end };
}

/** Why a token is not valid now. Undefined if it is. */
export function findTimeProblem(
  { begin, end }: Lifetime,
  { now, clockTolerance }: TimeSettings,
): 'token_expired' | 'token_not_yet_valid' | undefined {
  const time = now();
  if (end <= time - clockTolerance) return 'token_expired';
  return begin > time + clockTolerance ? 'token_not_yet_valid' : undefined;
}

/** A `NumericDate` in milliseconds (RFC 7519 §2). JSON allows `1e400`, which parses as infinity. */
function readTime(claims: JsonObject, name: string): number | undefined {
  const seconds = getOwn(claims, name);
  if (seconds === undefined) return undefined;
  if (typeof seconds !== 'number' || !(Math.abs(seconds) <= maxSeconds)) {
    throw new AuthError('token_times');
  }
  return seconds * 1000;
}

function checkProfile(claims: JsonObject, profile: AccessTokenProfile): void {
  for (const name of profileClaims[profile]) {
    const value = getOwn(claims, name);
    // `readLifetime` has already rejected an `iat` that is not a number.
    const isPresent =
      name === 'iat' ? value !== undefined : typeof value === 'string' && value !== '';
    if (!isPresent) throw new AuthError('token_profile');
  }
}

/** How an access token is bound to its client. */
export type Confirmation =
  | { readonly kind: 'none' }
  /** The client must prove that it holds the key with this thumbprint (RFC 9449 §6.1). */
  | { readonly kind: 'key'; readonly thumbprint: string };

/**
 * Reads the claim `cnf` (RFC 7800 §3.1). `jkt` is the only supported confirmation method. Any other
 * one, alone or together with `jkt`, could not be checked, so the token is rejected.
 *
 * @throws {AuthError} `token_confirmation`
 */
export function readConfirmation(claims: JsonObject): Confirmation {
  const confirmation = getOwn(claims, 'cnf') ?? null;
  if (confirmation === null) return { kind: 'none' };
  if (isJsonObject(confirmation) && Object.keys(confirmation).length === 1) {
    const thumbprint = getOwn(confirmation, 'jkt');
    if (typeof thumbprint === 'string') return { kind: 'key', thumbprint };
  }
  throw new AuthError('token_confirmation');
}
