import type { ReplayStore } from '../../authentication/replay/replay-store.ts';
import { connectToRedis, type RedisOptions } from './redis-client.ts';

/** Options for `createRedisReplayStore`. */
export interface RedisReplayStoreOptions extends RedisOptions {
  /** The prefix of keys. Default `dpop:`. */
  readonly prefix?: string;
}

/** A replay store on Redis. */
export interface RedisReplayStore extends ReplayStore {
  /** Closes the connection. */
  close(): void;
}

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
  const { prefix = 'dpop:' } = options;
  const { client, receive, close } = await connectToRedis('createRedisReplayStore', options);

  return {
    async isFirstUse(id, keepFor) {
      const reply = await receive(
        client.set(`${prefix}${id}`, '1', {
          condition: 'NX',
          expiration: { type: 'PX', value: keepFor },
        }),
      );
      return reply === 'OK';
    },
    close,
  };
}
