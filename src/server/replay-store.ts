import type { Logger } from 'pino';
import { createRedisReplayStore } from '../adapters/redis/redis-replay-store.ts';
import { createMemoryReplayStore } from '../authentication/replay/memory-replay-store.ts';
import type { ReplayStore } from '../authentication/replay/replay-store.ts';
import type { TimeSource } from '../shared/clock.ts';

/** A replay store that knows whether it is available. */
export interface ServerReplayStore extends ReplayStore {
  /**
   * Whether proofs can be checked, as far as is known. Synchronous: known from requests, from the
   * connection, and, if older than a second, from one use of the store in the background.
   */
  isUsable(): boolean;
  /** How the proofs of requests were recorded, since the process started. */
  statistics(): ReplayStatistics;
  close(): void;
}

/** How many proofs were recorded. */
export interface ReplayStatistics {
  readonly first: number;
  /** Rejected: the proof had been used before. */
  readonly repeated: number;
  /** Rejected: the store failed. */
  readonly failed: number;
}

/** Options for `openReplayStore`. */
export interface ReplayStoreSettings {
  readonly redisUrl: string | undefined;
  readonly clock: TimeSource;
  readonly log: Logger;
  /** Monotonic time in milliseconds. Default: `performance.now`. */
  readonly elapsed?: () => number;
}

/** Opens the replay store: in Redis if there is a URL, otherwise in memory. */
export async function openReplayStore(settings: ReplayStoreSettings): Promise<ServerReplayStore> {
  const { redisUrl: url, clock, log, elapsed = () => performance.now() } = settings;
  if (url === undefined) {
    const store = createMemoryReplayStore({ clock });
    // Always available: a full store, or a clock that is set back, only affects single proofs.
    return { ...trackAvailability(store, log, elapsed), isUsable: () => true, close: () => {} };
  }
  let isLost = false;
  const store = await createRedisReplayStore({
    url,
    onConnection: () => tracked.probe(),
    onConnectionError(error) {
      tracked.lose();
      // Retried every second, with another error while it starts again.
      if (!isLost) log.warn({ err: error }, 'Cannot connect to Redis.');
      isLost = true;
    },
  });
  const tracked = trackAvailability(store, log, elapsed, () => {
    if (isLost) log.info('Redis can be used again.');
    isLost = false;
  });
  return { ...tracked, close: store.close };
}

/** Milliseconds after which the state of a store is checked again. */
const stateTtlMs = 1_000;

/** The use that checks a store: an id that no proof has. */
const probeUse = { id: 'readiness', keepFor: 1_000 };

/**
 * Tracks whether a store is available. Logs when it starts to fail, and, once it works again, how
 * many requests were rejected.
 */
function trackAvailability(
  store: ReplayStore,
  log: Logger,
  elapsed: () => number,
  onSuccess = () => {},
) {
  let isAvailable = false;
  let knownSince = Number.NEGATIVE_INFINITY;
  let isProbing = false;
  let isReported = false;
  let refused = 0;
  const counts = { first: 0, repeated: 0, failed: 0 };

  async function use(id: string, keepFor: number, by: 'request' | 'probe'): Promise<boolean> {
    try {
      const isFirst = await store.isFirstUse(id, keepFor);
      isAvailable = true;
      onSuccess();
      if (isReported) log.info({ refused }, 'DPoP proofs can be checked for replay again.');
      isReported = false;
      refused = 0;
      return isFirst;
    } catch (error) {
      // A probe before the first connection is not an outage.
      if (!isReported && (isAvailable || by === 'request')) {
        isReported = true;
        log.warn(
          { err: error },
          'DPoP proofs cannot be checked for replay: requests with a proof are rejected.',
        );
      }
      isAvailable = false;
      throw error;
    } finally {
      knownSince = elapsed();
    }
  }

  function probe(): void {
    if (isProbing) return;
    isProbing = true;
    // Failures are logged above.
    use(probeUse.id, probeUse.keepFor, 'probe')
      .catch(() => {})
      .finally(() => {
        isProbing = false;
      });
  }

  return {
    lifetime: store.lifetime ?? 'independent',
    async isFirstUse(id: string, keepFor: number): Promise<boolean> {
      try {
        const isFirst = await use(id, keepFor, 'request');
        counts[isFirst ? 'first' : 'repeated'] += 1;
        return isFirst;
      } catch (error) {
        refused += 1;
        counts.failed += 1;
        throw error;
      }
    },
    statistics: () => ({ ...counts }),
    isUsable(): boolean {
      if (elapsed() - knownSince >= stateTtlMs) probe();
      return isAvailable;
    },
    /** Checks in the background whether the store is available. */
    probe,
    /** The connection was lost: unavailable until the store has been used again. */
    lose(): void {
      isAvailable = false;
      knownSince = Number.NEGATIVE_INFINITY;
    },
  };
}
