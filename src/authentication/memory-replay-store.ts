import type { ReplayStore } from './replay-store.ts';

/** How much a store in memory holds. */
export interface MemoryReplayStoreOptions {
  /** Default 1,000,000, which is 2,800 requests a second for six minutes. */
  readonly maxEntries?: number;
  /** Bytes, as far as they can be told. Default 200,000,000. */
  readonly maxBytes?: number;
  /** The current time. Default: the system's clock. */
  readonly now?: () => Date;
}

/** A store in memory, with figures to watch. */
export interface MemoryReplayStore extends ReplayStore {
  /** How many proofs are remembered. */
  readonly size: number;
  /** How many could not be taken, since the store was made, because it was full. */
  readonly refused: number;
}

/** Milliseconds. What expires within one such period is forgotten together, at its end. */
const period = 30_000;

/** Bytes that an entry takes beside the characters of its id: measured, and rounded up. */
const overhead = 90;

/** What is remembered until one moment. */
interface Generation {
  readonly ids: Set<string>;
  bytes: number;
}

/**
 * Remembers proofs in this process: for one instance. What expires first goes first; nothing is
 * forgotten early: a store that is full takes no more until something has expired.
 *
 * @throws {RangeError} where a limit is no number above 0, or more than 10,000,000 entries
 */
export function createMemoryReplayStore(options: MemoryReplayStoreOptions = {}): MemoryReplayStore {
  const { maxEntries = 1_000_000, maxBytes = 200_000_000, now = () => new Date() } = options;
  if (!(maxEntries > 0 && maxEntries <= 10_000_000) || !(maxBytes > 0)) {
    throw new RangeError('maxEntries must be from 1 to 10000000, and maxBytes at least 1.');
  }
  /** By the period at whose end they are forgotten. There are few, whatever they hold. */
  const generations = new Map<number, Generation>();
  let refused = 0;

  const sum = (of: (generation: Generation) => number) =>
    [...generations.values()].reduce((total, generation) => total + of(generation), 0);

  function forgetExpired(time: number): void {
    for (const last of generations.keys()) {
      if ((last + 1) * period <= time) generations.delete(last);
    }
  }

  return {
    get size() {
      return sum(({ ids }) => ids.size);
    },
    get refused() {
      return refused;
    },
    async isFirstUse(id, keepFor) {
      const time = now().getTime();
      forgetExpired(time);
      for (const { ids } of generations.values()) if (ids.has(id)) return false;

      const bytes = id.length + overhead;
      if (
        sum(({ ids }) => ids.size) >= maxEntries ||
        sum((generation) => generation.bytes) + bytes > maxBytes
      ) {
        refused += 1;
        throw new Error('The replay store is full.');
      }
      const last = Math.floor((time + keepFor) / period);
      const generation = generations.get(last) ?? { ids: new Set(), bytes: 0 };
      generation.ids.add(id);
      generation.bytes += bytes;
      generations.set(last, generation);
      return true;
    },
  };
}
