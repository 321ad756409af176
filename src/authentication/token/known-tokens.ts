import { LRUCache } from 'lru-cache';
import type { CredentialsSource } from '../credentials.ts';
import { readTarget, type TenantIssuers } from '../issuer/tenant-issuers.ts';
import type { AuthenticatedViewer } from '../viewer.ts';
import type { AccessToken, TokenSource } from './access-token.ts';
import { findTimeProblem, type TimeSettings } from './claims.ts';
import { objectsIn } from './json.ts';

/** A token that has been verified, and its viewer. */
export interface KnownToken extends Pick<AccessToken, 'lifetime' | 'confirmation' | 'source'> {
  readonly viewer: AuthenticatedViewer;
}

/**
 * Tokens that have been verified. One of them need not be verified again while its signature would
 * certainly verify, or the issuer was asked recently, and its lifetime is right: what else is checked of a
 * token never changes.
 */
export interface KnownTokens {
  /**
   * @param hash the SHA-256 of the token
   * @returns undefined if it must be verified, which finds out what is wrong with it, if anything
   */
  find(hash: string): KnownToken | undefined;
  /**
   * How often tokens have been dropped. What was verified when it was another number is not to be
   * added: it could be among those that were dropped.
   */
  readonly drops: number;
  /** Whether the token has been verified, even if it must be verified again. */
  has(hash: string): boolean;
  /** @param length the bytes that its claims were read from */
  add(hash: string, length: number, known: KnownToken): void;
  /** Forgets a token. */
  delete(hash: string): void;
  /** Forgets tokens, such as revoked ones. Each is verified again if it is sent again. */
  drop(isDropped: (viewer: AuthenticatedViewer) => boolean): void;
  statistics(): KnownTokenStatistics;
}

/** How full the cache of verified tokens is, and how often a token was found. Counters begin with the process. */
export interface KnownTokenStatistics {
  readonly size: number;
  /** Estimated bytes. */
  readonly bytes: number;
  /** Tokens that were found, and needed no verification. */
  readonly hits: number;
  /** Those that were verified: unknown, forgotten, or signed by a key that has been replaced. */
  readonly misses: number;
}

/** The most tokens that are remembered. */
export const maxKnownTokens = 10_000;

/** Estimated bytes of all remembered tokens. */
export const maxKnownBytes = 20_000_000;

/** Creates an empty cache. When it is full, it forgets the least recently used tokens. */
export function createKnownTokens(settings: TimeSettings): KnownTokens {
  // With `max`, the memory for that many would be reserved right away.
  const tokens = new LRUCache<string, KnownToken>({ maxSize: maxKnownBytes });
  let drops = 0;
  let hits = 0;
  let misses = 0;
  return {
    get drops() {
      return drops;
    },
    find(hash) {
      const known = tokens.get(hash);
      const isUsable =
        known !== undefined &&
        isCurrent(known.source, settings) &&
        findTimeProblem(known.lifetime, settings) === undefined;
      if (isUsable) hits += 1;
      else misses += 1;
      return isUsable ? known : undefined;
    },
    has: (hash) => tokens.has(hash),
    add(hash, length, known) {
      tokens.set(hash, known, { size: estimateBytes(length, known) });
    },
    delete: (hash) => void tokens.delete(hash),
    statistics: () => ({ size: tokens.size, bytes: tokens.calculatedSize, hits, misses }),
    drop(isDropped) {
      drops += 1;
      for (const [hash, { viewer }] of [...tokens.entries()]) {
        if (isDropped(viewer)) tokens.delete(hash);
      }
    },
  };
}

/**
 * Whether the keys that are current now still have the key that signed the token, or what the issuer said
 * about it is recent enough.
 */
function isCurrent(source: TokenSource, { now }: TimeSettings): boolean {
  if (source.kind === 'signature') {
    const { issuer, key, keyId } = source;
    return issuer.keys.getKeysNow(keyId)?.all.has(key.fingerprint) ?? false;
  }
  const time = now();
  return time >= source.since && time < source.until;
}

/**
 * Bytes that tokens and their claims take, measured with claims that take much, and rounded up. A token
 * is base64 of UTF-8; a string of its claims can take two bytes per character.
 */
const bytes = {
  token: 400,
  character: 1.5,
  object: 130,
  member: 90,
  array: 60,
  element: 32,
  scope: 60,
};

/** Not less than makes `maxKnownTokens` of them. */
function estimateBytes(length: number, { viewer: { claims, scopes } }: KnownToken): number {
  let estimate = bytes.token + bytes.character * length + bytes.scope * scopes.size;
  for (const json of objectsIn(claims)) {
    estimate += Array.isArray(json)
      ? bytes.array + bytes.element * json.length
      : bytes.object + bytes.member * Object.keys(json).length;
  }
  return Math.max(Math.ceil(estimate), maxKnownBytes / maxKnownTokens);
}

/** A token that is known is known to the tenant that it was verified for, as long as that is found. */
export function createTenantLookup(tenants: TenantIssuers, knownTokens: KnownTokens) {
  return (
    hash: string,
    { url, headers }: Pick<CredentialsSource, 'url' | 'headers'>,
  ): KnownToken | undefined => {
    const known = knownTokens.find(hash);
    if (known?.source.kind !== 'signature') return undefined;
    const { issuer } = known.source;
    const current = tenants.findNow({ issuer: issuer.issuer, ...readTarget(url, headers) });
    return current === issuer ? known : undefined;
  };
}
