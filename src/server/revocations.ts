import type { Logger } from 'pino';
import { createRedisRevocationStore } from '../adapters/redis/redis-revocation-store.ts';
import {
  createRevocationList,
  type RevocationList,
} from '../authentication/revocation/revocation-list.ts';
import type { Clock } from '../shared/clock.ts';
import type { RevocationConfiguration } from './configuration/revocation.ts';

/** Options for `openRevocations`. */
export interface RevocationsOptions {
  /** Undefined: tokens are not revoked. */
  readonly revocation: RevocationConfiguration | undefined;
  readonly redisUrl: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Opens the list of revoked tokens: shared through Redis if there is a URL, otherwise in memory. */
export async function openRevocations({
  revocation,
  redisUrl: url,
  clock,
  log,
}: RevocationsOptions): Promise<RevocationList | undefined> {
  if (revocation === undefined) return undefined;
  const { maxTokenLifetime } = revocation;
  if (url === undefined) return createRevocationList({ maxTokenLifetime, clock });
  let connect = (): void => {};
  const connected = new Promise<void>((resolve) => {
    connect = resolve;
  });
  const store = await createRedisRevocationStore({ url, onConnection: () => connect() });
  let hasFailed = false;
  const list = createRevocationList({
    store: {
      add: store.add,
      async read() {
        // Nothing has failed before. That Redis cannot be reached is logged by the replay store.
        await connected;
        const entries = await store.read();
        if (hasFailed) log.info('The list of revoked tokens can be read again.');
        hasFailed = false;
        return entries;
      },
    },
    maxTokenLifetime,
    clock,
    onStoreError(err) {
      hasFailed = true;
      log.warn({ err }, 'The list of revoked tokens cannot be read.');
    },
  });
  return {
    ...list,
    get size() {
      return list.size;
    },
    close() {
      list.close();
      store.close();
    },
  };
}
