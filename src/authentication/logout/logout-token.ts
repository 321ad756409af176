import { isJsonObject, type JsonObject } from '../../shared/type-guards.ts';
import { UntracedError } from '../../shared/untraced-error.ts';
import { AuthError } from '../auth-error.ts';
import type { CredentialsSource } from '../credentials.ts';
import {
  type AccessTokenSettings,
  findIssuer,
  findSigner,
  readHeader,
} from '../token/access-token.ts';
import { readCompactJws } from '../token/compact-jws.ts';
import { getOwn } from '../token/json.ts';

/** A verified logout token: a session of a subject has ended at the issuer, or all of them. */
export interface LogoutToken {
  readonly issuer: string;
  /** The claim `jti`. */
  readonly tokenId: string;
  /** The claim `iat`. */
  readonly issuedAt: Date;
  /** The claim `sub`. Undefined only if there is a session. */
  readonly subject?: string;
  /** The claim `sid`. Undefined: all sessions of the subject. */
  readonly sessionId?: string;
}

/** What a logout token is verified for. */
export interface LogoutTokenOptions extends Pick<CredentialsSource, 'url' | 'headers'> {
  /** The client that the token must be for, or several: one of them must be in `aud`. */
  readonly clientIds: readonly string[];
}

const messages = {
  request:
    'The request must be a form of at most 100 kB with one logout_token (application/x-www-form-urlencoded).',
  malformed: 'The logout token is not a well-formed JWT.',
  algorithm: 'The logout token uses a signature algorithm that is not accepted.',
  type: 'The typ of the logout token must be logout+jwt.',
  issuer: 'The logout token is from an issuer that is not trusted.',
  signature: 'The signature of the logout token is invalid.',
  audience: 'The logout token is not for this client.',
  times: 'The logout token has no iat, or its iat or exp is not a valid number.',
  expired: 'The logout token has expired, or was issued more than 10 minutes ago.',
  not_yet_valid: 'The logout token was issued in the future.',
  events: 'The events of the logout token do not contain a back-channel logout.',
  nonce: 'The logout token has a nonce, which only ID tokens have.',
  claims: 'The logout token must have a jti, and sub or sid or both: non-empty strings.',
  replayed: 'The logout token has been received before.',
} as const;

/** Why a logout token was rejected. */
export type LogoutTokenErrorReason = keyof typeof messages;

/** A logout token that was rejected, so that nothing is revoked. The message has nothing of the token. */
export class LogoutTokenError extends UntracedError {
  override readonly name = 'LogoutTokenError';
  readonly reason: LogoutTokenErrorReason;

  constructor(reason: LogoutTokenErrorReason) {
    super(messages[reason], {});
    this.reason = reason;
  }
}

/** The member of `events` that makes a token a logout token. */
const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';

/** From the final version on `logout+jwt`; earlier ones do not name a type (§2.4). */
const types: readonly unknown[] = [undefined, 'logout+jwt', 'jwt'];

const maxAgeMs = 10 * 60_000;
/** The largest time that a `Date` can hold, in seconds. */
const maxSeconds = 8.64e12;

/**
 * Verifies a logout token (OpenID Connect Back-Channel Logout 1.0 §2.6): signature with the keys of its
 * issuer, type, issuer, audience, times, event, and that it has no nonce.
 *
 * `exp` is optional, because it was not required before 2023. A token is rejected 10 minutes after `iat` in
 * any case.
 *
 * Not checked: whether the token was received before.
 *
 * @throws {LogoutTokenError}
 * @throws {AuthError} with a status of 503
 */
export async function verifyLogoutToken(
  text: string,
  { clientIds, ...request }: LogoutTokenOptions,
  settings: AccessTokenSettings,
): Promise<LogoutToken> {
  const claims = await verifyIssued(text, request, settings);
  checkAudience(getOwn(claims, 'aud'), clientIds);
  const issuedAt = checkTimes(claims, settings);
  if (Object.hasOwn(claims, 'nonce')) throw new LogoutTokenError('nonce');
  const events = getOwn(claims, 'events');
  if (!isJsonObject(events) || !isJsonObject(getOwn(events, logoutEvent))) {
    throw new LogoutTokenError('events');
  }
  const tokenId = readText(claims, 'jti');
  const subject = readText(claims, 'sub');
  const sessionId = readText(claims, 'sid');
  const issuer = readText(claims, 'iss');
  if (issuer === undefined || tokenId === undefined || (subject ?? sessionId) === undefined) {
    throw new LogoutTokenError('claims');
  }
  return {
    issuer,
    tokenId,
    issuedAt,
    ...(subject === undefined ? {} : { subject }),
    ...(sessionId === undefined ? {} : { sessionId }),
  };
}

/** The claims of a token that a trusted issuer has signed. */
async function verifyIssued(
  text: string,
  request: Pick<CredentialsSource, 'url' | 'headers'>,
  settings: AccessTokenSettings,
): Promise<JsonObject> {
  const jws = readCompactJws(text, settings.maxTokenBytes);
  if (jws.kind === 'malformed') throw new LogoutTokenError('malformed');
  const header = await asLogoutError('algorithm', async () => readHeader(jws.header));
  const issuer = await asLogoutError('issuer', () => findIssuer(jws.payload, settings, request));
  if (!issuer.algorithms.has(header.algorithm)) throw new LogoutTokenError('algorithm');
  const { type } = header;
  const name = typeof type === 'string' ? type.toLowerCase().replace(/^application\//, '') : type;
  if (!types.includes(name)) throw new LogoutTokenError('type');
  await asLogoutError('signature', () => findSigner(jws, header, issuer));
  return jws.payload;
}

/** An `AuthError` speaks of an access token. Outages are the same. */
async function asLogoutError<Result>(
  reason: LogoutTokenErrorReason,
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof AuthError && error.status !== 503 ? new LogoutTokenError(reason) : error;
  }
}

function checkAudience(audience: unknown, clientIds: readonly string[]): void {
  const values: readonly unknown[] = Array.isArray(audience) ? audience : [audience];
  const isFor = values.some((value) => typeof value === 'string' && clientIds.includes(value));
  if (!isFor || !values.every((value) => typeof value === 'string')) {
    throw new LogoutTokenError('audience');
  }
}

/** Returns when the token was issued. */
function checkTimes(claims: JsonObject, { now, clockTolerance }: AccessTokenSettings): Date {
  const issued = readTime(claims, 'iat');
  const end = readTime(claims, 'exp');
  const time = now();
  if (issued === undefined) throw new LogoutTokenError('times');
  if (issued > time + clockTolerance) throw new LogoutTokenError('not_yet_valid');
  if (Math.min(end ?? issued + maxAgeMs, issued + maxAgeMs) <= time - clockTolerance) {
    throw new LogoutTokenError('expired');
  }
  return new Date(issued);
}

/** Milliseconds. */
function readTime(claims: JsonObject, name: string): number | undefined {
  const seconds = getOwn(claims, name);
  if (seconds === undefined) return undefined;
  if (typeof seconds !== 'number' || !(Math.abs(seconds) <= maxSeconds)) {
    throw new LogoutTokenError('times');
  }
  return seconds * 1000;
}

function readText(claims: JsonObject, name: string): string | undefined {
  const value = getOwn(claims, name);
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '') throw new LogoutTokenError('claims');
  return value;
}
