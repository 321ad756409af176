import { systemClock, type TimeSource } from '../../shared/clock.ts';
import type { ReplayStore } from './replay-store.ts';

/** How much a store in memory holds. */
export interface MemoryReplayStoreOptions {
  /** Default 1,000,000, which is 2,800 requests a second for six minutes. */
  readonly maxEntries?: number;
  /** Bytes, as far as they can be told. Default 200,000,000. */
  readonly maxBytes?: number;
  /** What proofs expire by. Default: the system's clock. */
  readonly clock?: TimeSource;
  /** @deprecated Use `clock`. */
  readonly now?: () => Date;
}

/** A store in memory, with figures to watch. */
export interface MemoryReplayStore extends ReplayStore {
  readonly lifetime: 'process';
  /** How many proofs are remembered that have not expired. */
  readonly size: number;
  /** How many could not be taken, since the store was made: it was full, or the clock was set back. */
  readonly refused: number;
}

/** Milliseconds. What expires within one such period is forgotten together. */
const period = 30_000;

/** Milliseconds for which the expired is kept, in case the clock is set back. */
const spare = 60 * 60_000;

/** The expired is kept only while the store is no fuller than this. */
const spareShare = 0.1;

/** Bytes that an entry takes beside the characters of its id: measured, and rounded up. */
const overhead = 90;

/** What expires in one period. */
interface Generation {
  readonly ids: Set<string>;
  bytes: number;
  /** When the last of them expires. Milliseconds since the epoch. */
  until: number;
}

/**
 * Remembers proofs in this process: for one instance. What expires first goes first; nothing is
 * forgotten early: a store that is full takes no more until something has expired.
 *
 * A clock that is set back makes proofs valid again that had expired. The store keeps those of the
 * last hour for that case, in a tenth of its room. Where the clock is set back beyond what it still
 * knows, it takes no proofs until the clock has caught up, and never takes one twice.
 *
 * @throws {RangeError} where a limit is no number above 0, or more than 10,000,000 entries
 */
export function createMemoryReplayStore(options: MemoryReplayStoreOptions = {}): MemoryReplayStore {
  const { maxEntries = 1_000_000, maxBytes = 200_000_000 } = options;
  const clock = options.clock ?? { now: options.now ?? systemClock.now };
  if (!(maxEntries > 0 && maxEntries <= 10_000_000) || !(maxBytes > 0)) {
    throw new RangeError('maxEntries must be from 1 to 10000000, and maxBytes at least 1.');
  }
  /** By the number of the period in which they expire. There are few, whatever they hold. */
  const generations = new Map<number, Generation>();
  const total = { entries: 0, bytes: 0 };
  let forgottenUntil = Number.NEGATIVE_INFINITY;
  let refused = 0;

  const endOf = (number: number) => (number + 1) * period;
  const isCrowded = () =>
    total.entries > maxEntries * spareShare || total.bytes > maxBytes * spareShare;

  function forget(number: number, { ids, bytes, until }: Generation): void {
    generations.delete(number);
    total.entries -= ids.size;
    total.bytes -= bytes;
    forgottenUntil = Math.max(forgottenUntil, until);
  }

  function forgetExpired(time: number): void {
    const expired = [...generations].filter(([number]) => endOf(number) <= time);
    for (const [number, generation] of expired.sort(([one], [other]) => one - other)) {
      if (isCrowded() || endOf(number) <= time - spare) forget(number, generation);
    }
  }

  function add(id: string, until: number, bytes: number): void {
    const number = Math.floor(until / period);
    const generation = generations.get(number) ?? { ids: new Set(), bytes: 0, until };
    generation.ids.add(id);
    generation.bytes += bytes;
    generation.until = Math.max(generation.until, until);
    generations.set(number, generation);
    total.entries += 1;
    total.bytes += bytes;
  }

  const current = (time: number) =>
    [...generations].flatMap(([number, { ids }]) => (endOf(number) > time ? [ids] : []));

  const refuse = (reason: string): Error => {
    refused += 1;
    return new Error(reason);
  };

  return {
    lifetime: 'process',
    get size() {
      return current(clock.now().getTime()).reduce((sum, { size }) => sum + size, 0);
    },
    get refused() {
      return refused;
    },
    async isFirstUse(id, keepFor) {
      const time = clock.now().getTime();
      forgetExpired(time);
      if (current(time).some((ids) => ids.has(id))) return false;
      if (time < forgottenUntil) {
        throw refuse('The clock was set back, and what was used at this time has been forgotten.');
      }
      const bytes = id.length + overhead;
      if (total.entries >= maxEntries || total.bytes + bytes > maxBytes) {
        throw refuse('The replay store is full.');
      }
      add(id, time + keepFor, bytes);
      return true;
    },
  };
}
