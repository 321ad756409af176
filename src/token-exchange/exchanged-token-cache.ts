import { LRUCache } from 'lru-cache';
import type { ExchangedToken } from './exchanged-token.ts';

/** Exchanged tokens, by what they were exchanged for. */
export interface ExchangedTokenCache {
  get(key: string): ExchangedToken | undefined;
  /** @param until milliseconds since the epoch */
  set(key: string, token: ExchangedToken, until: number): void;
}

/** Estimated bytes of all remembered tokens. */
const maxCachedBytes = 10_000_000;

/** Bytes of an entry in addition to its texts. */
const entryBytes = 600;

/**
 * Creates an empty cache. When it is full, it forgets the least recently used tokens.
 *
 * @param now milliseconds since the epoch
 */
export function createExchangedTokenCache(now: () => number): ExchangedTokenCache {
  const tokens = new LRUCache<string, { readonly token: ExchangedToken; readonly until: number }>({
    maxSize: maxCachedBytes,
  });
  return {
    get(key) {
      const entry = tokens.get(key);
      if (entry === undefined || now() < entry.until) return entry?.token;
      tokens.delete(key);
      return undefined;
    },
    set(key, token, until) {
      if (until <= now()) return;
      const size = entryBytes + 2 * key.length + 2 * token.accessToken.length;
      tokens.set(key, { token, until }, { size });
    },
  };
}
