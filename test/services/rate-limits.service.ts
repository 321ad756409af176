import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operate } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createTestIssuer } from '../support/tokens.ts';
import { type RedisProcess, startRedis, withRedisClient } from './redis-process.ts';

const issuer = createTestIssuer();

let redis: RedisProcess;
let one: TestServer;
let other: TestServer;
beforeAll(async () => {
  redis = await startRedis();
  const environment = {
    REDIS_URL: redis.url,
    RATE_LIMIT_VIEWER: '4/60',
    RATE_LIMIT_CLIENT: '1000/60',
    RATE_LIMIT_CLAIM: 'org_id=1000/60',
    RATE_LIMIT_ADDRESS: '1000/60',
    LOG_LEVEL: 'info',
  };
  one = await startTestServer(environment, issuer);
  other = await startTestServer(environment, issuer);
});
afterAll(async () => {
  await Promise.all([one?.stop(), other?.stop()]);
  await redis?.close();
});

const ask = (server: TestServer, sub: string) =>
  operate(server.endpoint, '{ public { message } }', {
    token: issuer.sign({ claims: { sub, client_id: 'canary-client', org_id: 'canary-org' } }),
  });

const statuses = async (servers: readonly TestServer[], sub: string) => {
  const found: number[] = [];
  for (const server of servers) found.push((await ask(server, sub)).status);
  return found;
};

const messages = ({ logged }: TestServer) =>
  logged.map((line): string => JSON.parse(line).msg).filter((text) => text.includes('Rate limits'));

/** Until both count in Redis: each tries again with the first request after a second. */
async function untilShared(): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    issuer.clock.advance(2);
    const sub = `probe-${attempt}-${Math.random()}`;
    const [first, second] = [await ask(one, sub), await ask(other, sub)];
    const left = [first, second].map(
      ({ headers }) => /"viewer";r=(\d)/.exec(headers['ratelimit'] ?? '')?.[1],
    );
    if (left.join() === '3,2') return;
  }
}

describe('two instances on one Redis', () => {
  it('share a limit', async () => {
    await untilShared();
    expect(await statuses([one, other, one, other, one, other], 'ada')).toEqual([
      ...[200, 200, 200, 200, 429, 429],
    ]);
    expect(await statuses([one], 'eve')).toEqual([200]);
  });

  it('allow exactly as many of 50 parallel requests', async () => {
    const found = await Promise.all(
      Array.from({ length: 50 }, (_, index) => ask(index % 2 === 0 ? one : other, 'parallel')),
    );
    expect(found.filter(({ status }) => status === 200)).toHaveLength(4);
    expect(found.filter(({ status }) => status === 429)).toHaveLength(46);
  });

  it('store hashes that expire, and nothing of a token', async () => {
    await withRedisClient(redis.url, async (client) => {
      await ask(one, 'canary-subject');
      const keys = await client.keys('*');
      expect(keys.map((key) => key.replace(/:[^:]*$/, '')).sort()).toEqual([
        'rate:address',
        'rate:claim',
        'rate:client',
        'rate:viewer',
      ]);
      for (const key of keys) {
        expect(key).toMatch(/^rate:\w+:[\w-]{43}$/);
        expect(await client.pTTL(key)).toBeGreaterThan(50_000);
      }
    });
  });
});

describe('without Redis', () => {
  it.each<[string, () => unknown, () => unknown]>([
    ['that has stopped', () => redis.kill(), () => redis.start()],
    ['that hangs', () => redis.hang(), () => redis.wake()],
  ])('%s: each instance counts for itself, until it is back', async (_, stop, start) => {
    await untilShared();
    const before = [one, other].map((server) => messages(server).length);
    await stop();
    const sub = `down-${Math.random()}`;
    // The first request of each notices.
    expect(await statuses([one, one, one, one, one], sub)).toEqual([200, 200, 200, 200, 429]);
    expect(await statuses([other, other, other, other, other], sub)).toEqual([
      ...[200, 200, 200, 200, 429],
    ]);
    await start();
    await untilShared();
    for (const [index, server] of [one, other].entries()) {
      expect(messages(server).slice(before[index])).toEqual([
        'Rate limits cannot be counted in Redis: each process counts for itself.',
        'Rate limits are counted in Redis again.',
      ]);
    }
  });
});
