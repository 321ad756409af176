import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAuthenticator } from '../../src/authentication/authenticator.ts';
import { createReadiness } from '../../src/server/readiness.ts';
import { openReplayStore } from '../../src/server/replay-store.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { blocksOf, readDocument } from '../documentation/markdown.ts';
import { createTestClock } from '../support/clock.ts';
import { type FakeRedis, startFakeRedis } from '../support/fake-redis.ts';
import { operate, send } from '../support/http.ts';
import { boundToken, createProof } from '../support/proofs.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createTestIssuer, createTestKey, fetchOf } from '../support/tokens.ts';

const key = createTestKey();
const publicUrl = 'https://api.example.com';

const readyz = async ({ origin }: TestServer) => (await send(`${origin}/readyz`)).status;

/** Waits for what happens in the background. The pauses are for the CPU. */
const waitUntil = (isDone: () => boolean | Promise<boolean>): Promise<boolean> =>
  vi.waitUntil(isDone, { interval: 5, timeout: 20_000 });

async function untilReadyzIs(server: TestServer, status: number): Promise<void> {
  await waitUntil(async () => (await readyz(server)) === status);
}

/** The status of a request with a fresh proof. */
async function proven({ issuer, endpoint }: TestServer): Promise<number> {
  const token = boundToken(issuer, key);
  const url = `${publicUrl}/graphql`;
  const proof = createProof({ key, token, url, clock: issuer.clock });
  const headers = ['Authorization', `DPoP ${token}`, 'DPoP', proof];
  return (await operate(endpoint, '{ private { message } }', { headers })).status;
}

describe('readiness and the keys of issuers', () => {
  it('is lost when the keys are too old, and restored with new ones', async () => {
    const server = await startTestServer();
    const { issuer } = server;
    try {
      await untilReadyzIs(server, 200);
      issuer.setDown(true);
      issuer.clock.advance(24 * 3600 - 1);
      expect(await readyz(server)).toBe(200);
      issuer.clock.advance(1);
      expect(await readyz(server)).toBe(503);
      const refused = await operate(server.endpoint, '{ private { message } }', {
        token: issuer.sign(),
      });
      expect(refused.status).toBe(503);
      issuer.setDown(false);
      issuer.clock.advance(60);
      await untilReadyzIs(server, 200);
      const logged = server.logged.filter((line) => line.includes('This instance is'));
      expect(logged.map((line) => JSON.parse(line).msg)).toEqual([
        'This instance is not ready: no issuer has usable keys.',
        'This instance is ready again.',
      ]);
    } finally {
      await server.stop();
    }
  });

  it('is kept on an instance that only gets /readyz requests', async () => {
    const server = await startTestServer();
    try {
      await untilReadyzIs(server, 200);
      for (let hours = 0; hours < 72; hours += 12) {
        server.issuer.clock.advance(12 * 3600);
        expect(await readyz(server)).toBe(200);
        await untilReadyzIs(server, 200);
      }
      expect(server.issuer.requests.keys).toBeGreaterThan(3);
    } finally {
      await server.stop();
    }
  });

  it.each([0, 1])('is reached while issuer %i of two is down', async (down) => {
    const one = createTestIssuer();
    const two = createTestIssuer({ issuer: 'https://two.test/', clock: one.clock });
    const [broken = one, working = two] = down === 0 ? [one, two] : [two, one];
    broken.setDown(true);
    const server = await startTestServer(
      { LOG_LEVEL: 'warn', OIDC_ISSUER: `${one.issuer},${two.issuer}` },
      { ...one, fetch: fetchOf(one, two) },
    );
    try {
      await untilReadyzIs(server, 200);
      const served = await operate(server.endpoint, '{ private { message } }', {
        token: working.sign(),
      });
      expect(served.status).toBe(200);
      // What it cannot do is logged, with the issuer.
      const [line = '{}'] = server.logged.filter((text) => text.includes('could not be fetched'));
      expect(JSON.parse(line)).toMatchObject({ issuer: broken.issuer });
      broken.setDown(false);
      one.clock.advance(60);
      await readyz(server);
      const later = await operate(server.endpoint, '{ private { message } }', {
        token: broken.sign(),
      });
      expect(later.status).toBe(200);
    } finally {
      await server.stop();
    }
  });
});

describe('readiness and the replay store', () => {
  let redis: FakeRedis;
  beforeAll(async () => {
    redis = await startFakeRedis();
  });
  beforeEach(() => {
    redis.mode = 'serve';
    redis.restore();
  });
  afterAll(() => redis.close());
  const start = (environment: Record<string, string> = {}) =>
    startTestServer({ PUBLIC_URL: publicUrl, REDIS_URL: redis.url, ...environment });

  it('is lost when Redis fails, and restored with it', async () => {
    const server = await start();
    try {
      await untilReadyzIs(server, 200);
      redis.mode = 'refuse';
      expect(await proven(server)).toBe(503);
      expect(await readyz(server)).toBe(503);
      // Bearer tokens are served throughout.
      const token = server.issuer.sign();
      const bearer = await operate(server.endpoint, '{ private { message } }', { token });
      expect(bearer.status).toBe(200);
      redis.mode = 'serve';
      expect(await proven(server)).toBe(200);
      expect(await readyz(server)).toBe(200);
    } finally {
      await server.stop();
    }
  });

  it('is not reached while Redis is unreachable', async () => {
    redis.cut();
    const server = await start();
    try {
      expect(await proven(server)).toBe(503);
      expect(await readyz(server)).toBe(503);
      redis.restore();
      await untilReadyzIs(server, 200);
      expect(await proven(server)).toBe(200);
    } finally {
      await server.stop();
    }
  });

  it('is waited for before the port opens, where a load balancer may not check', async () => {
    const server = await start({ SHUTDOWN_DELAY: '1' });
    try {
      expect(await proven(server)).toBe(200);
    } finally {
      await server.stop();
    }
  });

  it('is not waited for any longer than SHUTDOWN_DELAY', async () => {
    redis.cut();
    const server = await start({ SHUTDOWN_DELAY: '1' });
    try {
      expect(await proven(server)).toBe(503);
    } finally {
      await server.stop();
    }
  });

  it('does not depend on Redis if no proofs are accepted', async () => {
    redis.cut();
    const server = await start({ DPOP: 'off' });
    try {
      await untilReadyzIs(server, 200);
    } finally {
      await server.stop();
    }
  });
});

describe('the replay store of a server', () => {
  const openWith = async (redis: FakeRedis) => {
    const logged: string[] = [];
    let time = 0;
    const store = await openReplayStore({
      redisUrl: redis.url,
      clock: systemClock,
      log: pino({ base: null }, { write: (line: string) => void logged.push(line) }),
      elapsed: () => time,
    });
    const messages = (text: string) =>
      logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg.includes(text));
    const advance = (milliseconds: number) => {
      time += milliseconds;
    };
    const use = (id: string) => store.isFirstUse(id, 1_000).catch(() => 'failed');
    /** Waits until it is as expected: the connection is made in the background. */
    const until = (isUsable: boolean) =>
      waitUntil(() => {
        if (store.isUsable() === isUsable) return true;
        advance(1_000);
        return false;
      });
    return { store, messages, advance, use, until };
  };

  it('is probed at most once a second, one probe at a time, however often /readyz is requested', async () => {
    const redis = await startFakeRedis();
    const { store, advance, until } = await openWith(redis);
    try {
      await until(true);
      const before = redis.sets;
      for (let count = 0; count < 100; count += 1) store.isUsable();
      expect(redis.sets).toBe(before);
      redis.mode = 'hang';
      advance(1_000);
      for (let count = 0; count < 100; count += 1) store.isUsable();
      advance(1_000);
      expect(store.isUsable()).toBe(true);
      // Redis did not respond within half a second.
      await until(false);
      expect(redis.sets).toBe(before + 1);
    } finally {
      store.close();
      await redis.close();
    }
  });

  it('is usable as soon as it is connected', async () => {
    const redis = await startFakeRedis();
    const { store } = await openWith(redis);
    try {
      // Only the connection triggers a probe: the time does not change.
      await waitUntil(() => redis.sets > 0);
      await waitUntil(() => store.isUsable());
      expect(redis.sets).toBe(1);
    } finally {
      store.close();
      await redis.close();
    }
  });

  it('logs an outage once, and its end with the number of rejected requests', async () => {
    const redis = await startFakeRedis();
    const { store, messages, use, until } = await openWith(redis);
    try {
      await until(true);
      for (const refused of [3, 1]) {
        redis.mode = 'refuse';
        const before = messages('cannot be checked').length;
        for (let count = 0; count < refused; count += 1) expect(await use('a')).toBe('failed');
        await until(false);
        expect(messages('cannot be checked')).toHaveLength(before + 1);
        redis.mode = 'serve';
        await use('b');
        await use('b');
        expect(messages('can be checked').at(-1)).toMatchObject({ refused });
      }
      expect(messages('can be checked')).toHaveLength(2);
    } finally {
      store.close();
      await redis.close();
    }
  });

  it('logs a lost connection once, however often and with whatever errors it reconnects', async () => {
    const redis = await startFakeRedis();
    const { store, messages, use, until } = await openWith(redis);
    try {
      await until(true);
      for (let outage = 1; outage <= 2; outage += 1) {
        redis.cut();
        const problems = () => messages('Cannot connect to Redis.').map(({ err }) => err.message);
        await redis.connectedTimes(redis.connections + 2);
        redis.mode = 'load';
        redis.restore();
        await redis.connectedTimes(redis.connections + 2);
        expect(problems()).toHaveLength(outage);
        expect(store.isUsable()).toBe(false);
        redis.mode = 'serve';
        await until(true);
        expect(await use('a')).not.toBe('failed');
        expect(messages('Redis can be used again.')).toHaveLength(outage);
      }
    } finally {
      store.close();
      await redis.close();
    }
  });
});

describe('readiness', () => {
  it('is logged if it is missing when the start should be over, and when it is there', () => {
    const logged: string[] = [];
    let hasKeys = false;
    const readiness = createReadiness({
      authenticator: {
        ready: () => hasKeys,
        warmUp: async () => {},
        statistics: createAuthenticator({ issuer: 'https://issuer.test/', audience: 'api' })
          .statistics,
      },
      redis: undefined,
      clock: systemClock,
      log: pino({}, { write: (line: string) => void logged.push(JSON.parse(line).msg) }),
    });
    readiness.isReady();
    expect(logged).toEqual([]);
    readiness.logState();
    readiness.isReady();
    readiness.logState();
    expect(logged).toEqual(['This instance is not ready: no issuer has usable keys.']);
    hasKeys = true;
    readiness.isReady();
    expect(logged.slice(1)).toEqual(['This instance is ready again.']);
  });

  it('is logged five seconds after the start', async () => {
    const issuer = createTestIssuer();
    issuer.setDown(true);
    const clock = createTestClock();
    const server = await startTestServer({ LOG_LEVEL: 'warn' }, issuer, undefined, { clock });
    const lines = () => server.logged.filter((line) => line.includes('is not ready'));
    try {
      clock.advance(4);
      expect(lines()).toEqual([]);
      clock.advance(1);
      expect(lines()).toHaveLength(1);
    } finally {
      await server.stop();
    }
  });

  const silent = pino({ level: 'silent' });
  it.each<[string, boolean, boolean | undefined, boolean]>([
    ['keys alone, where no proofs are accepted', true, undefined, true],
    ['keys and a store', true, true, true],
    ['keys without the store', true, false, false],
    ['a store without keys', false, true, false],
  ])('requires: %s', (_, hasKeys, isUsable, isReady) => {
    let warmed = 0;
    const readiness = createReadiness({
      authenticator: {
        ready: () => hasKeys,
        warmUp: async () => {
          warmed += 1;
          throw new Error('An issuer is down.');
        },
        statistics: createAuthenticator({ issuer: 'https://issuer.test/', audience: 'api' })
          .statistics,
      },
      redis: isUsable === undefined ? undefined : { isUsable: () => isUsable },
      clock: systemClock,
      log: silent,
    });
    expect(readiness.isReady()).toBe(isReady);
    expect(warmed).toBe(1);
    readiness.drain();
    expect(readiness.isReady()).toBe(false);
    expect(warmed).toBe(1);
  });
});

describe('/readyz as JSON', () => {
  const json = ['Accept', 'application/json'];
  const report = async ({ origin }: TestServer) => {
    const { status, headers, text } = await send(`${origin}/readyz`, { headers: json });
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      vary: 'Origin, Accept',
    });
    return { code: status, ...JSON.parse(text) };
  };

  it('has the members that docs/production.md shows', () => {
    const [shown] = blocksOf(readDocument('docs/production.md')).filter(
      ({ language }) => language === 'json',
    );
    const readiness = createReadiness({
      authenticator: createAuthenticator({
        issuer: 'https://one.example.com/',
        audience: 'api',
        fetch: async () => new Response(null, { status: 503 }),
      }),
      redis: { isUsable: () => true },
      revocations: { isCurrent: () => true },
      database: { isUsable: () => false },
      clock: systemClock,
      log: pino({ level: 'silent' }),
    });
    const [report, documented] = [readiness.report(), JSON.parse(shown?.text ?? '')];
    expect(Object.keys(report)).toEqual(Object.keys(documented));
    expect(Object.keys(report.issuers[0] ?? {})).toEqual(Object.keys(documented.issuers[0]));
    const { issuers: _, ...parts } = documented;
    expect(report).toMatchObject(parts);
  });

  it('tells each part and each issuer', async () => {
    const one = createTestIssuer();
    const two = createTestIssuer({ issuer: 'https://two.test/', clock: one.clock });
    const redis = await startFakeRedis();
    const server = await startTestServer(
      {
        OIDC_ISSUER: `${one.issuer},${two.issuer}`,
        PUBLIC_URL: publicUrl,
        REDIS_URL: redis.url,
        LOG_LEVEL: 'error',
      },
      { ...one, fetch: fetchOf(one, two) },
    );
    try {
      await untilReadyzIs(server, 200);
      expect(await report(server)).toEqual({
        code: 200,
        status: 'ready',
        issuers: [
          { issuer: one.issuer, fetches: 'ok', keysAge: 0 },
          { issuer: two.issuer, fetches: 'ok', keysAge: 0 },
        ],
        redis: 'ready',
      });
      two.setDown(true);
      one.clock.advance(600);
      await expect
        .poll(() => report(server))
        .toMatchObject({
          issuers: [
            { issuer: one.issuer, fetches: 'ok', keysAge: 0 },
            { issuer: two.issuer, fetches: 'failing', keysAge: 600 },
          ],
        });
      redis.mode = 'refuse';
      await proven(server);
      expect(await report(server)).toMatchObject({
        code: 503,
        status: 'unavailable',
        redis: 'unavailable',
      });
    } finally {
      await server.stop();
      await redis.close();
    }
  });

  it.each<[string | undefined, 'text' | 'json']>([
    [undefined, 'text'],
    ['*/*', 'text'],
    ['text/html,*/*;q=0.8', 'text'],
    ['application/json', 'json'],
    ['text/plain;q=0.5, application/json', 'json'],
    ['application/json;q=0.5, text/plain', 'text'],
  ])('is sent with Accept: %s as %s', async (accept, expected) => {
    const server = await startTestServer();
    try {
      const headers = accept === undefined ? [] : ['Accept', accept];
      const { text } = await send(`${server.origin}/readyz`, { headers });
      expect(text.startsWith('{') ? 'json' : 'text').toBe(expected);
    } finally {
      await server.stop();
    }
  });

  it('says that the instance is stopping', async () => {
    const server = await startTestServer({ SHUTDOWN_DELAY: '1' });
    await untilReadyzIs(server, 200);
    const stopped = server.stop();
    expect(await report(server)).toMatchObject({ code: 503, status: 'stopping' });
    await stopped;
  });
});
