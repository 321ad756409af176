import { type CryptoKey, calculateJwkThumbprint, importJWK, type JWK } from 'jose';
import { LRUCache } from 'lru-cache';
import { AuthError } from '../auth-error.ts';
import type { DpopAlgorithm } from './dpop-algorithm.ts';

/** A key that a proof was made with. */
export interface ProofKey {
  readonly key: CryptoKey | Uint8Array;
  /** RFC 7638. */
  readonly thumbprint: string;
}

/** Makes keys that can verify of keys as proofs hold them. */
export interface ProofKeys {
  /**
   * @param jwk The members of a public key and no others.
   * @throws {AuthError} `proof_key` where it is none, such as a point that is not on its curve
   */
  of(jwk: JWK, algorithm: DpopAlgorithm): Promise<ProofKey>;
}

/** A client proves with the same key again and again: importing it is half of what a proof costs. */
const remembered = 1_000;

/** Remembers the keys that were used last. Nothing is decided by that: a key is what it is. */
export function createProofKeys(): ProofKeys {
  const known = new LRUCache<string, ProofKey>({ max: remembered });
  return {
    async of(jwk, algorithm) {
      const name = JSON.stringify([algorithm, jwk]);
      const found = known.get(name);
      if (found) return found;
      try {
        const made = {
          key: await importJWK(jwk, algorithm),
          thumbprint: await calculateJwkThumbprint(jwk),
        };
        known.set(name, made);
        return made;
      } catch {
        throw new AuthError('proof_key');
      }
    },
  };
}
