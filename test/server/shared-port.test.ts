import { EventEmitter, once } from 'node:events';
import { connect, Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createPort } from '../../src/server/port.ts';
import { createSharedPort, receiveConnections } from '../../src/server/shared-port.ts';
import type { WorkerProcess } from '../../src/server/workers.ts';
import { freePort } from '../support/free-ports.ts';

const opened: { close(): unknown }[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const port of opened.splice(0)) await port.close();
});

/** A worker that says what it gets. */
class FakeWorker extends EventEmitter implements WorkerProcess {
  readonly process = { pid: 1, kill() {} };
  readonly received: string[] = [];
  failsWith: Error | null = null;

  constructor(readonly name: string) {
    super();
  }

  send(message: string, socket?: Socket, onSent?: (error: Error | null) => void): void {
    if (socket !== undefined) sockets.push(socket);
    if (this.failsWith === null) this.received.push(message);
    onSent?.(this.failsWith);
  }

  becomeReady(): void {
    this.emit('message', 'ready');
  }
}

async function share(...names: readonly string[]) {
  const number = await freePort();
  const port = createSharedPort({ port: number, host: '127.0.0.1' });
  const workers = names.map((name) => new FakeWorker(name));
  for (const worker of workers) port.add(worker);
  await port.open();
  opened.push(port);
  const received = () => workers.map((worker) => worker.received.length);
  let closed = 0;
  const call = async (): Promise<void> => {
    const client = connect(number, '127.0.0.1').on('error', () => {});
    client.resume().on('close', () => {
      closed += 1;
    });
    sockets.push(client);
    await once(client, 'connect');
  };
  return { port, workers, received, call, closed: () => closed };
}

test('connections go to the worker that has been ready for the longest time', async () => {
  const { workers, received, call } = await share('one', 'other');
  for (const worker of [...workers].reverse()) worker.becomeReady();
  await call();
  await expect.poll(received).toEqual([0, 1]);
  await call();
  await expect.poll(received).toEqual([1, 1]);
});

test('a busy worker gets none until it is ready again', async () => {
  const { workers, received, call } = await share('one', 'other');
  const [one, other] = workers;
  one?.becomeReady();
  for (let times = 0; times < 3; times += 1) await call();
  await expect.poll(received).toEqual([1, 0]);
  other?.becomeReady();
  other?.becomeReady();
  expect(received()).toEqual([1, 2]);
});

test('what a worker that has exited did not get goes to another one', async () => {
  const { workers, received, call } = await share('one', 'other');
  const [one, other] = workers;
  if (one) one.failsWith = new Error('The channel is closed.');
  one?.becomeReady();
  await call();
  one?.emit('exit', null, 'SIGKILL');
  one?.becomeReady();
  other?.becomeReady();
  await expect.poll(received).toEqual([0, 1]);
});

test('the workers are told that it is closed once they have every connection', async () => {
  const { port, workers, call } = await share('one');
  const [one] = workers;
  await call();
  await call();
  await port.close();
  await expect(call()).rejects.toThrow('ECONNREFUSED');
  expect(one?.received).toEqual([]);
  one?.becomeReady();
  expect(one?.received).toEqual(['connection']);
  one?.becomeReady();
  expect(one?.received).toEqual(['connection', 'connection', 'closed']);
});

test('connections that wait for a worker have a bound', async () => {
  const { workers, received, call, closed } = await share('one');
  // In turn: the operating system drops those that exceed its own queue, and tries again after seconds.
  for (let times = 0; times < 1_100; times += 1) await call();
  await expect.poll(closed).toBe(100);
  for (let times = 0; times < 1_200; times += 1) workers[0]?.becomeReady();
  expect(received()).toEqual([1_000]);
});

test('a port that closes passes on what the operating system has accepted', async () => {
  const number = await freePort();
  const port = createPort({ port: number, host: '127.0.0.1' });
  let count = 0;
  await port.open((socket) => {
    sockets.push(socket);
    count += 1;
  });
  const clients = Array.from({ length: 50 }, () => connect(number, '127.0.0.1'));
  sockets.push(...clients);
  const connected = Promise.all(clients.map((client) => once(client, 'connect')));
  // The operating system accepts all of them before this process gets the first one.
  const end = performance.now() + 50;
  while (performance.now() < end);
  await port.close();
  await connected;
  expect(count).toBe(50);
});

/** The channel of a worker, and what it has sent. */
class FakeChannel extends EventEmitter {
  connected = true;
  readonly sent: string[] = [];
  send(message: string): void {
    this.sent.push(message);
  }
}

test('a worker serves the connections that it gets, and says that it is ready for the next', async () => {
  const channel = new FakeChannel();
  const port = receiveConnections(channel);
  const received: unknown[] = [];
  await port.open((socket) => void received.push(socket));
  expect(channel.sent).toEqual(['ready']);
  const socket = new Socket();
  channel.emit('message', 'connection', socket);
  // The client has gone.
  channel.emit('message', 'connection', undefined);
  channel.emit('message', 'metrics');
  expect([received, channel.sent]).toEqual([[socket], ['ready', 'ready', 'ready']]);
  channel.connected = false;
  channel.emit('message', 'connection', undefined);
  expect(channel.sent).toHaveLength(3);

  let isClosed = false;
  void port.close().then(() => {
    isClosed = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isClosed).toBe(false);
  channel.emit('message', 'closed');
  await new Promise((resolve) => setImmediate(resolve));
  expect(isClosed).toBe(true);
});
