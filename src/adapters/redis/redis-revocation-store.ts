import type { RevocationEntry } from '../../authentication/revocation/revocation-keys.ts';
import type { RevocationStore } from '../../authentication/revocation/revocation-list.ts';
import { connectToRedis, type RedisOptions } from './redis-client.ts';

/** Options for `createRedisRevocationStore`. */
export interface RedisRevocationStoreOptions extends RedisOptions {
  /** The key. Default `revocations`. */
  readonly key?: string;
}

/** A revocation store on Redis. */
export interface RedisRevocationStore extends RevocationStore {
  /** Closes the connection. */
  close(): void;
}

/** How many entries are read at once. */
const pageSize = 1_000;

/**
 * Creates a revocation store that several instances share on Redis (5.0 or newer). Revocations are the
 * entries of a stream, as hashes, and are trimmed when they are no longer needed. Each list needs a store of
 * its own, with the same `url` and `key`.
 *
 * The returned promise does not wait for the connection. It is opened in the background, and reopened
 * whenever it is lost; everything is then read again.
 *
 * A revocation that Redis loses is unknown to instances that start later. So let Redis persist, turn off
 * eviction (`maxmemory-policy noeviction`), and only fail over to replicas that have received every write.
 *
 * @throws {Error} If the package `redis` is not installed.
 *
 * @example
 * ```ts
 * const store = await createRedisRevocationStore({ url: 'rediss://user:password@redis.example.com' });
 * const revocations = createRevocationList({
 *   store,
 *   onStoreError: (error) => console.warn(error),
 * });
 * ```
 */
export async function createRedisRevocationStore(
  options: RedisRevocationStoreOptions,
): Promise<RedisRevocationStore> {
  const { key = 'revocations', onConnection = () => {} } = options;
  const first = '-';
  /** The ID of the last entry that was read. */
  let last = first;
  let connections = 0;
  const { client, receive, close } = await connectToRedis('createRedisRevocationStore', {
    ...options,
    onConnection() {
      connections += 1;
      // Another Redis, such as a replica that took over, can give lower IDs to new entries.
      last = first;
      onConnection();
    },
  });

  return {
    async add(entries, keepFor) {
      const threshold = Date.now() - keepFor;
      const commands = client.multi();
      for (const entry of entries) {
        commands.xAdd(
          key,
          '*',
          { entry: JSON.stringify([entry.id, entry.issuedBefore]) },
          { TRIM: { strategy: 'MINID', strategyModifier: '~', threshold } },
        );
      }
      await receive(commands.pExpire(key, keepFor).exec());
    },
    async read() {
      const connection = connections;
      const entries: RevocationEntry[] = [];
      let next = last;
      for (;;) {
        const start = next === first ? first : `(${next}`;
        const page = (await receive(client.xRange(key, start, '+', { COUNT: pageSize }))) ?? [];
        for (const { message } of page) entries.push(parseEntry(message['entry']));
        next = page.at(-1)?.id ?? next;
        if (page.length < pageSize) break;
      }
      if (connection !== connections) throw new Error('The connection to Redis was lost.');
      last = next;
      return entries;
    },
    close,
  };
}

/** Throws if it is not one: it may be of a newer version, and must not be ignored. */
function parseEntry(text: string | undefined): RevocationEntry {
  const value: unknown = JSON.parse(text ?? '');
  const [id, issuedBefore]: readonly unknown[] = Array.isArray(value) ? value : [];
  if (typeof id === 'string' && (issuedBefore === null || typeof issuedBefore === 'number')) {
    return { id, issuedBefore };
  }
  throw new Error('An entry of the revocation store is malformed.');
}
