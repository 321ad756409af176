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
  const store = await createRedisReplayStore({ url });
  return { ...watch(store, log), close: store.close };
}

/** Logs when a store begins to fail, and, once it does no more, how many requests that has cost. */
function watch(store: ReplayStore, log: Logger): ReplayStore {
  let failures = 0;
  return {
    async isFirstUse(id, keepFor) {
      try {
        const isFirst = await store.isFirstUse(id, keepFor);
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
