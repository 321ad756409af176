import type { ReplayStore } from './replay-store.ts';

/** Which Redis, and how. */
export interface RedisReplayStoreOptions {
  /** `redis://` or `rediss://`, with user, password and database where they are needed. */
  readonly url: string;
  /** What keys begin with. Default `dpop:`. */
  readonly prefix?: string;
  /** Milliseconds until Redis must have answered. Default 500. */
  readonly timeout?: number;
  /** Called each time a connection can be used, the first one too. Default: nothing. */
  readonly onConnection?: () => void;
  /** Called with the error of each failed attempt to connect. Default: nothing. */
  readonly onConnectionError?: (error: unknown) => void;
}

/** A store on Redis. */
export interface RedisReplayStore extends ReplayStore {
  /** Lets go of the connection. */
  close(): void;
}

/** Commands that wait for a reply. Beyond it, they fail at once. */
const maxWaiting = 10_000;

/**
 * Remembers proofs on Redis: for several instances. Each use is one `SET NX PX`, of which Redis lets
 * exactly one succeed.
 *
 * The connection is made in the background and made again whenever it is lost; while there is none,
 * every use fails at once. Eviction must be off (`maxmemory-policy noeviction`), and a replica that
 * takes over must have had every write: what Redis has lost was never used.
 */
export async function createRedisReplayStore(
  options: RedisReplayStoreOptions,
): Promise<RedisReplayStore> {
  const { url, prefix = 'dpop:', timeout = 500 } = options;
  const { onConnection = () => {}, onConnectionError = () => {} } = options;
  // Loaded only where it is wanted: most run one instance.
  const { createClient } = await import('redis');
  const client = createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: maxWaiting,
    socket: {
      connectTimeout: 2_000,
      reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, 1_000),
    },
  });
  client.on('ready', onConnection);
  client.on('error', onConnectionError);
  // It rejects only when the store is closed first.
  client.connect().catch(() => {});

  return {
    async isFirstUse(id, keepFor) {
      const reply = await withinTime(
        client.set(`${prefix}${id}`, '1', {
          condition: 'NX',
          expiration: { type: 'PX', value: keepFor },
        }),
        timeout,
      );
      return reply === 'OK';
    },
    close: () => client.destroy(),
  };
}

/** The client's own timeout ends when a command is sent; a Redis that hangs would be waited for. */
async function withinTime<Value>(reply: Promise<Value>, timeout: number): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('Redis did not answer in time.')), timeout);
  });
  try {
    return await Promise.race([reply, late]);
  } finally {
    clearTimeout(timer);
  }
}
