import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { signInAs } from '../../src/local-issuer/sign-in.ts';
import { createTestClock } from '../support/clock.ts';
import { copyProject } from '../support/copy-project.ts';
import { freePorts } from '../support/free-ports.ts';
import { operate, send } from '../support/http.ts';
import { type ServerProcess, startProcess } from '../support/process.ts';
import { boundToken, createProof } from '../support/proofs.ts';
import { createTestIssuer, createTestKey, type TestIssuer } from '../support/tokens.ts';
import { startTraceCollector, variablesFor } from '../support/trace-collector.ts';
import { type RedisProcess, startRedis } from './redis-process.ts';

const typeDefs = `${authDirectives}

type Query {
  "The process that serves the request."
  pid: Int
  "The same, once it has to stop."
  pidAtStop: Int
  guarded: Int @auth
}
`;

const api = `export const resolvers = {
  Query: {
    pid: () => process.pid,
    pidAtStop: () =>
      new Promise((resolve) => {
        process.stdout.write(\`waiting in \${process.pid}\\n\`);
        process.once('message', () => resolve(process.pid));
      }),
    guarded: () => process.pid,
  },
};
export const testUsers = [{ name: 'ann', scopes: [] }];
`;

const started: ServerProcess[] = [];
let project: string;
let redis: RedisProcess;
let issuer: TestIssuer;
let issuerServer: Server;
beforeAll(async () => {
  project = await copyProject();
  await writeFile(join(project, 'schema.graphql'), typeDefs);
  await writeFile(join(project, 'src/api/index.ts'), api);
  redis = await startRedis();
  issuerServer = createServer(async ({ url }, response) => {
    const { status, body } = await toResponse(await issuer.fetch(`${issuer.issuer}${url}`, {}));
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  issuerServer.listen(0, '127.0.0.1');
  await once(issuerServer, 'listening');
  const address = issuerServer.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  issuer = createTestIssuer({
    issuer: `http://127.0.0.1:${port}`,
    clock: createTestClock(new Date()),
  });
});
afterAll(async () => {
  for (const server of started) {
    server.signal('SIGKILL');
    await server.ended;
  }
  issuerServer?.closeAllConnections();
  issuerServer?.close();
  await redis?.close();
  await rm(project, { recursive: true });
});

const toResponse = async (response: Response) => ({
  status: response.status,
  body: await response.text(),
});

interface Workers {
  readonly server: ServerProcess;
  readonly port: number;
  readonly endpoint: string;
}

async function start(
  environment: Readonly<Record<string, string>>,
  given?: number,
): Promise<Workers> {
  const port = given ?? (await freePorts())[0];
  const server = startProcess(
    project,
    { WORKERS: '2', PORT: String(port), ...environment },
    { main: join(project, 'src/main.ts') },
  );
  started.push(server);
  return { server, port, endpoint: `http://localhost:${port}/graphql` };
}

/** The process that serves a new connection; undefined if none does. */
async function pidOf({ endpoint }: Workers): Promise<unknown> {
  const response = await operate(endpoint, '{ pid }').catch(() => undefined);
  return response?.body.data?.['pid'];
}

/** Connects until so many processes have served one. */
async function pidsOf(workers: Workers, count = 2): Promise<ReadonlySet<unknown>> {
  const pids = new Set<unknown>();
  while (pids.size < count) pids.add(await pidOf(workers));
  return pids;
}

describe('two workers', () => {
  let workers: Workers;
  beforeAll(async () => {
    workers = await start({
      OIDC_ISSUER: issuer.issuer,
      OIDC_AUDIENCE: issuer.audience,
      REDIS_URL: redis.url,
      MAX_CONNECTIONS: '50',
    });
    await workers.server.waitForOutput('for GraphiQL');
  });

  it('accept a DPoP proof once in total', async () => {
    const key = createTestKey();
    const token = boundToken(issuer, key);
    const use = (proof: string) =>
      send(workers.endpoint, {
        method: 'POST',
        headers: [
          ...['Content-Type', 'application/json'],
          ...['Authorization', `DPoP ${token}`, 'DPoP', proof],
        ],
        body: '{"query":"{ guarded }"}',
      });
    const createOne = () => createProof({ key, token, url: workers.endpoint, clock: issuer.clock });

    // Each connects to Redis in the background.
    const ready = new Set<unknown>();
    while (ready.size < 2) {
      const { status, text } = await use(createOne());
      if (status === 200) ready.add(JSON.parse(text).data.guarded);
    }
    for (let index = 0; index < 5; index += 1) {
      const proof = createOne();
      const responses = await Promise.all(Array.from({ length: 10 }, () => use(proof)));
      const statuses = responses.map(({ status }) => status).sort();
      expect(statuses).toEqual([200, ...Array.from({ length: 9 }, () => 401)]);
    }
  });

  it('close connections beyond the limit of each', async () => {
    const sockets: Socket[] = [];
    let closed = 0;
    for (let index = 0; index < 200; index += 1) {
      const socket = connect(workers.port, 'localhost').on('error', () => {});
      socket.on('close', () => {
        closed += 1;
      });
      sockets.push(socket.resume());
    }
    // Those without a request are closed after 20 seconds.
    await expect.poll(() => closed, { timeout: 15_000 }).toBeGreaterThanOrEqual(100);
    for (const socket of sockets) socket.destroy();
    await pidsOf(workers);
  });

  it('share the port, and are replaced when they die', async () => {
    const { server } = workers;
    const pids = await pidsOf(workers);
    const [killed, other] = pids;
    for (let index = 0; index < 10; index += 1) expect(pids).toContain(await pidOf(workers));

    process.kill(Number(killed), 'SIGKILL');
    await server.waitForOutput('A worker exited. Another one replaces it.');
    const isNew = (pid: unknown): boolean => pid !== undefined && !pids.has(pid);
    const seen: unknown[] = [];
    while (!seen.some(isNew)) seen.push(await pidOf(workers));
    expect(new Set(seen)).toEqual(new Set([other, seen.find(isNew)]));
  });

  it('finish what they have begun when the process is told to stop', async () => {
    const { server, endpoint } = workers;
    const pids = await pidsOf(workers);
    const pending = operate(endpoint, '{ pidAtStop }');
    await server.waitForOutput('waiting in');

    // As a terminal or a service manager sends it, to every process.
    for (const pid of pids) {
      process.kill(Number(pid), 'SIGINT');
      process.kill(Number(pid), 'SIGTERM');
    }
    expect(await pidsOf(workers)).toEqual(pids);

    // One is still starting then.
    const busy = Number(/waiting in (\d+)/.exec(server.output.text)?.[1]);
    for (const pid of pids) if (pid !== busy) process.kill(Number(pid), 'SIGKILL');
    await server.waitForOutput(`"pid":${[...pids].find((pid) => pid !== busy)},"reason"`);
    server.signal('SIGTERM');
    expect(pids).toContain((await pending).body.data?.['pidAtStop']);
    expect(await server.ended).toBe(0);
    expect(server.output.errors).toBe('');
    expect(server.output.text.split('for GraphiQL')).toHaveLength(2);
  });
});

describe('with the local issuer', () => {
  it('one issuer serves both, and killing the process ends all of them', async () => {
    const workers = await start({ DPOP: 'off' });
    const { server, endpoint, port } = workers;
    await server.waitForOutput('for GraphiQL');
    const { access_token: token } = await signInAs({
      issuer: `http://localhost:${port + 1}/`,
      user: 'ann',
    });
    const pids = new Set<unknown>();
    while (pids.size < 2) {
      const { status, body } = await operate(endpoint, '{ guarded }', { token });
      expect(status).toBe(200);
      pids.add(body.data?.['guarded']);
    }
    expect(server.output.errors).toBe('');

    server.signal('SIGKILL');
    // Not before every process that writes to its output has ended.
    expect(await server.ended).toBe(null);
  });
});

describe('do not start', () => {
  it('with DPoP and without Redis', async () => {
    const { server } = await start({});
    expect(await server.ended).toBe(1);
    expect(server.output).toEqual({
      text: '',
      errors:
        'REDIS_URL is missing: with WORKERS=2, DPoP proofs must be recorded where all workers see them, such as redis://localhost:6379. Set it, or set DPOP=off\n',
    });
  });

  it('with a port that is in use, which is said once', async () => {
    const port = Number(new URL(issuer.issuer).port);
    const { server } = await start(
      { DPOP: 'off', OIDC_ISSUER: issuer.issuer, OIDC_AUDIENCE: issuer.audience },
      port,
    );
    expect(await server.ended).toBe(1);
    expect(server.output).toEqual({
      text: '',
      errors: `Port ${port} is already in use. Stop the other process, or set PORT.\n`,
    });
  });
});

it('each worker exports its traces', async () => {
  const collector = await startTraceCollector();
  const workers = await start({
    ...variablesFor(collector),
    OIDC_ISSUER: issuer.issuer,
    OIDC_AUDIENCE: issuer.audience,
    REDIS_URL: redis.url,
  });
  await workers.server.waitForOutput('for GraphiQL');
  await pidsOf(workers);
  await collector.until(() => new Set(collector.requests.map(({ port }) => port)).size === 2);
  workers.server.signal('SIGTERM');
  expect(await workers.server.ended).toBe(0);
  await collector.close();
});
