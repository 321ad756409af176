/** The entry `graphql-resource-server/redis` of the package. */
export type { RedisOptions } from './redis-client.ts';
export {
  createRedisEventTarget,
  type RedisEventTarget,
  type RedisEventTargetOptions,
} from './redis-event-target.ts';
export {
  createRedisReplayStore,
  type RedisReplayStore,
  type RedisReplayStoreOptions,
} from './redis-replay-store.ts';
export {
  createRedisRevocationStore,
  type RedisRevocationStore,
  type RedisRevocationStoreOptions,
} from './redis-revocation-store.ts';
