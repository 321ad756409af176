import { createRedisRevocationStore } from '../../../src/adapters/redis/index.ts';
import { createRevocationList } from '../../../src/index.ts';

export async function openRevocations(url: string) {
  return createRevocationList({
    store: await createRedisRevocationStore({ url }),
    onStoreError: (error) => console.warn(error),
  });
}
