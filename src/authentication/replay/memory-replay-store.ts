import { systemClock, type TimeSource } from '../../shared/clock.ts';
import type { ReplayStore } from './replay-store.ts';

/** Options for `createMemoryReplayStore`. */
export interface MemoryReplayStoreOptions {
  /** The most proofs to remember. Default 1,000,000: 2,800 requests per second for six minutes. */
  readonly maxEntries?: number;
  /** Estimated bytes. Default 200,000,000. */
  readonly maxBytes?: number;
  /** Default: the system clock. */
  readonly clock?: TimeSource;
  /** @deprecated Use `clock`. */
  readonly now?: () => Date;
}

/** A replay store in memory. Its counters are for metrics. */
export interface MemoryReplayStore extends ReplayStore {
  readonly lifetime: 'process';
  /** The number of remembered proofs that have not expired. */
  readonly size: number;
  /** The number of failed calls of `isFirstUse`, because the store was full or the clock was set back. */
  readonly refused: number;
}

/** IDs that expire in the same period are dropped together. */
const periodMs = 30_000;

/** How long expired IDs are kept, in case the clock is set back. */
const retentionMs = 60 * 60_000;

/** Expired IDs are dropped earlier if the store is fuller than this. */
const retentionShare = 0.1;

/** Bytes per entry in addition to its ID: measured, and rounded up. */
const entryOverhead = 90;

/** The IDs that expire in one period. */
interface Generation {
  readonly ids: Set<string>;
  bytes: number;
  /** When the last one expires, in milliseconds since the epoch. */
  expiresAt: number;
}

/**
 * Creates a replay store in memory, for a single instance. It is the default of `createAuthenticator`.
 *
 * Only expired proofs are dropped. A full store rejects proofs until some have expired: requests then
 * get 503.
 *
 * If the clock is set back, expired proofs become valid again. In case that happens, those of the last
 * hour are kept while the store is at most 10% full. If the clock is set back beyond what is still
 * known, proofs are rejected until the clock has caught up; no proof is accepted twice.
 *
 * @throws {RangeError} if a limit is not positive, or `maxEntries` exceeds 10,000,000
 *
 * @example
 * ```ts
 * const replayStore = createMemoryReplayStore({ maxEntries: 100_000 });
 * setInterval(() => console.info(replayStore.size, replayStore.refused), 60_000);
 * ```
 */
export function createMemoryReplayStore(options: MemoryReplayStoreOptions = {}): MemoryReplayStore {
  const { maxEntries = 1_000_000, maxBytes = 200_000_000 } = options;
  const clock = options.clock ?? { now: options.now ?? systemClock.now };
  if (!(maxEntries > 0 && maxEntries <= 10_000_000) || !(maxBytes > 0)) {
    throw new RangeError(
      'maxEntries must be a number from 1 to 10,000,000, and maxBytes at least 1.',
    );
  }
  /** By the number of the period. There are only a few, however many IDs they have. */
  const generations = new Map<number, Generation>();
  const total = { entries: 0, bytes: 0 };
  let droppedUntil = Number.NEGATIVE_INFINITY;
  let refused = 0;

  const endOf = (number: number) => (number + 1) * periodMs;
  const isCrowded = () =>
    total.entries > maxEntries * retentionShare || total.bytes > maxBytes * retentionShare;

  function drop(number: number, { ids, bytes, expiresAt }: Generation): void {
    generations.delete(number);
    total.entries -= ids.size;
    total.bytes -= bytes;
    droppedUntil = Math.max(droppedUntil, expiresAt);
  }

  function dropExpired(time: number): void {
    const expired = [...generations].filter(([number]) => endOf(number) <= time);
    for (const [number, generation] of expired.sort(([one], [other]) => one - other)) {
      if (isCrowded() || endOf(number) <= time - retentionMs) drop(number, generation);
    }
  }

  function add(id: string, expiresAt: number, bytes: number): void {
    const number = Math.floor(expiresAt / periodMs);
    const generation = generations.get(number) ?? { ids: new Set(), bytes: 0, expiresAt };
    generation.ids.add(id);
    generation.bytes += bytes;
    generation.expiresAt = Math.max(generation.expiresAt, expiresAt);
    generations.set(number, generation);
    total.entries += 1;
    total.bytes += bytes;
  }

  const unexpired = (time: number) =>
    [...generations].flatMap(([number, { ids }]) => (endOf(number) > time ? [ids] : []));

  const refusal = (message: string): Error => {
    refused += 1;
    return new Error(message);
  };

  return {
    lifetime: 'process',
    get size() {
      return unexpired(clock.now().getTime()).reduce((sum, { size }) => sum + size, 0);
    },
    get refused() {
      return refused;
    },
    async isFirstUse(id, keepFor) {
      const time = clock.now().getTime();
      dropExpired(time);
      if (unexpired(time).some((ids) => ids.has(id))) return false;
      if (time < droppedUntil) {
        throw refusal('The clock was set back to a time whose proofs have been dropped.');
      }
      const bytes = id.length + entryOverhead;
      if (total.entries >= maxEntries || total.bytes + bytes > maxBytes) {
        throw refusal('The replay store is full.');
      }
      add(id, time + keepFor, bytes);
      return true;
    },
  };
}
