import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { createRedisReplayStore } from '../src/adapters/redis/redis-replay-store.ts';
import { createAuthenticator } from '../src/authentication/authenticator.ts';
import { createMemoryReplayStore } from '../src/authentication/replay/memory-replay-store.ts';
import { boundToken, createProof } from '../test/support/proofs.ts';
import { createTestIssuer, createTestKey } from '../test/support/tokens.ts';
import { type Figure, median } from './figure.ts';

/** What DPoP costs. Takes some seconds; where there is no redis-server, the figure of Redis is missing. */
export async function measureDpop(): Promise<Figure[]> {
  return [...(await cpuOfProofs()), await memoryOfStore(), ...(await latencyOfRedis())];
}

const publicUrl = 'https://api.test';
const requests = 1_500;

async function cpuOfProofs(): Promise<Figure[]> {
  const issuer = createTestIssuer();
  const { authenticate } = createAuthenticator({
    issuer: issuer.issuer,
    audience: issuer.audience,
    dpop: 'optional',
    publicUrl,
    fetch: issuer.fetch,
    clock: issuer.clock,
  });
  const key = createTestKey('ES256');
  const [bearer, token] = [issuer.sign(), boundToken(issuer, key)];
  const asBearer = () => ({ authorization: `Bearer ${bearer}` });
  const asDpop = () => ({
    authorization: `DPoP ${token}`,
    dpop: createProof({ key, token, url: `${publicUrl}/graphql`, clock: issuer.clock }),
  });

  const cpuOf = async (headersOf: () => Record<string, string>): Promise<number> => {
    const prepared = Array.from({ length: requests }, () => ({
      method: 'POST',
      url: '/graphql',
      headers: new Headers(headersOf()),
    }));
    const before = process.cpuUsage();
    for (const request of prepared) await authenticate(request);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000 / requests;
  };
  // The first runs warm up, and fetch the keys.
  await cpuOf(asBearer);
  await cpuOf(asDpop);
  const differences: number[] = [];
  for (let run = 0; run < 5; run += 1) {
    const [withBearer, withDpop] = [await cpuOf(asBearer), await cpuOf(asDpop)];
    differences.push(withDpop - withBearer);
  }
  return [
    {
      name: 'CPU of a DPoP request over a Bearer one (ES256, known key)',
      value: median(differences),
      unit: 'ms',
      limit: 1.2,
    },
  ];
}

const proofs = 1_000_000;

async function memoryOfStore(): Promise<Figure> {
  const store = createMemoryReplayStore({ maxEntries: proofs });
  const used = () => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  collect();
  const before = used();
  for (let index = 0; index < proofs; index += 1) {
    const id = createHash('sha256').update(String(index)).digest('base64url');
    await store.isFirstUse(id, 360_000);
  }
  collect();
  const held = used() - before;
  if (store.size !== proofs || store.refused !== 0) throw new Error('The store took too few.');
  return {
    name: 'memory of 1,000,000 remembered proofs',
    value: held / 1_000_000,
    unit: 'MB',
    limit: 200,
  };
}

/** Without garbage collection on demand the figure is too high, never too low. */
function collect(): void {
  globalThis.gc?.();
}

async function latencyOfRedis(): Promise<Figure[]> {
  const port = await freePort();
  const redis = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', ''],
    {
      stdio: 'ignore',
    },
  );
  const isThere = await Promise.race([
    once(redis, 'spawn').then(() => true),
    once(redis, 'error').then(() => false),
  ]);
  if (!isThere) return [];
  const store = await createRedisReplayStore({ url: `redis://127.0.0.1:${port}` });
  try {
    const use = (index: number) =>
      store.isFirstUse(createHash('sha256').update(`${index}`).digest('base64url'), 60_000);
    let isReady = false;
    while (!isReady) {
      // A use that fails at once leaves no time to connect.
      await setImmediate();
      isReady = await use(-1).then(
        () => true,
        () => false,
      );
    }
    const times: number[] = [];
    for (let index = 0; index < 2_000; index += 1) {
      const before = performance.now();
      await use(index);
      times.push(performance.now() - before);
    }
    return [
      {
        name: 'Redis as the replay store, at the median',
        value: median(times),
        unit: 'ms',
        limit: 1,
      },
    ];
  } finally {
    store.close();
    redis.kill();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { name, value, unit, limit } of await measureDpop()) {
    console.log(`${name}: ${value.toFixed(2)} ${unit}, at most ${limit} ${unit}`);
  }
}
