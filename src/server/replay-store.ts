import type { Logger } from 'pino';
import { createMemoryReplayStore } from '../authentication/replay/memory-replay-store.ts';
import { createRedisReplayStore } from '../authentication/replay/redis-replay-store.ts';
import type { ReplayStore } from '../authentication/replay/replay-store.ts';

/** The replay store of a server. */
export interface ServerReplayStore extends ReplayStore {
  /**
   * Whether proofs can be checked at the moment, as far as is known: answers at once. What is known
   * comes from the requests, from the connection, and, where it is older than a second, from one use
   * of the store in the background.
   */
  isUsable(): boolean;
  close(): void;
}

/** What a store is opened with. */
export interface ReplayStoreSettings {
  readonly redisUrl: string | undefined;
  readonly now: (() => Date) | undefined;
  readonly log: Logger;
  /** Milliseconds of a clock that is never set. Default: the time of the process. */
  readonly elapsed?: () => number;
}

/** Opens the store: on Redis where a URL is given, else in memory. */
export async function openReplayStore(settings: ReplayStoreSettings): Promise<ServerReplayStore> {
  const { redisUrl: url, now, log, elapsed = () => performance.now() } = settings;
  if (url === undefined) {
    const store = createMemoryReplayStore(now === undefined ? {} : { now });
    // It is always there: being full, or the clock being set back, concerns proofs alone.
    return { ...watch(store, log, elapsed), isUsable: () => true, close: () => {} };
  }
  let lastProblem: string | undefined;
  const store = await createRedisReplayStore({
    url,
    onConnection: () => watched.probe(),
    onConnectionError(error) {
      watched.lose();
      // It is tried again every second: only what is new is logged.
      const problem = error instanceof Error ? error.message : String(error);
      if (problem !== lastProblem) log.warn({ err: error }, 'Redis cannot be used.');
      lastProblem = problem;
    },
  });
  const watched = watch(store, log, elapsed, () => {
    lastProblem = undefined;
  });
  return { ...watched, close: store.close };
}

/** Milliseconds after which what is known of a store is asked for again. */
const knownFor = 1_000;

/** What is used to find out whether a store can be used: an id that no proof has. */
const probeUse = { id: 'readiness', keepFor: 1_000 };

/**
 * Knows whether a store can be used. Logs when it begins to fail, and, once it no longer does, how
 * many requests that has cost.
 */
function watch(store: ReplayStore, log: Logger, elapsed: () => number, onSuccess = () => {}) {
  let isWell = false;
  let knownSince = Number.NEGATIVE_INFINITY;
  let isProbing = false;
  let isReported = false;
  let refused = 0;

  async function use(id: string, keepFor: number, by: 'request' | 'probe'): Promise<boolean> {
    try {
      const isFirst = await store.isFirstUse(id, keepFor);
      isWell = true;
      onSuccess();
      if (isReported) log.info({ refused }, 'DPoP proofs can be checked for replay again.');
      isReported = false;
      refused = 0;
      return isFirst;
    } catch (error) {
      // A probe that comes before the first connection is no outage.
      if (!isReported && (isWell || by === 'request')) {
        isReported = true;
        log.warn(
          { err: error },
          'DPoP proofs cannot be checked for replay: requests with one are refused.',
        );
      }
      isWell = false;
      throw error;
    } finally {
      knownSince = elapsed();
    }
  }

  function probe(): void {
    if (isProbing) return;
    isProbing = true;
    // Its failure is logged above.
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
        return await use(id, keepFor, 'request');
      } catch (error) {
        refused += 1;
        throw error;
      }
    },
    isUsable(): boolean {
      if (elapsed() - knownSince >= knownFor) probe();
      return isWell;
    },
    /** Finds out in the background whether the store can be used. */
    probe,
    /** The connection was lost: until the store has been used again, it cannot be. */
    lose(): void {
      isWell = false;
      knownSince = Number.NEGATIVE_INFINITY;
    },
  };
}
