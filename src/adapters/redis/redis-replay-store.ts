import type { ReplayStore } from '../../authentication/replay/replay-store.ts';
import { loadPackage } from '../../shared/load-package.ts';

/** Options for `createRedisReplayStore`. */
export interface RedisReplayStoreOptions {
  /** A `redis://` or `rediss://` URL, with user name, password and database if needed. */
  readonly url: string;
  /** The prefix of keys. Default `dpop:`. */
  readonly prefix?: string;
  /** Milliseconds after which a command without a reply fails. Default 500. */
  readonly timeout?: number;
  /** Called each time a connection is ready, including the first time. Default: does nothing. */
  readonly onConnection?: () => void;
  /** Called on each failed attempt to connect. Default: does nothing. */
  readonly onConnectionError?: (error: unknown) => void;
}

/** A replay store on Redis. */
export interface RedisReplayStore extends ReplayStore {
  /** Closes the connection. */
  close(): void;
}

/** Commands waiting for a reply. Further ones fail immediately. */
const maxPendingCommands = 10_000;

/**
 * Creates a replay store that several instances share on Redis. Each proof is recorded with one atomic
 * `SET NX PX`.
 *
 * The returned promise does not wait for the connection. It is opened in the background, and reopened
 * whenever it is lost; in between, requests with a DPoP proof are rejected immediately with 503.
 *
 * A key that Redis loses is a proof that can be used again. So turn off eviction (`maxmemory-policy
 * noeviction`), and only fail over to replicas that have received every write.
 *
 * @throws {Error} If the package `redis` is not installed.
 *
 * @example
 * ```ts
 * const replayStore = await createRedisReplayStore({
 *   url: 'rediss://user:password@redis.example.com',
 *   onConnectionError: (error) => console.warn(error),
 * });
 * const authenticator = createAuthenticator({
 *   issuer: 'https://tenant.eu.auth0.com/',
 *   audience: 'https://api.example.com',
 *   dpop: 'required',
 *   publicUrl: 'https://api.example.com',
 *   replayStore,
 * });
 * ```
 */
export async function createRedisReplayStore(
  options: RedisReplayStoreOptions,
): Promise<RedisReplayStore> {
  const { url, prefix = 'dpop:', timeout = 500 } = options;
  const { onConnection = () => {}, onConnectionError = () => {} } = options;
  // Loaded on demand: a single instance does not need it.
  const { createClient } = await loadPackage(
    'redis',
    'createRedisReplayStore',
    () => import('redis'),
  );
  const client = createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: maxPendingCommands,
    socket: {
      connectTimeout: 2_000,
      reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, 1_000),
    },
  });
  client.on('ready', onConnection);
  client.on('error', onConnectionError);
  // Rejects only if the store is closed before it is connected.
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

/** The client's own timeout ends when a command is sent, and would wait for a Redis that hangs. */
async function withinTime<Value>(reply: Promise<Value>, timeout: number): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('Redis did not reply in time.')), timeout);
  });
  try {
    return await Promise.race([reply, timedOut]);
  } finally {
    clearTimeout(timer);
  }
}
