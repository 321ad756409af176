import { createRedisReplayStore } from '../../adapters/redis/redis-replay-store.ts';
import { MissingPackageError } from '../../shared/load-package.ts';
import type { Finding } from './finding.ts';

/** An id that no proof has, kept for a second. */
const probe = { id: 'doctor', keepFor: 1_000 };

/** Milliseconds for connecting. */
const timeoutMs = 3_000;

/** What `redis` throws repeats parts of the URL, such as a password before which the scheme is missing. */
const invalidUrl: Finding = {
  verdict: 'problem',
  text: 'REDIS_URL is not a valid URL of a Redis server.',
  fix: 'Set it to a URL such as redis://localhost:6379, or rediss://USER:PASSWORD@redis.example.com:6380/0 with TLS. Percent-encode special characters of the password.',
  section: 'a-setting-is-missing-or-wrong',
};

/** Records a use in Redis, as the API does with each DPoP proof. */
export async function checkRedis(url: string | undefined): Promise<readonly Finding[]> {
  if (url === undefined) return [];
  let problem = 'it does not respond';
  let end = (): void => {};
  const settled = new Promise<void>((resolve) => {
    end = resolve;
  });
  const store = await createRedisReplayStore({
    url,
    onConnection: end,
    onConnectionError(error) {
      if (error instanceof Error && 'code' in error) problem = String(error.code);
      end();
    },
  }).catch((error: unknown) => {
    if (error instanceof MissingPackageError) throw error;
  });
  if (store === undefined) return [invalidUrl];
  const timer = setTimeout(end, timeoutMs);
  try {
    await settled;
    await store.isFirstUse(probe.id, probe.keepFor);
    return [{ verdict: 'ok', text: 'Redis: the use of a proof can be recorded.' }];
  } catch {
    return [
      {
        verdict: 'problem',
        text: `Redis cannot be used (${problem}), so requests with a DPoP proof are rejected.`,
        fix: 'Check REDIS_URL: host, port, password, and rediss for TLS; and that Redis runs.',
        section: 'replay_unavailable',
      },
    ];
  } finally {
    clearTimeout(timer);
    store.close();
  }
}
