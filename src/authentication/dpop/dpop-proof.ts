import type { JsonObject } from '../../shared/type-guards.ts';
import { AuthError } from '../auth-error.ts';
import type { Confirmation } from '../token/claims.ts';
import {
  type CompactJws,
  jwsLength,
  readCompactJws,
  requiresExtension,
} from '../token/compact-jws.ts';
import { getOwn } from '../token/json.ts';
import { type VerificationKey, verifySignature } from '../token/signature.ts';
import type { DpopNonces } from './dpop-nonce.ts';
import { type DpopAlgorithm, type ProofKeyCache, readProofKey } from './proof-key.ts';

/** What every proof is verified against. */
export interface DpopProofSettings {
  /** The origin of this API as clients see it, and any path that precedes the path of requests. */
  readonly publicUrl: string;
  /** Undefined if proofs need no nonce. */
  readonly nonces: DpopNonces | undefined;
  readonly proofKeys: ProofKeyCache;
  /** The accepted algorithms. */
  readonly dpopAlgorithms: readonly DpopAlgorithm[];
  /** Milliseconds of tolerance for `exp` and `nbf`, which are optional in proofs. */
  readonly clockTolerance: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What the proof of one request must match. */
export interface ProofExpectations {
  readonly method: string;
  /** The request target, relative or absolute. Only its path is compared. */
  readonly url: string;
  /** The SHA-256 of the access token, in base64url. */
  readonly tokenHash: string;
  /** The confirmation claim of the verified token. */
  readonly confirmation: Confirmation;
}

/** A verified proof. */
export interface DpopProof {
  /** The thumbprint of its key (RFC 7638). */
  readonly thumbprint: string;
  /** Its `jti`, which the client chooses. */
  readonly id: string;
}

/** Milliseconds since `iat` after which a proof is too old. */
export const proofMaxAge = 300_000;
/** Milliseconds by which the `iat` of a proof may be in the future. */
export const proofMaxLead = 30_000;

const maxIdLength = 256;

/**
 * Verifies a DPoP proof by the steps of RFC 9449 §4.3, from the second on. (The first, that there is
 * exactly one, is checked when the headers are read.)
 *
 * Not checked: whether the proof was used before.
 *
 * @throws {AuthError} a reason that begins with `proof_`, `nonce_needed`, `token_not_bound`,
 * `token_other_key`
 */
export async function verifyDpopProof(
  proof: string,
  expected: ProofExpectations,
  settings: DpopProofSettings,
): Promise<DpopProof> {
  const jws = readCompactJws(proof, jwsLength.default);
  if (jws.kind === 'malformed') throw new AuthError('proof_malformed');
  const claims = readClaims(jws.payload);
  const algorithm = checkHeader(jws.header, settings);
  const publicKey = readProofKey(getOwn(jws.header, 'jwk'), algorithm);
  const { key, thumbprint } = await settings.proofKeys.get(publicKey, algorithm);
  await checkSignature(jws, algorithm, key);
  if (claims.method !== expected.method) throw new AuthError('proof_method');
  checkTarget(claims.target, expected.url, settings.publicUrl);
  if (settings.nonces?.accepts(claims.nonce) === false) throw new AuthError('nonce_needed');
  checkTime(claims, settings);
  if (claims.tokenHash !== expected.tokenHash) throw new AuthError('proof_token');
  checkBinding(thumbprint, expected.confirmation);
  return { thumbprint, id: claims.id };
}

interface ProofClaims {
  readonly id: string;
  readonly method: string;
  readonly target: string;
  /** `ath`. */
  readonly tokenHash: string;
  /** This and the two below: milliseconds since the epoch. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly notBefore: number;
  readonly nonce: unknown;
}

/** The claims of RFC 9449 §4.2, and the optional `exp` and `nbf` (RFC 7519 §4.1). */
function readClaims(claims: JsonObject): ProofClaims {
  const id = readString(claims, 'jti');
  if (id.length > maxIdLength) throw new AuthError('proof_claims');
  return {
    id,
    method: readString(claims, 'htm'),
    target: readString(claims, 'htu'),
    tokenHash: readString(claims, 'ath'),
    issuedAt: readTime(claims, 'iat'),
    expiresAt: readTime(claims, 'exp', Number.POSITIVE_INFINITY),
    notBefore: readTime(claims, 'nbf', Number.NEGATIVE_INFINITY),
    nonce: getOwn(claims, 'nonce'),
  };
}

function readString(claims: JsonObject, name: string): string {
  const value = getOwn(claims, name);
  if (typeof value !== 'string' || value === '') throw new AuthError('proof_claims');
  return value;
}

function readTime(claims: JsonObject, name: string, defaultTime?: number): number {
  const seconds = getOwn(claims, name);
  if (seconds === undefined && defaultTime !== undefined) return defaultTime;
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) throw new AuthError('proof_claims');
  return seconds * 1000;
}

/** Ignored: `jku`, `x5u` and `x5c`. */
function checkHeader(header: JsonObject, { dpopAlgorithms }: DpopProofSettings): DpopAlgorithm {
  const type = getOwn(header, 'typ');
  if (typeof type !== 'string' || !/^(?:application\/)?dpop\+jwt$/i.test(type)) {
    throw new AuthError('proof_type');
  }
  const algorithm = getOwn(header, 'alg');
  const accepted = dpopAlgorithms.find((one) => one === algorithm);
  if (accepted === undefined || requiresExtension(header)) throw new AuthError('proof_algorithm');
  return accepted;
}

async function checkSignature(
  proof: CompactJws,
  algorithm: DpopAlgorithm,
  key: VerificationKey,
): Promise<void> {
  let isValid = false;
  try {
    isValid = await verifySignature(proof, algorithm, key);
  } catch {
    // The client chose the key, so it is the proof that cannot be verified.
  }
  if (!isValid) throw new AuthError('proof_signature');
}

/** Compares with the configured origin, because clients choose the `Host` of their requests. */
function checkTarget(htu: string, requestUrl: string, publicUrl: string): void {
  const expected = normalizeHtu(`${publicUrl}${targetPath(requestUrl)}`);
  if (expected === undefined || normalizeHtu(htu) !== expected) throw new AuthError('proof_url');
}

function checkTime(
  { issuedAt, expiresAt, notBefore }: ProofClaims,
  { now, clockTolerance }: DpopProofSettings,
): void {
  const time = now();
  const isRecent = issuedAt >= time - proofMaxAge && issuedAt <= time + proofMaxLead;
  const isValid = expiresAt > time - clockTolerance && notBefore <= time + clockTolerance;
  if (!isRecent || !isValid) throw new AuthError('proof_time');
}

function checkBinding(thumbprint: string, confirmation: Confirmation): void {
  if (confirmation.kind === 'none') throw new AuthError('token_not_bound');
  if (confirmation.thumbprint !== thumbprint) throw new AuthError('token_other_key');
}

/** The characters of a URI (RFC 3986 §2), after `http://` or `https://`. */
const webUri = /^https?:\/\/(?![/?#])[\w\-.~:/?#[\]@!$&'()*+,;=%]+$/i;

/**
 * Normalizes the `http` or `https` URI of an `htu` claim (RFC 3986 §6.2.2 and §6.2.3), without query
 * and fragment: scheme and host in lower case, no default port, no dot segments, `/` for an empty
 * path, `%2D` as `-`, and `%c3` as `%C3`. Equivalent URIs have equal results.
 *
 * @returns undefined if it is not such a URI, or has a user name or password
 */
export function normalizeHtu(uri: string): string | undefined {
  if (!webUri.test(uri)) return undefined;
  const [target = ''] = uri.split(/[?#]/, 1);
  const normalized = normalizeEscapes(target);
  if (normalized === undefined || !URL.canParse(normalized)) return undefined;
  const { origin, pathname, username, password } = new URL(normalized);
  return username === '' && password === '' ? `${origin}${pathname}` : undefined;
}

/** Decodes unreserved characters and uppercases other escapes; undefined if an escape is invalid. */
function normalizeEscapes(text: string): string | undefined {
  if (/%(?![0-9a-f]{2})/i.test(text)) return undefined;
  return text.replace(/%[0-9a-f]{2}/gi, (escaped) => {
    const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    return /[\w\-.~]/.test(character) ? character : escaped.toUpperCase();
  });
}

/** The path of a request target, relative (`/graphql?…`) or absolute. */
export function targetPath(url: string): string {
  const [target = ''] = url.split(/[?#]/, 1);
  return target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '') || '/';
}
