import { createHash } from 'node:crypto';
import { compactVerify, type JWK } from 'jose';
import { AuthError } from '../auth-error.ts';
import { publicMaterial } from '../issuer/public-key.ts';
import { readCompactJws } from '../token/compact-jws.ts';
import type { Confirmation } from '../token/confirmation.ts';
import { isJsonObject, type JsonObject, ownMember } from '../token/json-object.ts';
import { type DpopAlgorithm, isDpopAlgorithm } from './dpop-algorithm.ts';
import type { DpopNonces } from './dpop-nonce.ts';
import { normaliseTarget, pathOfTarget } from './dpop-target.ts';
import type { ProofKey, ProofKeys } from './proof-keys.ts';

/** What a proof is held against, the same for every request. */
export interface DpopProofRules {
  /** The origin, and the path before that of requests if there is one, as clients see it. */
  readonly publicUrl: string;
  /** Undefined where proofs need no nonce. */
  readonly nonces: DpopNonces | undefined;
  readonly proofKeys: ProofKeys;
  /** Milliseconds by which `exp` and `nbf`, where a proof has them, may be missed. */
  readonly clockTolerance: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What a proof must prove. */
export interface ProvenRequest {
  readonly method: string;
  /** The request target, relative or absolute. Only its path counts. */
  readonly url: string;
  /** The access token, as it was sent. */
  readonly token: string;
  /** What the verified token says of its key. */
  readonly confirmation: Confirmation;
}

/** A verified proof. */
export interface DpopProof {
  /** Of its key (RFC 7638). */
  readonly thumbprint: string;
  /** Its `jti`, chosen by the client. */
  readonly id: string;
}

/** Milliseconds that a proof may be old. */
export const proofMaxAge = 300_000;
/** Milliseconds that a proof may come from the future. */
export const proofMaxLead = 30_000;

const maxIdLength = 256;

/**
 * Verifies a DPoP proof, in the order of RFC 9449 §4.3, from point 2 on; how many there are is seen
 * where headers are read.
 *
 * Not checked: whether the proof was used before.
 *
 * @throws {AuthError} a reason that begins with `proof_`, `nonce_needed`, `token_not_bound`,
 * `token_other_key`
 */
export async function verifyDpopProof(
  proof: string,
  request: ProvenRequest,
  rules: DpopProofRules,
): Promise<DpopProof> {
  const jws = readCompactJws(proof);
  if (jws.kind === 'malformed') throw new AuthError('proof_malformed');
  const claims = readClaims(jws.payload);
  const algorithm = checkHeader(jws.header);
  const jwk = readKey(ownMember(jws.header, 'jwk'), algorithm);
  const { key, thumbprint } = await rules.proofKeys.of(jwk, algorithm);
  await verifySignature(proof, key, algorithm);
  if (claims.method !== request.method) throw new AuthError('proof_method');
  checkTarget(claims.target, request.url, rules.publicUrl);
  if (rules.nonces?.accepts(claims.nonce) === false) throw new AuthError('nonce_needed');
  checkTime(claims, rules);
  if (claims.tokenHash !== hashOf(request.token)) throw new AuthError('proof_token');
  checkBinding(thumbprint, request.confirmation);
  return { thumbprint, id: claims.id };
}

interface ProofClaims {
  readonly id: string;
  readonly method: string;
  readonly target: string;
  readonly tokenHash: string;
  /** Milliseconds since the epoch, as the two below. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly notBefore: number;
  readonly nonce: unknown;
}

/** The claims of RFC 9449 §4.2, with `exp` and `nbf` (RFC 7519 §4.1) for proofs that have them. */
function readClaims(claims: JsonObject): ProofClaims {
  const id = readText(claims, 'jti');
  if (id.length > maxIdLength) throw new AuthError('proof_claims');
  return {
    id,
    method: readText(claims, 'htm'),
    target: readText(claims, 'htu'),
    tokenHash: readText(claims, 'ath'),
    issuedAt: readTime(claims, 'iat'),
    expiresAt: readTime(claims, 'exp', Number.POSITIVE_INFINITY),
    notBefore: readTime(claims, 'nbf', Number.NEGATIVE_INFINITY),
    nonce: ownMember(claims, 'nonce'),
  };
}

function readText(claims: JsonObject, name: string): string {
  const value = ownMember(claims, name);
  if (typeof value !== 'string' || value === '') throw new AuthError('proof_claims');
  return value;
}

function readTime(claims: JsonObject, name: string, absent?: number): number {
  const seconds = ownMember(claims, name);
  if (seconds === undefined && absent !== undefined) return absent;
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) throw new AuthError('proof_claims');
  return seconds * 1000;
}

/** Keys and addresses of keys other than `jwk` are not looked at; no extension is understood. */
function checkHeader(header: JsonObject): DpopAlgorithm {
  const type = ownMember(header, 'typ');
  if (typeof type !== 'string' || !/^(?:application\/)?dpop\+jwt$/i.test(type)) {
    throw new AuthError('proof_type');
  }
  const algorithm = ownMember(header, 'alg');
  if (
    !isDpopAlgorithm(algorithm) ||
    Object.hasOwn(header, 'crit') ||
    (Object.hasOwn(header, 'b64') && header.b64 !== true)
  ) {
    throw new AuthError('proof_algorithm');
  }
  return algorithm;
}

/** Members that only private and symmetric keys have (RFC 7518 §6). */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

function readKey(jwk: unknown, algorithm: DpopAlgorithm): JWK {
  if (!isJsonObject(jwk) || privateMembers.some((name) => Object.hasOwn(jwk, name))) {
    throw new AuthError('proof_key');
  }
  const material = publicMaterial(jwk);
  const own = ownMember(jwk, 'alg');
  if (!material?.algorithms.includes(algorithm) || (own !== undefined && own !== algorithm)) {
    throw new AuthError('proof_key');
  }
  return material.jwk;
}

async function verifySignature(
  proof: string,
  key: ProofKey['key'],
  algorithm: DpopAlgorithm,
): Promise<void> {
  try {
    await compactVerify(proof, key, { algorithms: [algorithm] });
  } catch {
    throw new AuthError('proof_signature');
  }
}

/** The URI that the client asked for is the configured one: what a request says of its host is not. */
function checkTarget(claimed: string, requested: string, publicUrl: string): void {
  const expected = normaliseTarget(`${publicUrl}${pathOfTarget(requested)}`);
  if (expected === undefined || normaliseTarget(claimed) !== expected) {
    throw new AuthError('proof_url');
  }
}

function checkTime(
  { issuedAt, expiresAt, notBefore }: ProofClaims,
  { now, clockTolerance }: DpopProofRules,
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

/** `ath` (RFC 9449 §4.2): the SHA-256 of the token's ASCII. */
function hashOf(token: string): string {
  return createHash('sha256').update(token, 'ascii').digest('base64url');
}
