import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { send } from '../support/http.ts';
import { boundToken, createProof } from '../support/proofs.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createTestIssuer, createTestKey } from '../support/tokens.ts';
import { type RedisProcess, startRedis, withRedisClient } from './redis-process.ts';

const issuer = createTestIssuer();
const key = createTestKey();
const publicUrl = 'https://api.test';
const password = 's3cret-of-redis';

let redis: RedisProcess;
let one: TestServer;
let other: TestServer;
beforeAll(async () => {
  redis = await startRedis(password);
  const environment = {
    PUBLIC_URL: publicUrl,
    REDIS_URL: redis.url,
    DPOP_NONCE: 'off',
    LOG_LEVEL: 'info',
  };
  one = await startTestServer(environment, issuer);
  other = await startTestServer(environment, issuer);
  await untilServed(one);
  await untilServed(other);
});
afterAll(async () => {
  await Promise.all([one?.stop(), other?.stop()]);
  await redis?.close();
});

const token = boundToken(issuer, key);
const createOne = () =>
  createProof({ key, token, url: `${publicUrl}/graphql`, clock: issuer.clock });

const ask = (server: TestServer, proof: string) =>
  send(server.endpoint, {
    method: 'POST',
    headers: [
      ...['Content-Type', 'application/json'],
      ...['Authorization', `DPoP ${token}`, 'DPoP', proof],
    ],
    body: JSON.stringify({ query: '{ private { message } }' }),
  });

const statusOf = async (server: TestServer, proof: string) => (await ask(server, proof)).status;

/** The connection is made in the background: asks with new proofs until one is served. */
async function untilServed(server: TestServer): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (;;) {
    const status = await statusOf(server, createOne());
    statuses.push(status);
    if (status === 200) return statuses;
  }
}

describe('two instances on one Redis', () => {
  it('a proof that was used at one is refused at the other, in both directions', async () => {
    for (const [first, second] of [
      [one, other],
      [other, one],
    ] as const) {
      const proof = createOne();
      expect(await statusOf(first, proof)).toBe(200);
      expect(await statusOf(second, proof)).toBe(401);
      expect(await statusOf(first, proof)).toBe(401);
    }
  });

  it('50 parallel uses of one proof give exactly one success', async () => {
    const proof = createOne();
    const statuses = await Promise.all(
      Array.from({ length: 50 }, (_, index) => statusOf(index % 2 === 0 ? one : other, proof)),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(49);
  });

  it('50 proofs at once are 50 successes', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        statusOf(index % 2 === 0 ? one : other, createOne()),
      ),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
  });
});

describe('a Redis that is gone', () => {
  afterEach(async () => {
    await untilServed(one);
    await untilServed(other);
  });

  it('gives 503 and never a success, and comes back by itself', async () => {
    const used = createOne();
    expect(await statusOf(one, used)).toBe(200);
    await redis.kill();
    for (const server of [one, other]) {
      const answers = await Promise.all(
        [used, createOne(), createOne()].map((proof) => ask(server, proof)),
      );
      for (const { status, headers } of answers) {
        expect([status, headers['www-authenticate']]).toEqual([503, undefined]);
        expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      }
    }
    await redis.start();
    for (const server of [one, other]) {
      const statuses = await untilServed(server);
      expect(new Set(statuses.slice(0, -1))).toEqual(new Set(statuses.length > 1 ? [503] : []));
    }
    const proof = createOne();
    expect([await statusOf(one, proof), await statusOf(other, proof)]).toEqual([200, 401]);
  });

  it('that hangs gives 503 in time, and lets nothing through afterwards twice', async () => {
    const proof = createOne();
    redis.hang();
    const started = performance.now();
    try {
      expect(await statusOf(one, proof)).toBe(503);
      expect(performance.now() - started).toBeLessThan(2_000);
    } finally {
      redis.wake();
    }
    await untilServed(one);
    // The command may have been carried out: then it counts as used, never as unused twice.
    const statuses = [await statusOf(one, proof), await statusOf(other, proof)];
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(1);
    expect(statuses[1]).toBe(401);
  });

  it('is logged once when it goes and once when it is back, without a secret', () => {
    const text = one.logged.join('');
    expect(text.match(/cannot be checked for replay/g)?.length).toBe(
      text.match(/can be checked for replay again/g)?.length,
    );
    expect(text).toContain('cannot be checked for replay');
    for (const secret of [password, token.slice(0, 20)]) expect(text).not.toContain(secret);
  });
});

it('a server starts while Redis is down, and serves what needs none', async () => {
  await redis.kill();
  const server = await startTestServer({ PUBLIC_URL: publicUrl, REDIS_URL: redis.url }, issuer);
  try {
    expect(await statusOf(server, createOne())).toBe(503);
    expect((await send(`${server.origin}/livez`)).status).toBe(200);
    await redis.start();
    expect((await untilServed(server)).at(-1)).toBe(200);
  } finally {
    await server.stop();
  }
});

it('a wrong password is told in the log, and nothing of it', async () => {
  const wrong = redis.url.replace(password, 'wr0ng-of-redis');
  const server = await startTestServer({ PUBLIC_URL: publicUrl, REDIS_URL: wrong }, issuer);
  try {
    while (!server.logged.some((line) => line.includes('Cannot connect to Redis.'))) {
      expect(await statusOf(server, createOne())).toBe(503);
    }
    expect(server.logged.join('')).toContain('WRONGPASS');
    expect(server.logged.join('')).not.toContain('wr0ng-of-redis');
    expect((await send(`${server.origin}/livez`)).status).toBe(200);
  } finally {
    await server.stop();
  }
});

it('what is stored holds nothing of the request, and goes by itself', () =>
  withRedisClient(redis.url, async (client) => {
    // The test before has started Redis again.
    await untilServed(one);
    await client.flushAll();
    expect(await statusOf(one, createOne())).toBe(200);
    const keys = (await client.keys('*')).filter((name) => name !== 'dpop:readiness');
    expect(keys).toEqual([expect.stringMatching(/^dpop:[\w-]{43}$/)]);
    const left = await client.pTTL(keys[0] ?? '');
    expect(left).toBeGreaterThan(330_000);
    expect(left).toBeLessThanOrEqual(360_000);
  }));

it('/readyz follows Redis, down and up again', async () => {
  const readyz = async () => (await send(`${one.origin}/readyz`)).status;
  const until = async (status: number) => {
    while ((await readyz()) !== status) await new Promise((resolve) => setImmediate(resolve));
  };
  await until(200);
  await redis.kill();
  await until(503);
  await redis.start();
  await until(200);
});
