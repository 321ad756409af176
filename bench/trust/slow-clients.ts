import { connect, type Socket } from 'node:net';
import { send } from '../../test/support/http.ts';
import type { WatchedServer } from './watched-server.ts';

/** What slow clients cost the others. */
export interface SlowClients {
  readonly clients: number;
  /** Until the last of them was closed; infinite if one was not. */
  readonly closedAfterSeconds: number;
  /** The slowest response to a client that is not slow, meanwhile. */
  readonly slowestResponseMs: number;
}

const clients = 300;
const deadlineMs = 40_000;
const body = '{"query":"{ public { message } }"}';

/**
 * Opens connections that send one byte of their headers in half a second, while other clients send
 * requests.
 */
export async function measureSlowClients({ port, endpoint }: WatchedServer): Promise<SlowClients> {
  const start = performance.now();
  const sockets = Array.from({ length: clients }, () => connect(port, '127.0.0.1'));
  const closed = Promise.all(sockets.map(drip)).then(() => (performance.now() - start) / 1_000);
  const timeout = new Promise<number>((resolve) =>
    setTimeout(resolve, deadlineMs, Number.POSITIVE_INFINITY).unref(),
  );
  let slowestResponseMs = 0;
  for (let count = 0; count < 200; count += 1) {
    const before = performance.now();
    const headers = ['Content-Type', 'application/json'];
    const { status } = await send(endpoint, { method: 'POST', headers, body });
    slowestResponseMs = Math.max(
      slowestResponseMs,
      status === 200 ? performance.now() - before : Number.POSITIVE_INFINITY,
    );
  }
  const closedAfterSeconds = await Promise.race([closed, timeout]);
  for (const socket of sockets) socket.destroy();
  return { clients, closedAfterSeconds, slowestResponseMs };
}

/** Sends a byte now and then; resolves once the connection is closed. */
function drip(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.write('POST /graphql HTTP/1.1\r\nHost: localhost\r\nX: ');
    const timer = setInterval(() => socket.write('x'), 500);
    socket.on('error', () => {});
    socket.resume();
    socket.on('close', () => {
      clearInterval(timer);
      resolve();
    });
  });
}
