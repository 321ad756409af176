import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { root } from '../documentation/markdown.ts';
import { createTestClock } from '../support/clock.ts';
import { freePorts } from '../support/free-ports.ts';
import { type ServerProcess, startProcess } from '../support/process.ts';
import { boundToken, createProof } from '../support/proofs.ts';
import { createTestIssuer, createTestKey, type TestIssuer } from '../support/tokens.ts';
import { type NginxProcess, startNginx } from './nginx-process.ts';
import { type PostgresProcess, startPostgres } from './postgres-process.ts';
import { type RedisProcess, startRedis } from './redis-process.ts';

const pathOf = (name: string): string => fileURLToPath(new URL(name, root));
const key = createTestKey();
const realTime = {
  ...createTestClock(),
  now: () => new Date(),
  seconds: () => Math.floor(Date.now() / 1000),
};

let issuer: TestIssuer;
let issuerServer: Server;
let redis: RedisProcess;
let postgres: PostgresProcess;
let nginx: NginxProcess;
let folder: string;
let token: string;
let publicUrl: string;
const instances: Instance[] = [];

/** One of two processes of the built API. */
interface Instance {
  readonly origin: string;
  start(): Promise<void>;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

function createInstance(port: number): Instance {
  let server: ServerProcess | undefined;
  const end = async (signal: NodeJS.Signals) => {
    const running = server;
    server = undefined;
    running?.signal(signal);
    await running?.ended;
  };
  return {
    origin: `http://127.0.0.1:${port}`,
    async start() {
      server = startProcess(
        folder,
        {
          NODE_ENV: 'test',
          PORT: String(port),
          PUBLIC_URL: publicUrl,
          OIDC_ISSUER: issuer.issuer,
          OIDC_AUDIENCE: issuer.audience,
          DATABASE_URL: `postgres://api:password-of-the-api@127.0.0.1:${postgres.port}/api`,
          REDIS_URL: redis.url,
          GRAPHIQL: 'off',
          LOG_LEVEL: 'warn',
          SHUTDOWN_DELAY: '1',
        },
        { main: pathOf('dist/main.js') },
      );
      const { ended, output } = server;
      const origin = `http://127.0.0.1:${port}`;
      let hasEnded = false;
      void ended.then(() => {
        hasEnded = true;
      });
      for (;;) {
        if (hasEnded) throw new Error(`The API ended: ${output.text}${output.errors}`);
        const ready = await fetch(`${origin}/readyz`).then(
          ({ ok }) => ok,
          () => false,
        );
        if (ready) return;
        await wait(20);
      }
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scaling-'));
  const [port, ...ports] = await freePorts();
  publicUrl = `http://127.0.0.1:${port}`;
  issuerServer = createServer(async ({ url }, response) => {
    const found = await issuer.fetch(`${issuer.issuer}${url}`, {});
    response.writeHead(found.status, { 'content-type': 'application/json' });
    response.end(await found.text());
  });
  issuerServer.listen(0, '127.0.0.1');
  await once(issuerServer, 'listening');
  const address = issuerServer.address();
  const issuerPort = typeof address === 'object' && address ? address.port : 0;
  issuer = createTestIssuer({ issuer: `http://127.0.0.1:${issuerPort}`, clock: realTime });
  token = boundToken(issuer, key, { scope: 'read:messages write:messages' });
  [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
  await postgres.run(postgres.url('postgres'), 'drop role api');
  execFileSync(pathOf('deploy/create-role.sh'), {
    env: {
      PATH: process.env['PATH'],
      PGHOST: '127.0.0.1',
      PGPORT: String(postgres.port),
      PGUSER: 'postgres',
      API_DATABASE_PASSWORD: 'password-of-the-api',
    },
  });
  execFileSync(process.execPath, [pathOf('scripts/build.js'), '--if-changed']);
  instances.push(...ports.map(createInstance));
  // At once: one of them migrates.
  await Promise.all(instances.map((instance) => instance.start()));
  nginx = await startNginx(port, ports);
});

afterAll(async () => {
  await Promise.all(instances.map((instance) => instance.kill()));
  await nginx?.close();
  await Promise.all([redis?.close(), postgres?.close()]);
  issuerServer?.closeAllConnections();
  issuerServer?.close();
  await rm(folder, { recursive: true, force: true });
});

const [one, other] = [() => instanceAt(0), () => instanceAt(1)];
function instanceAt(index: number): Instance {
  const instance = instances[index];
  if (instance === undefined) throw new Error('There is no such instance.');
  return instance;
}

/** The credentials of a request, with a new proof. */
const credentials = (method: 'GET' | 'POST' = 'POST') => ({
  authorization: `DPoP ${token}`,
  dpop: createProof({ key, token, url: `${publicUrl}/graphql`, method, clock: realTime }),
});

const postMessage = `mutation ($text: String!, $key: ID) {
  postMessage(text: $text, idempotencyKey: $key) { id text }
}`;

const post = (origin: string, query: string, variables: object, headers = credentials()) =>
  fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });

interface Subscriber {
  /** The texts that arrived, in order. */
  readonly texts: string[];
  readonly connected: () => number;
  stop(): void;
}

const query = 'subscription { messagePosted { text } }';
const textOf = (result: { readonly data?: Record<string, unknown> | null | undefined }): string => {
  const message = result.data?.['messagePosted'];
  return typeof message === 'object' && message !== null && 'text' in message
    ? String(message.text)
    : JSON.stringify(result);
};

/** A client that subscribes over SSE, and again whenever its stream is lost. */
function subscribeOverSse(origin: string): Subscriber {
  const texts: string[] = [];
  let connected = 0;
  const client = createSseClient({
    url: `${origin}/graphql`,
    headers: async () => credentials(),
    retryAttempts: 1_000,
    retry: () => wait(50),
    fetchFn: async (...parameters: Parameters<typeof fetch>) => {
      const response = await fetch(...parameters);
      if (response.ok) connected += 1;
      return response;
    },
  });
  const stop = client.subscribe(
    { query },
    { next: (result) => void texts.push(textOf(result)), error() {}, complete() {} },
  );
  return { texts, connected: () => connected, stop };
}

/** A client that subscribes over WebSocket, and again whenever its connection is lost. */
function subscribeOverWebSocket(origin: string): Subscriber {
  const texts: string[] = [];
  let connected = 0;
  const client = createWsClient({
    url: `${origin.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams() {
      const { authorization, dpop } = credentials('GET');
      return { Authorization: authorization, DPoP: dpop };
    },
    retryAttempts: 1_000,
    shouldRetry: () => true,
    retryWait: () => wait(50),
    on: {
      connected: () => {
        connected += 1;
      },
    },
  });
  client.subscribe(
    { query },
    { next: (result) => void texts.push(textOf(result)), error() {}, complete() {} },
  );
  return { texts, connected: () => connected, stop: () => void client.dispose() };
}

/** Posts until every subscriber has got one of the messages: a stream starts later than its response. */
async function untilAllReceive(
  origins: readonly string[],
  subscribers: readonly Subscriber[],
): Promise<void> {
  const text = `until-${randomUUID()}`;
  await vi.waitUntil(
    async () => {
      for (const origin of origins) {
        await post(origin, postMessage, { text }).catch(() => {});
      }
      await wait(20);
      return subscribers.every(({ texts }) => texts.includes(text));
    },
    { timeout: 20_000 },
  );
}

describe('two instances', () => {
  it('send messages that are posted at either to subscriptions of both', async () => {
    const origins = [one().origin, other().origin];
    const subscribers = origins.flatMap((origin) => [
      subscribeOverSse(origin),
      subscribeOverWebSocket(origin),
    ]);
    try {
      await untilAllReceive(origins, subscribers);
      const texts = Array.from({ length: 20 }, (_, index) => `both-${index}`);
      for (const [index, text] of texts.entries()) {
        const response = await post(instanceAt(index % 2).origin, postMessage, { text });
        expect(await response.json()).toMatchObject({ data: { postMessage: { text } } });
      }
      for (const subscriber of subscribers) {
        const received = () => subscriber.texts.filter((text) => text.startsWith('both-'));
        await vi.waitUntil(() => received().length >= texts.length, { timeout: 10_000 });
        expect(received().sort()).toEqual([...texts].sort());
      }
    } finally {
      for (const { stop } of subscribers) stop();
    }
  });

  it('accept a proof once, also behind nginx', async () => {
    const send = async (origin: string, headers = credentials()) => {
      const response = await post(origin, '{ viewer { subject } }', {}, headers);
      await response.text();
      return response.status;
    };
    const headers = credentials();
    expect(await send(one().origin, headers)).toBe(200);
    expect(await send(other().origin, headers)).toBe(401);
    const again = credentials();
    const statuses = await Promise.all(Array.from({ length: 20 }, () => send(publicUrl, again)));
    expect(statuses.sort()).toEqual([200, ...Array.from({ length: 19 }, () => 401)]);
  });
});

/** What a client of the load below saw. */
interface Figures {
  sent: number;
  answered: number;
  repeated: number;
  /** The id that each text got. */
  readonly ids: Map<string, string>;
}

/** Posts messages one after the other; what is not answered is sent again with the same key. */
async function postMany(prefix: string, figures: Figures, isDone: () => boolean): Promise<void> {
  for (let index = 0; !isDone(); index += 1) {
    const text = `${prefix}-${index}`;
    const variables = { text, key: randomUUID() };
    for (let attempt = 0; ; attempt += 1) {
      if (attempt > 500) throw new Error(`${text} was never answered.`);
      figures.sent += 1;
      if (attempt > 0) figures.repeated += 1;
      const id = await post(publicUrl, postMessage, variables)
        .then((response) => response.json())
        .then((body) => body?.data?.postMessage?.id)
        .catch(() => undefined);
      if (typeof id === 'string') {
        figures.answered += 1;
        figures.ids.set(text, id);
        break;
      }
      await wait(20);
    }
  }
}

/** Runs the load of ten clients while something else is done. */
async function underLoad(
  name: string,
  disturb: (untilAnswered: (count: number) => Promise<void>) => Promise<void>,
): Promise<Figures> {
  const figures: Figures = { sent: 0, answered: 0, repeated: 0, ids: new Map() };
  /** Until so many more have been answered. */
  const untilAnswered = async (count: number): Promise<void> => {
    const end = figures.answered + count;
    while (figures.answered < end) await wait(5);
  };
  let isDone = false;
  const disturbed = disturb(untilAnswered).finally(() => {
    isDone = true;
  });
  const clients = Array.from({ length: 10 }, (_, index) =>
    postMany(`${name}-${index}`, figures, () => isDone),
  );
  await Promise.all([...clients, disturbed]);
  return figures;
}

/** What is in the database of what was answered. */
async function compareWithDatabase(name: string, { ids }: Figures) {
  const rows = await postgres.run(
    postgres.url('api'),
    `select id, text from messages where text like '${name}-%'`,
  );
  const stored = new Map(rows.map((row) => [String(row['text']), String(row['id'])]));
  const lost = [...ids].filter(([text, id]) => stored.get(text) !== id);
  return { stored: rows.length, lost: lost.length, twice: rows.length - stored.size };
}

describe('behind nginx, under load', () => {
  const report = (what: string, figures: Figures, database: object): void => {
    const { sent, answered, repeated } = figures;
    console.log(`${what}: ${JSON.stringify({ sent, answered, repeated, ...database })}`);
  };

  it('an instance that is killed loses nothing that was answered', async () => {
    const subscribers = Array.from({ length: 4 }, () => [
      subscribeOverSse(publicUrl),
      subscribeOverWebSocket(publicUrl),
    ]).flat();
    try {
      await untilAllReceive([publicUrl], subscribers);
      const before = subscribers.map(({ connected }) => connected());
      const figures = await underLoad('killed', async (untilAnswered) => {
        await untilAnswered(100);
        await one().kill();
        await untilAnswered(100);
        await one().start();
        await untilAnswered(100);
      });
      const database = await compareWithDatabase('killed', figures);
      await untilAllReceive([publicUrl], subscribers);
      const again = subscribers.filter(
        ({ connected }, index) => connected() > (before[index] ?? 0),
      );
      report('One of two instances was killed', figures, {
        ...database,
        subscriptions: subscribers.length,
        subscribedAgain: again.length,
      });
      expect(database).toEqual({ stored: figures.answered, lost: 0, twice: 0 });
      expect(again.length).toBeGreaterThan(0);
    } finally {
      for (const { stop } of subscribers) stop();
    }
  });

  it('instances that are replaced one by one answer every request', async () => {
    // Its first requests are slow: Redis has half a second to answer.
    await underLoad('warming', (untilAnswered) => untilAnswered(50));
    const figures = await underLoad('replaced', async (untilAnswered) => {
      for (const instance of instances) {
        await untilAnswered(20);
        await instance.stop();
        await untilAnswered(20);
        await instance.start();
        // For so long, nginx sends no requests to an instance that has refused one: `fail_timeout`.
        await wait(2_500);
      }
      await untilAnswered(20);
    });
    const database = await compareWithDatabase('replaced', figures);
    report('Both instances were replaced, one by one', figures, database);
    expect(figures.repeated).toBe(0);
    expect(database).toEqual({ stored: figures.answered, lost: 0, twice: 0 });
  }, 240_000);

  it('nginx has nothing to say about its file', async () => {
    const lines = (await nginx.errors()).split('\n');
    expect(lines.filter((line) => /\[(?:emerg|alert|crit)\]/.test(line))).toEqual([]);
  });
});
