import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import type { Figure } from './figure.ts';
import { freePort, residentMegabytes } from './measure-start.ts';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** What clients of WebSockets can make the server keep. */
export async function measureSockets(): Promise<Figure[]> {
  return [
    await figure(
      'memory of a connection, after a first message of 15 KB',
      'KB',
      100,
      perConnection,
    ),
    await figure(
      'memory for 20 clients that send 20 MB of pings each, unread',
      'MB',
      100,
      (server) =>
        unread(server, { clients: 20, bytes: 20_000_000 }, () => ({
          type: 'ping',
          payload: { text: 'x'.repeat(50_000) },
        })),
    ),
    await figure(
      'memory for 5 clients that send 2 MB of refused operations, unread',
      'MB',
      100,
      (server) =>
        unread(server, { clients: 5, bytes: 2_000_000 }, (index) => ({
          id: `${index}`,
          type: 'subscribe',
          payload: { query: `{ ${'u '.repeat(100)} }` },
        })),
    ),
    await figure('connections lost to 2,000 upgrades with a user name', '', 0, lostPlaces),
  ];
}

interface Server {
  readonly port: number;
  readonly process: ChildProcess;
}

async function figure(
  name: string,
  unit: string,
  limit: number,
  measure: (server: Server) => Promise<number>,
): Promise<Figure> {
  const server = await startServer();
  try {
    return { name, value: await measure(server), unit, limit };
  } finally {
    server.process.kill('SIGKILL');
    await once(server.process, 'close');
  }
}

async function startServer(): Promise<Server> {
  const port = await freePort();
  const child = spawn(process.execPath, [main], {
    cwd: tmpdir(),
    env: {
      PATH: process.env['PATH'],
      PORT: String(port),
      LOG_LEVEL: 'silent',
      OIDC_ISSUER: 'http://127.0.0.1:9/',
      OIDC_AUDIENCE: 'https://api',
      MAX_STREAMS: '1000',
    },
    stdio: 'ignore',
  });
  for (;;) {
    if (child.exitCode !== null) throw new Error('The server ended instead of starting.');
    const answer = await fetch(`http://127.0.0.1:${port}/livez`).catch(() => undefined);
    if (answer?.ok) return { port, process: child };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Opens a connection; resolves once it is acknowledged, or with undefined where it is refused. */
function open(port: number, payload: object = {}): Promise<WebSocket | undefined> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws');
  return new Promise((resolve) => {
    socket.on('error', () => resolve(undefined));
    socket.on('close', () => resolve(undefined));
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload })));
    socket.once('message', () => resolve(socket));
  });
}

async function openMany(server: Server, count: number, payload: object): Promise<WebSocket[]> {
  const sockets: WebSocket[] = [];
  for (let index = 0; index < count; index += 1) {
    const socket = await open(server.port, payload);
    if (socket) sockets.push(socket);
  }
  if (sockets.length < count) throw new Error(`Only ${sockets.length} connections are open.`);
  return sockets;
}

async function perConnection(server: Server): Promise<number> {
  const payload = Object.fromEntries(Array.from({ length: 1500 }, (_, at) => [`m${at}`, {}]));
  // What the first ones cost is not theirs alone.
  await openMany(server, 50, payload);
  const before = await residentMegabytes(server.process.pid);
  const count = 400;
  await openMany(server, count, payload);
  return (((await residentMegabytes(server.process.pid)) - before) * 1000) / count;
}

/** The growth while clients send messages and read none of the answers. */
async function unread(
  server: Server,
  { clients, bytes }: { readonly clients: number; readonly bytes: number },
  message: (index: number) => object,
): Promise<number> {
  const sockets = await openMany(server, clients, {});
  const before = await residentMegabytes(server.process.pid);
  for (const socket of sockets) {
    socket.pause();
    for (let [sent, index] = [0, 0]; sent < bytes; index += 1) {
      const text = JSON.stringify(message(index));
      socket.send(text);
      sent += text.length;
    }
  }
  let most = before;
  // Until it has not grown for two seconds.
  for (let same = 0; same < 20; same += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const now = await residentMegabytes(server.process.pid);
    if (now > most + 1) same = 0;
    most = Math.max(most, now);
  }
  for (const socket of sockets) socket.terminate();
  return most - before;
}

/** How many of all places are lost. */
async function lostPlaces(server: Server): Promise<number> {
  for (let index = 0; index < 2000; index += 1) {
    const socket = connect(server.port, '127.0.0.1');
    socket.write(
      [
        'GET http://user@localhost/graphql HTTP/1.1',
        'Host: localhost',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
        'Sec-WebSocket-Protocol: graphql-transport-ws',
        '',
        '',
      ].join('\r\n'),
    );
    const init = Buffer.from('{"type":"connection_init"}');
    socket.write(Buffer.concat([Buffer.from([0x81, 0x80 + init.length, 0, 0, 0, 0]), init]));
    let text = '';
    await new Promise<void>((resolve) => {
      socket.on('error', () => resolve());
      socket.on('close', () => resolve());
      socket.on('data', (data) => {
        text += String(data);
        if (text.includes('connection_ack')) resolve();
      });
    });
    socket.destroy();
  }
  // Anonymous clients have half of all places.
  const most = 500;
  let opened = 0;
  while (opened < most && (await open(server.port))) opened += 1;
  return most - opened;
}
