import type { Logger } from 'pino';
import { createMemoryReplayStore } from '../authentication/memory-replay-store.ts';
import { createRedisReplayStore } from '../authentication/redis-replay-store.ts';
import type { ReplayStore } from '../authentication/replay-store.ts';

/** The replay store of a server. */
export interface ServerReplayStore extends ReplayStore {
  close(): void;
}

/** Opens the store: on Redis where a URL is given, else in memory. */
export async function openReplayStore(options: {
  readonly redisUrl: string | undefined;
  readonly now: (() => Date) | undefined;
  readonly log: Logger;
}): Promise<ServerReplayStore> {
  const { redisUrl: url, now, log } = options;
  if (url === undefined) {
    const store = createMemoryReplayStore(now === undefined ? {} : { now });
    return { ...watch(store, log), close: () => {} };
  }
  let lastFault: string | undefined;
  const store = await createRedisReplayStore({
    url,
    onConnectionError(error) {
      // It is tried again every second: what is new is told.
      const fault = error instanceof Error ? error.message : String(error);
      if (fault !== lastFault) log.warn({ err: error }, 'Redis cannot be used.');
      lastFault = fault;
    },
  });
  const watched = watch(store, log, () => {
    lastFault = undefined;
  });
  return { ...watched, close: store.close };
}

/** Logs when a store begins to fail, and, once it does no more, how many requests that has cost. */
function watch(store: ReplayStore, log: Logger, onSuccess = () => {}): ReplayStore {
  let failures = 0;
  return {
    async isFirstUse(id, keepFor) {
      try {
        const isFirst = await store.isFirstUse(id, keepFor);
        onSuccess();
        if (failures > 0) {
          log.info({ refused: failures }, 'DPoP proofs can be checked for replay again.');
        }
        failures = 0;
        return isFirst;
      } catch (error) {
        failures += 1;
        if (failures === 1) {
          log.warn(
            { err: error },
            'DPoP proofs cannot be checked for replay: requests with one are refused.',
          );
        }
        throw error;
      }
    },
  };
}
