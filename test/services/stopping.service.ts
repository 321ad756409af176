import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { Agent, createServer, request, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { readEvents } from '../subscriptions/read-events.ts';
import { createTestClock } from '../support/clock.ts';
import { copyProject } from '../support/copy-project.ts';
import { freePorts } from '../support/free-ports.ts';
import { type ServerProcess, startProcess } from '../support/process.ts';
import { createTestIssuer, type TestIssuer } from '../support/tokens.ts';

const typeDefs = `${authDirectives}

type Query {
  "After 20 milliseconds."
  slow: Int @auth
}
type Mutation {
  slow: Int @auth
}
type Subscription {
  "A number every 20 milliseconds."
  numbers: Int @auth
}
`;

const api = `import { setTimeout as wait } from 'node:timers/promises';
let ran = 0;
process.on('exit', () => process.stdout.write(\`ran \${ran}\\n\`));
const slow = () => {
  ran += 1;
  return wait(20, 1);
};
export const resolvers = {
  Query: { slow },
  Mutation: { slow },
  Subscription: {
    numbers: {
      async *subscribe() {
        for (let numbers = 1; ; numbers += 1) {
          yield { numbers };
          await wait(20);
        }
      },
    },
  },
};
export const testUsers = [{ name: 'ann', scopes: [] }];
`;

let project: string;
let issuer: TestIssuer;
let issuerServer: Server;
let authorization: string;
const started: ServerProcess[] = [];

beforeAll(async () => {
  project = await copyProject();
  await writeFile(join(project, 'schema.graphql'), typeDefs);
  await writeFile(join(project, 'src/api/index.ts'), api);
  issuerServer = createServer(async ({ url }, response) => {
    const found = await issuer.fetch(`${issuer.issuer}${url}`, {});
    response.writeHead(found.status, { 'content-type': 'application/json' });
    response.end(await found.text());
  });
  issuerServer.listen(0, '127.0.0.1');
  await once(issuerServer, 'listening');
  const address = issuerServer.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  issuer = createTestIssuer({
    issuer: `http://127.0.0.1:${port}`,
    clock: createTestClock(new Date()),
  });
  authorization = `Bearer ${issuer.sign()}`;
});
afterAll(async () => {
  for (const server of started) {
    server.signal('SIGKILL');
    await server.ended;
  }
  issuerServer?.closeAllConnections();
  issuerServer?.close();
  await rm(project, { recursive: true });
});

/** What clients of one kind saw. */
interface Figures {
  sent: number;
  /** With a result, or the last error of a subscription. */
  answered: number;
  /** Not begun: the connection was refused, or closed with 1001, or an error says `stopping`. */
  refused: number;
  /** A new connection ended without a response. */
  reset: number;
  lost: number;
}

const noFigures = (): Figures => ({ sent: 0, answered: 0, refused: 0, reset: 0, lost: 0 });

/** Sends one operation. Resolves to the status. */
function post(endpoint: string, agent: Agent | false, query: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', authorization };
    const outgoing = request(endpoint, { method: 'POST', agent, headers }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode));
    });
    outgoing.once('error', reject);
    outgoing.end(JSON.stringify({ query }));
  });
}

/**
 * Sends operations, one after the other, until connections are refused.
 *
 * @param agent Keeps one connection open. `false`: each operation has a connection of its own.
 */
async function callOverHttp(
  endpoint: string,
  figures: Figures,
  agent: Agent | false = new Agent({ keepAlive: true, maxSockets: 1 }),
): Promise<void> {
  for (let index = 0; ; index += 1) {
    try {
      const status = await post(
        endpoint,
        agent,
        index % 2 === 0 ? '{ slow }' : 'mutation { slow }',
      );
      figures.sent += 1;
      figures[status === 200 ? 'answered' : 'lost'] += 1;
    } catch (error) {
      figures.sent += 1;
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      figures[code === 'ECONNREFUSED' ? 'refused' : code === 'ECONNRESET' ? 'reset' : 'lost'] += 1;
      break;
    }
  }
  if (agent) agent.destroy();
}

/** Subscribes over SSE. Answered if the stream has a last error, and completes. */
async function subscribeOverSse(endpoint: string, figures: Figures): Promise<void> {
  figures.sent += 1;
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization },
    body: JSON.stringify({ query: 'subscription { numbers }' }),
  });
  const events = readEvents(response);
  const last: unknown[] = [];
  for (let event = await events.next(); event !== 'end'; event = await events.next()) {
    last.push(event);
    if (last.length > 2) last.shift();
  }
  const isComplete = last[1] === 'complete' && JSON.stringify(last[0]).includes('"stopping"');
  figures[isComplete ? 'answered' : 'lost'] += 1;
}

/** Runs an operation. Resolves to its results, once it has completed. */
function results(client: Client, query: string): Promise<readonly unknown[]> {
  return new Promise((resolve, reject) => {
    const found: unknown[] = [];
    client.subscribe(
      { query },
      {
        next: (result) => void found.push(result),
        error: reject,
        complete: () => resolve(found),
      },
    );
  });
}

const isStopping = (error: unknown): boolean => JSON.stringify(error).includes('"stopping"');
const closeCode = (event: unknown): unknown =>
  typeof event === 'object' && event && 'code' in event ? event.code : undefined;

/** Subscribes over WebSocket, and sends other operations on the same connection. */
async function callOverWebSocket(
  endpoint: string,
  figures: Figures,
  codes: unknown[],
): Promise<void> {
  let isClosed = false;
  const client = createClient({
    url: endpoint.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: authorization },
    retryAttempts: 0,
    lazy: false,
    onNonLazyError() {},
    on: {
      closed(event) {
        isClosed = true;
        codes.push(closeCode(event));
      },
    },
  });
  async function call(query: string, isAnswered: (last: unknown) => boolean): Promise<void> {
    figures.sent += 1;
    const last = await results(client, query).then(
      (all) => all.at(-1),
      (error: unknown) => error,
    );
    if (isAnswered(last)) figures.answered += 1;
    else figures[isStopping(last) || closeCode(last) === 1001 ? 'refused' : 'lost'] += 1;
  }
  const subscribed = call('subscription { numbers }', isStopping);
  while (!isClosed) await call('{ slow }', (last) => JSON.stringify(last).includes('"slow":1'));
  await subscribed;
  await client.dispose();
}

describe.each([1, 2])('SIGTERM under load, with WORKERS=%i', (workers) => {
  it('loses nothing that was sent, and exits with 0 in time', async () => {
    const [port] = await freePorts();
    const endpoint = `http://localhost:${port}/graphql`;
    const server = startProcess(
      project,
      {
        PORT: String(port),
        WORKERS: String(workers),
        DPOP: 'off',
        NODE_ENV: 'test',
        SHUTDOWN_DELAY: '2',
        OIDC_ISSUER: issuer.issuer,
        OIDC_AUDIENCE: issuer.audience,
      },
      { main: join(project, 'src/main.ts') },
    );
    started.push(server);
    await server.waitForOutput('GraphQL');
    const readyz = () =>
      fetch(`http://localhost:${port}/readyz`, { headers: { connection: 'close' } }).then(
        ({ status }) => status,
        () => 'refused',
      );
    await expect.poll(readyz, { timeout: 10_000 }).toBe(200);

    const http = noFigures();
    const oneShot = noFigures();
    const sse = noFigures();
    const webSocket = noFigures();
    const codes: unknown[] = [];
    const load = Promise.all(
      Array.from({ length: 8 }, () => [
        callOverHttp(endpoint, http),
        callOverHttp(endpoint, oneShot, false),
        subscribeOverSse(endpoint, sse),
        callOverWebSocket(endpoint, webSocket, codes),
      ]).flat(),
    );
    await expect
      .poll(() => http.answered + oneShot.answered, { timeout: 20_000 })
      .toBeGreaterThan(100);
    const before = performance.now();
    server.signal('SIGTERM');
    const seen: unknown[] = [];
    while (seen.at(-1) !== 'refused') {
      const status = await readyz();
      if (status !== seen.at(-1)) seen.push(status);
      await wait(10);
    }
    await load;
    const code = await server.ended;
    const seconds = ((performance.now() - before) / 1_000).toFixed(1);
    const ran = [...server.output.text.matchAll(/^ran (\d+)$/gm)].reduce(
      (sum, [, count]) => sum + Number(count),
      0,
    );
    console.log(
      `SIGTERM under load, ${workers} worker(s), exit after ${seconds} s: ${JSON.stringify({ http, oneShot, sse, webSocket, ran })}`,
    );
    expect(code).toBe(0);
    expect(server.output.errors).toBe('');
    expect(seen.filter((status) => status !== 200)).toEqual([503, 'refused']);
    expect([http.lost, oneShot.lost, sse.lost, webSocket.lost]).toEqual([0, 0, 0, 0]);
    expect(http.reset).toBe(0);
    // What connects in the moment in which the port closes. One process can be too busy to see the last
    // ones, too; the primary does nothing else. Nothing of them has run.
    expect(oneShot.reset).toBeLessThanOrEqual(workers === 1 ? 3 : 1);
    expect(sse.answered).toBe(8);
    // All of the subscriptions over WebSocket, and whatever began.
    expect(ran).toBe(http.answered + oneShot.answered + webSocket.answered - 8);
    expect(codes).toEqual(Array.from({ length: 8 }, () => 1001));
  }, 180_000);
});
