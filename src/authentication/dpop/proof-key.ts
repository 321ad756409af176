import { calculateJwkThumbprint } from 'jose';
import { LRUCache } from 'lru-cache';
import { isJsonObject } from '../../shared/type-guards.ts';
import { AuthError } from '../auth-error.ts';
import { getOwn } from '../token/json.ts';
import {
  hasPrivateMember,
  type PublicKeyInfo,
  readPublicKey,
  type SignatureAlgorithm,
} from '../token/public-key.ts';
import { importVerificationKey, type VerificationKey } from '../token/signature.ts';

/**
 * The signature algorithms that can be accepted in DPoP proofs (RFC 9449 §7.1).
 * `EdDSA` and `Ed25519` are the two registered names of one algorithm (RFC 8037, RFC 9864); its only
 * curve is Ed25519.
 */
export const dpopAlgorithms = [
  'ES256',
  'ES384',
  'EdDSA',
  'Ed25519',
  'PS256',
  'RS256',
] as const satisfies readonly SignatureAlgorithm[];

/** The `alg` of a DPoP proof. */
export type DpopAlgorithm = (typeof dpopAlgorithms)[number];

const supported: ReadonlySet<unknown> = new Set(dpopAlgorithms);

/** Whether a value is the registered name of one of them. Case-sensitive. */
export const isDpopAlgorithm = (value: unknown): value is DpopAlgorithm => supported.has(value);

/**
 * Reads the `jwk` of a proof's header (RFC 9449 §4.2).
 *
 * @throws {AuthError} `proof_key` if it is not a public key that fits the algorithm
 */
export function readProofKey(jwk: unknown, algorithm: DpopAlgorithm): PublicKeyInfo {
  if (!isJsonObject(jwk) || hasPrivateMember(jwk)) {
    throw new AuthError('proof_key');
  }
  const publicKey = readPublicKey(jwk);
  const alg = getOwn(jwk, 'alg');
  if (!publicKey?.algorithms.includes(algorithm) || (alg !== undefined && alg !== algorithm)) {
    throw new AuthError('proof_key');
  }
  return publicKey;
}

/** The imported key of a proof. */
interface ProofKey {
  readonly key: VerificationKey;
  /** RFC 7638. */
  readonly thumbprint: string;
}

/** Imports the keys of proofs. */
export interface ProofKeyCache {
  /**
   * @throws {AuthError} `proof_key` if it cannot be imported, such as a point that is not on its curve
   */
  get(publicKey: PublicKeyInfo, algorithm: DpopAlgorithm): Promise<ProofKey>;
}

const maxKeys = 1_000;

/** Caches imported keys: importing one takes half of the time that a proof takes. */
export function createProofKeyCache(): ProofKeyCache {
  const keys = new LRUCache<string, ProofKey>({ max: maxKeys });
  return {
    async get(publicKey, algorithm) {
      const id = JSON.stringify([algorithm, publicKey.jwk]);
      const cached = keys.get(id);
      if (cached) return cached;
      try {
        const imported = {
          key: await importVerificationKey(publicKey, algorithm),
          thumbprint: await calculateJwkThumbprint(publicKey.jwk),
        };
        keys.set(id, imported);
        return imported;
      } catch {
        throw new AuthError('proof_key');
      }
    },
  };
}
