import { LRUCache } from 'lru-cache';
import type { AuthenticatedViewer } from '../viewer.ts';
import type { AccessToken, TokenSigner } from './access-token.ts';
import { type ClaimSettings, findTimeProblem } from './claims.ts';
import { objectsIn } from './json.ts';

/** A token that has been verified, and its viewer. */
export interface KnownToken extends Pick<AccessToken, 'lifetime' | 'confirmation' | 'signer'> {
  readonly viewer: AuthenticatedViewer;
}

/**
 * Tokens that have been verified. One of them need not be verified again while its signature would
 * certainly verify and its lifetime is right: what else is checked of a token never changes.
 */
export interface KnownTokens {
  /**
   * @param hash the SHA-256 of the token
   * @returns undefined if it must be verified, which finds out what is wrong with it, if anything
   */
  find(hash: string): KnownToken | undefined;
  /** @param length the characters of the token */
  add(hash: string, length: number, known: KnownToken): void;
  /** Forgets tokens, such as revoked ones. Each is verified again if it is sent again. */
  drop(isDropped: (viewer: AuthenticatedViewer) => boolean): void;
}

/** The most tokens that are remembered. */
export const maxKnownTokens = 10_000;

/** Estimated bytes of all remembered tokens. */
export const maxKnownBytes = 16_000_000;

/** Creates an empty cache. When it is full, it forgets the least recently used tokens. */
export function createKnownTokens(
  settings: Pick<ClaimSettings, 'now' | 'clockTolerance'>,
): KnownTokens {
  // With `max`, the memory for that many would be reserved right away.
  const tokens = new LRUCache<string, KnownToken>({ maxSize: maxKnownBytes });
  return {
    find(hash) {
      const known = tokens.get(hash);
      if (known === undefined || !wouldVerify(known.signer)) return undefined;
      return findTimeProblem(known.lifetime, settings) === undefined ? known : undefined;
    },
    add(hash, length, known) {
      tokens.set(hash, known, { size: estimateBytes(length, known) });
    },
    drop(isDropped) {
      for (const [hash, { viewer }] of [...tokens.entries()]) {
        if (isDropped(viewer)) tokens.delete(hash);
      }
    },
  };
}

/** Whether the keys that are current now still have the key that signed the token. */
function wouldVerify({ issuerKeys, key, keyId }: TokenSigner): boolean {
  return issuerKeys.getKeysNow(keyId)?.all.has(key.fingerprint) ?? false;
}

/** Bytes of a token without claims. This and the next: measured, and rounded up. */
const overhead = 600;

/** Bytes of a claim, of an element in one, or of a scope, in addition to its text. */
const valueOverhead = 60;

/** Not less than makes `maxKnownTokens` of them. */
function estimateBytes(length: number, { viewer: { claims, scopes } }: KnownToken): number {
  const values = objectsIn(claims).reduce((sum, object) => sum + Object.keys(object).length, 0);
  const estimate = overhead + length + valueOverhead * (values + scopes.size);
  return Math.max(estimate, maxKnownBytes / maxKnownTokens);
}
