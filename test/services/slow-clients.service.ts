import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildFixtureApi } from '../support/fixture-api.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/* Real time and real sockets: how long a client can hold a connection that it does not use. */

const megabyte = 'x'.repeat(1_000_000);
const endless = {
  typeDefs: 'extend type Query { large: String } extend type Subscription { large: String }',
  resolvers: {
    Query: { large: () => megabyte.repeat(60) },
    Subscription: {
      large: {
        async *subscribe() {
          for (;;) {
            made += 1;
            yield { large: megabyte };
          }
        },
      },
    },
  },
};
/** Events that the subscription has been asked for. */
let made = 0;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer(
    { REQUEST_TIMEOUT: '3', IDLE_TIMEOUT: '2', WRITE_TIMEOUT: '5' },
    undefined,
    buildFixtureApi(endless),
  );
});
afterAll(() => server?.stop());

interface Held {
  readonly seconds: number;
  readonly received: string;
}

/** Opens a connection, and waits until it is closed. */
async function hold(use: (socket: Socket) => void): Promise<Held> {
  const socket = connect(Number(new URL(server.origin).port), '127.0.0.1');
  let received = '';
  socket.on('error', () => {});
  socket.on('data', (data) => {
    received += String(data).slice(0, 100);
  });
  await once(socket, 'connect');
  const start = performance.now();
  use(socket);
  await once(socket, 'close');
  return { seconds: (performance.now() - start) / 1000, received };
}

/** Sends a text, and then one byte after another. */
const trickle =
  (head: string, rest: string) =>
  (socket: Socket): void => {
    socket.write(head);
    let at = 0;
    const timer = setInterval(() => socket.write(rest[at++ % rest.length] ?? ''), 200);
    socket.once('close', () => clearInterval(timer));
  };

const head = (...headers: readonly string[]): string =>
  ['POST /graphql HTTP/1.1', 'Host: localhost', 'Content-Type: application/json', ...headers].join(
    '\r\n',
  );

const post = (query: string): string => {
  const body = JSON.stringify({ query });
  return `${head(`Content-Length: ${body.length}`)}\r\n\r\n${body}`;
};

const get = (query: string, accept: string): string =>
  [
    `GET /graphql?query=${encodeURIComponent(query)} HTTP/1.1`,
    'Host: localhost',
    `Accept: ${accept}`,
    '',
    '',
  ].join('\r\n');

describe('a connection is closed', () => {
  it.each<[string, (socket: Socket) => void, number, number, RegExp]>([
    ['that sends nothing', () => {}, 1, 3, /^(?:HTTP\/1\.1 408|$)/],
    ['whose headers trickle', trickle(head(), 'X-A: a\r\n'), 1, 3, /^HTTP\/1\.1 408/],
    [
      'whose body trickles',
      trickle(`${head('Content-Length: 1000')}\r\n\r\n{`, ' '),
      3,
      6,
      /^(?:HTTP\/1\.1 408|$)/,
    ],
    [
      'whose chunked body trickles',
      trickle(`${head('Transfer-Encoding: chunked')}\r\n\r\n`, '1\r\n \r\n'),
      3,
      6,
      /^(?:HTTP\/1\.1 408|$)/,
    ],
    [
      'that is idle after a response',
      (socket) => socket.write(post('{ public { message } }')),
      2,
      4,
      /^HTTP\/1\.1 200/,
    ],
  ])('%s', async (name, use, from, to, received) => {
    const held = await hold(use);
    console.info(`${name}: closed after ${held.seconds.toFixed(1)} s`);
    expect(held.received).toMatch(received);
    expect(held.seconds).toBeGreaterThan(from - 0.2);
    expect(held.seconds).toBeLessThan(to);
  });
});

describe('a client that does not read is disconnected', () => {
  it.each<[string, string]>([
    ['POST', post('{ large }')],
    ['GET', get('{ large }', 'application/json')],
    ['SSE', get('subscription { large }', 'text/event-stream')],
  ])('%s', async (name, request) => {
    made = 0;
    const socket = connect(Number(new URL(server.origin).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.pause();
    await once(socket, 'connect');
    const start = performance.now();
    socket.write(request);
    // The server closes with a reset, which a write meets.
    while (!socket.destroyed && performance.now() - start < 20_000) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      socket.write('\r\n');
    }
    const seconds = (performance.now() - start) / 1000;
    console.info(`${name}: closed after ${seconds.toFixed(1)} s, ${made} events of 1 MB made`);
    expect(socket.destroyed).toBe(true);
    expect(seconds).toBeGreaterThan(4.8);
    expect(seconds).toBeLessThan(16);
    // Events are made as fast as they are read.
    expect(made).toBeLessThan(20);
  });
});
