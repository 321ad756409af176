import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createRedisRevocationStore, createRevocationList } from '../../src/index.ts';
import { openRevocations } from '../../src/server/revocations.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { connectAs, subscribeTo } from '../subscriptions/raw-socket.ts';
import { readEvents } from '../subscriptions/read-events.ts';
import { createTestClock } from '../support/clock.ts';
import { send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createTestIssuer } from '../support/tokens.ts';
import { type RedisProcess, startRedis, withRedisClient } from './redis-process.ts';

// With the time of the system, because lists read Redis every second of it.
const issuer = createTestIssuer({
  clock: {
    ...createTestClock(),
    now: () => new Date(),
    seconds: () => Math.floor(Date.now() / 1000),
  },
});

let redis: RedisProcess;
let servers: readonly TestServer[];
beforeAll(async () => {
  redis = await startRedis();
  const environment = { REDIS_URL: redis.url, LOGOUT_CLIENT_ID: 'app', DPOP: 'off' };
  servers = await Promise.all([
    startTestServer(environment, issuer),
    startTestServer(environment, issuer),
  ]);
  for (const server of servers) await untilStatus(server, issuer.sign(), 200);
});
afterAll(async () => {
  await Promise.all((servers ?? []).map((server) => server.stop()));
  await redis?.close();
});

/** Lists are read every second, on a machine that can be busy. */
const patiently = { timeout: 60_000, interval: 20 };

const ask = (server: TestServer, token: string) =>
  send(server.endpoint, {
    method: 'POST',
    headers: ['Content-Type', 'application/json', 'Authorization', `Bearer ${token}`],
    body: JSON.stringify({ query: '{ private { message } }' }),
  });

async function untilStatus(server: TestServer, token: string, status: number): Promise<void> {
  await vi.waitUntil(async () => (await ask(server, token)).status === status, patiently);
}

it('logs when the list cannot be read, when it can be again, and nothing at the start', async () => {
  const own = await startRedis();
  const logged: string[] = [];
  const list = await openRevocations({
    revocation: { maxTokenLifetime: 60, logoutClientIds: [] },
    redisUrl: own.url,
    clock: systemClock,
    log: pino({ base: null }, { write: (line: string) => void logged.push(line) }),
  });
  const messages = () => logged.map((line) => JSON.parse(line).msg);
  try {
    await vi.waitUntil(() => list?.isCurrent(), patiently);
    expect(messages()).toEqual([]);
    await own.kill();
    await vi.waitUntil(() => logged.length > 0, patiently);
    await own.start();
    await vi.waitUntil(() => logged.length > 1, patiently);
    expect(messages()).toEqual([
      'The list of revoked tokens cannot be read.',
      'The list of revoked tokens can be read again.',
    ]);
  } finally {
    list?.close();
    await own.close();
  }
});

const logoutToken = (claims: Record<string, unknown>) =>
  issuer.sign({
    header: { typ: 'logout+jwt' },
    claims: {
      aud: 'app',
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      ...claims,
    },
  });

const signOut = (server: TestServer | undefined, token: string) =>
  send(`${server?.origin}/backchannel-logout`, {
    method: 'POST',
    headers: ['Content-Type', 'application/x-www-form-urlencoded'],
    body: `logout_token=${token}`,
  });

const clock = 'subscription { clock { tokenEndsIn } }';

describe('two instances on one Redis', () => {
  it('end all streams of a session within 5 seconds when its user signs out', async () => {
    const token = issuer.sign({ claims: { sub: 'ada', sid: 'one' } });
    const streams = await Promise.all(
      servers.map(async (server) =>
        readEvents(
          await fetch(server.endpoint, {
            method: 'POST',
            headers: {
              'content-type': 'application/json',
              accept: 'text/event-stream',
              authorization: `Bearer ${token}`,
            },
            body: JSON.stringify({ query: clock }),
          }),
        ),
      ),
    );
    const sockets = await Promise.all(
      servers.map(({ endpoint }) =>
        connectAs(endpoint.replace('http', 'ws'), { Authorization: `Bearer ${token}` }),
      ),
    );
    for (const socket of sockets) {
      await socket.next();
      socket.send(subscribeTo(clock));
    }
    const started = performance.now();
    expect((await signOut(servers[0], logoutToken({ sub: 'ada', sid: 'one' }))).status).toBe(200);
    const revoked = { errors: [{ extensions: { reason: 'token_revoked' } }] };
    for (const events of streams) {
      let event = await events.next();
      while (JSON.stringify(event).includes('"tokenEndsIn"')) event = await events.next();
      expect(event).toMatchObject(revoked);
    }
    for (const { closed } of sockets) {
      expect(await closed).toEqual({
        code: 4403,
        reason: 'token_revoked: The access token was revoked. Get a new one.',
      });
    }
    expect(performance.now() - started).toBeLessThan(5_000);
    for (const server of servers) expect((await ask(server, token)).status).toBe(401);
  });

  it('reject what an operator revokes, also those that start later', async () => {
    const token = issuer.sign({ claims: { sub: 'bob' } });
    for (const server of servers) expect((await ask(server, token)).status).toBe(200);
    const store = await createRedisRevocationStore({ url: redis.url });
    const revocations = createRevocationList({ store });
    try {
      await vi.waitUntil(revocations.isCurrent, patiently);
      await revocations.revoke({ issuer: issuer.issuer, subject: 'bob' });
    } finally {
      revocations.close();
      store.close();
    }
    for (const server of servers) await untilStatus(server, token, 401);
    const later = await startTestServer(
      { REDIS_URL: redis.url, REVOCATION: 'on', DPOP: 'off' },
      issuer,
    );
    try {
      await untilStatus(later, issuer.sign({ claims: { sub: 'carol' } }), 200);
      expect((await ask(later, token)).status).toBe(401);
    } finally {
      await later.stop();
    }
  });

  it('accept a logout token once in total', async () => {
    const token = logoutToken({ sub: 'dave' });
    const statuses = [];
    for (const server of [...servers, ...servers])
      statuses.push((await signOut(server, token)).status);
    expect(statuses).toEqual([200, 400, 400, 400]);
  });

  it('are not ready, and reject tokens, if they start without Redis', async () => {
    await redis.kill();
    const server = await startTestServer(
      { REDIS_URL: redis.url, REVOCATION: 'on', DPOP: 'off' },
      issuer,
    );
    try {
      const token = issuer.sign();
      expect((await ask(server, token)).status).toBe(503);
      expect((await send(`${server.origin}/readyz`)).status).toBe(503);
      await redis.start();
      await untilStatus(server, token, 200);
      expect((await send(`${server.origin}/readyz`)).status).toBe(200);
    } finally {
      await server.stop();
    }
  });
});

it('what is stored is a hash, and is removed by Redis itself', () =>
  withRedisClient(redis.url, async (client) => {
    const store = await createRedisRevocationStore({ url: redis.url });
    const list = createRevocationList({ store, maxTokenLifetime: 60 });
    try {
      await vi.waitUntil(list.isCurrent, patiently);
      await list.revoke({ issuer: issuer.issuer, tokenId: 'one' });
      const entries = await client.xRange('revocations', '-', '+');
      expect(entries).toMatchObject([
        { message: { entry: expect.stringMatching(/^\["[\w-]{43}",null\]$/) } },
      ]);
      const left = await client.pTTL('revocations');
      expect(left).toBeGreaterThan(600_000);
      expect(left).toBeLessThanOrEqual(660_000);
    } finally {
      list.close();
      store.close();
    }
  }));
