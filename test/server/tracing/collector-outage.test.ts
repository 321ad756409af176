import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { freePort } from '../../support/free-ports.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { startTraceCollector } from '../../support/trace-collector.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

async function startTraced(variables: Readonly<Record<string, string>>): Promise<TestServer> {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  return startTestServer(variables);
}

const query = async (server: TestServer): Promise<number> => {
  const response = await fetch(server.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ public { message } }"}',
  });
  await response.text();
  return response.status;
};

const untilLogged = (server: TestServer, lines: number): Promise<void> =>
  vi.waitFor(() => expect(server.logged).toHaveLength(lines), { timeout: 10_000, interval: 5 });

const levels: Readonly<Record<number, string>> = { 30: 'info', 40: 'warn', 50: 'error' };
const logOf = (server: TestServer): readonly (readonly [string | undefined, string])[] =>
  server.logged
    .map((line) => JSON.parse(line))
    .map(({ level, msg }) => [levels[level], String(msg).replace(/[:.].*/, '')] as const);

it('a collector that is down is reported once, and once when it is back', async () => {
  const port = await freePort();
  const server = await startTraced({
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    // A connection that is refused is not tried again: that would take longer.
    OTEL_EXPORTER_OTLP_TIMEOUT: '500',
    OTEL_BSP_SCHEDULE_DELAY: '1',
  });
  try {
    for (const lines of [1, 1, 1]) {
      expect(await query(server)).toBe(200);
      await untilLogged(server, lines);
    }
    const collector = await startTraceCollector(port);
    collector.status = 400;
    await query(server);
    await collector.until(() => collector.requests.length > 0);
    collector.status = 200;
    await query(server);
    await collector.until(() => collector.spans.length > 0);
    await untilLogged(server, 2);
    await collector.close();
    expect(logOf(server)).toEqual([
      ['warn', 'Traces could not be exported'],
      ['info', 'Traces are exported again'],
    ]);
  } finally {
    await server.stop();
  }
});

/** Sends bytes for as long as the client reads them. */
function sendEndlessly(socket: Socket): void {
  const bytes = Buffer.alloc(65_536, 'x');
  socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n');
  const send = (): void => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket.on('drain', send);
  send();
}

it.each<[string, (socket: Socket) => void, Readonly<Record<string, string>>]>([
  ['does not respond', () => {}, {}],
  ['resets connections', (socket) => socket.resetAndDestroy(), {}],
  ['responds with something else', (socket) => socket.end('SSH-2.0-server\r\n'), {}],
  ['redirects', (socket) => socket.end('HTTP/1.1 307 \r\nLocation: /v1/traces\r\n\r\n'), {}],
  ['responds without end', sendEndlessly, {}],
  // Each byte is an activity, so the timeout of a request is never reached: that of a batch is.
  [
    'begins to respond, slowly',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket.write('X-Next: 1\r\n'), 10);
      socket.on('close', () => clearInterval(timer));
    },
    { OTEL_EXPORTER_OTLP_TIMEOUT: '10000', OTEL_BSP_EXPORT_TIMEOUT: '50' },
  ],
])('a collector that %s is reported once, and requests are served', async (_, respond, others) => {
  const sockets = new Set<Socket>();
  const collector = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    socket.once('data', () => respond(socket));
    socket.resume();
  });
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const address = collector.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const server = await startTraced({
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_TIMEOUT: '200',
    OTEL_BSP_SCHEDULE_DELAY: '1',
    ...others,
  });
  expect(await query(server)).toBe(200);
  await untilLogged(server, 1);
  for (let times = 0; times < 3; times += 1) expect(await query(server)).toBe(200);
  await server.stop();
  expect(logOf(server)).toEqual([['warn', 'Traces could not be exported']]);
  for (const socket of sockets) socket.destroy();
  collector.close();
});

it('what is left is exported when the server stops', async () => {
  const collector = await startTraceCollector();
  const server = await startTraced({
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/traces`,
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20key',
  });
  await query(server);
  await server.stop();
  await collector.close();
  expect(collector.requests).toHaveLength(1);
  expect(collector.requests[0]?.headers).toMatchObject({
    'content-type': 'application/x-protobuf',
    'api-key': 'a key',
  });
  expect(collector.requests[0]?.body.toString()).toContain('POST /graphql');
});

it('a collector that does not respond does not delay the stop beyond a second', async () => {
  const collector = await startTraceCollector();
  collector.beforeResponse = () => new Promise(() => {});
  const server = await startTraced({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  await query(server);
  const start = performance.now();
  await server.stop();
  expect(performance.now() - start).toBeLessThan(5_000);
  await collector.close();
});
