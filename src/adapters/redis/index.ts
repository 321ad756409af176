/** The entry `graphql-resource-server/redis` of the package. */
export {
  createRedisReplayStore,
  type RedisReplayStore,
  type RedisReplayStoreOptions,
} from './redis-replay-store.ts';
