import { LRUCache } from 'lru-cache';
import type { TimeSource } from '../../shared/clock.ts';

/** Points in a window of time, which begins with the first point that a key uses. */
export interface RateWindow {
  readonly points: number;
  readonly seconds: number;
}

/** What a key has used. */
export interface RateCount {
  readonly used: number;
  readonly resetSeconds: number;
}

/** Counts the points of keys in one limit. */
export interface RateCounter {
  add(key: string, points: number): RateCount | Promise<RateCount>;
}

/**
 * Keys in memory: at most about 20 MB for each limit. Beyond them, the key that was used least recently is
 * counted from 0 again.
 */
const maxKeys = 50_000;

/** Creates a counter in the memory of this process. */
export function createMemoryCounter(
  { seconds }: RateWindow,
  clock: TimeSource,
): { add(key: string, points: number): RateCount } {
  const windowMs = seconds * 1000;
  const windows = new LRUCache<string, { used: number; endsAt: number }>({ max: maxKeys });
  return {
    add(key, points) {
      const now = clock.now().getTime();
      let window = windows.get(key);
      // Also if the clock was set back.
      if (window === undefined || window.endsAt <= now || window.endsAt > now + windowMs) {
        window = { used: 0, endsAt: now + windowMs };
        windows.set(key, window);
      }
      window.used += points;
      return { used: window.used, resetSeconds: (window.endsAt - now) / 1000 };
    },
  };
}
