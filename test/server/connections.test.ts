import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Connections, trackConnections } from '../../src/server/http/connections.ts';
import { createTestClock } from '../support/clock.ts';

const opened: { server: Server; clients: Socket[] }[] = [];
afterEach(() => {
  for (const { server, clients } of opened.splice(0)) {
    for (const client of clients) client.destroy();
    server.close();
    server.closeAllConnections();
  }
});

async function open(listener: RequestListener, maxConnections = 1_000) {
  const clock = createTestClock();
  const server = createServer();
  const excess: number[] = [];
  const connections: Connections = trackConnections(server, {
    clock,
    maxConnections,
    timeouts: { writeMs: 60_000 },
    reportExcess: (closed) => excess.push(closed),
  });
  server.on('request', (request, response) => {
    if (connections.admit(request, response)) listener(request, response);
  });
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  server.on('upgrade', (_request, socket) => {
    socket.resume().on('end', () => socket.end());
    socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const clients: Socket[] = [];
  opened.push({ server, clients });
  /** A client that has sent a request, and reads nothing. */
  const request = async (...headers: readonly string[]): Promise<Socket> => {
    const client = connect(port, '127.0.0.1');
    client.on('error', () => {});
    clients.push(client);
    await once(client, 'connect');
    client.write(['GET / HTTP/1.1', 'Host: x', ...headers, '', ''].join('\r\n'));
    return client;
  };
  return { clock, connections, sockets, excess, request };
}

const large = Buffer.alloc(60_000_000);

describe('connections beyond the maximum', () => {
  it('are closed, and reported at most once a minute, with their number', async () => {
    const { clock, connections, excess, request } = await open(() => {}, 2);
    /** Resolves once the server has closed it. */
    const refused = async (): Promise<void> => {
      const client = await request();
      if (!client.closed) await once(client.resume(), 'close');
    };
    await request();
    await request();
    await expect.poll(() => connections.open).toBe(2);
    expect(excess).toEqual([]);
    await refused();
    expect(excess).toEqual([1]);
    for (let index = 0; index < 3; index += 1) await refused();
    clock.advance(59);
    expect(excess).toEqual([1]);
    // Also if there are no further ones.
    clock.advance(5);
    expect(excess).toEqual([1, 3]);
    clock.advance(120);
    expect(excess).toEqual([1, 3]);
    await refused();
    expect(excess).toEqual([1, 3, 1]);
    expect(connections.open).toBe(2);
  });
});

describe('an unread response', () => {
  it.each<[string, RequestListener]>([
    ['complete', (_request, response) => response.end(large)],
    [
      'a stream',
      (_request, response) => {
        const write = (): void => {
          while (!response.destroyed && response.write(large.subarray(0, 100_000)));
          response.once('drain', write);
        };
        write();
      },
    ],
  ])('closes its connection after a minute, not before: %s', async (_, listener) => {
    const { clock, connections, sockets, request } = await open(listener);
    await request();
    await expect.poll(() => sockets[0]?.writableLength).toBeGreaterThan(0);
    // The operating system has accepted its first part.
    await settled(() => sockets[0]);
    clock.advance(5);
    clock.advance(59);
    expect([sockets[0]?.destroyed, connections.open]).toEqual([false, 1]);
    clock.advance(6);
    expect(sockets[0]?.destroyed).toBe(true);
    await expect.poll(() => connections.open).toBe(0);
  });

  it('closes the largest earlier if there are too many bytes in total', async () => {
    const sizes = [100, 60_000_000, 90_000_000, 70_000_000, 80_000_000];
    const { clock, sockets, request } = await open((incoming, response) =>
      response.end(Buffer.alloc(Number(incoming.headers['x-size']))),
    );
    for (const [index, size] of sizes.entries()) {
      await request(`X-Size: ${size}`);
      await expect.poll(() => sockets[index]?.bytesWritten).toBeGreaterThan(0);
      if (size > 100) await settled(() => sockets[index]);
    }
    clock.advance(5);
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual(sizes.map(() => false));
    clock.advance(5);
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false, false, true, false, false]);
  });

  it('keeps its connection while the client reads, however slowly', async () => {
    const { clock, sockets, request } = await open((_request, response) => response.end(large));
    const client = await request();
    await expect.poll(() => sockets[0]?.writableLength).toBeGreaterThan(0);
    for (let round = 0; round < 10; round += 1) {
      clock.advance(40);
      let read = 0;
      while (read < 3_000_000) {
        const chunk: Buffer | null = client.read();
        if (chunk === null) await once(client, 'readable');
        else read += chunk.length;
      }
      await settled(() => sockets[0]);
    }
    expect([sockets[0]?.destroyed, (sockets[0]?.writableLength ?? 0) > 0]).toEqual([false, true]);
  });

  it('keeps its connection while there is nothing to read', async () => {
    const { clock, connections, request } = await open((_request, response) => {
      response.write('waits for an event');
    });
    await request();
    await expect.poll(() => connections.open).toBe(1);
    clock.advance(3600);
    expect(connections.open).toBe(1);
  });
});

describe('connections', () => {
  it('are counted until they are closed', async () => {
    const { connections, request } = await open((_request, response) => response.end('ok'));
    const clients = [await request(), await request('Connection: Upgrade', 'Upgrade: websocket')];
    await expect.poll(() => connections.open).toBe(2);
    for (const client of clients) client.destroy();
    await expect.poll(() => connections.open).toBe(0);
  });

  it('that are WebSockets stay open until all are closed', async () => {
    const { clock, connections, sockets, request } = await open((_request, response) =>
      response.end('ok'),
    );
    const client = await request('Connection: Upgrade', 'Upgrade: websocket');
    await once(client, 'readable');
    sockets[0]?.write(large);
    connections.closeAfterResponses();
    connections.closeIdle();
    clock.advance(120);
    expect(sockets[0]?.destroyed).toBe(false);
    connections.closeAll();
    expect([sockets[0]?.destroyed, clock.waiting()]).toEqual([true, 0]);
  });

  it('are closed after their response, which says so, and when idle only on demand', async () => {
    const responses: (() => void)[] = [];
    const { connections, request } = await open((_request, response) =>
      responses.push(() => response.end('ok')),
    );
    const [pending, idle] = [await request(), await request()];
    await expect.poll(() => responses.length).toBe(2);
    responses[1]?.();
    expect(await textOf(idle)).toContain('Connection: keep-alive');
    connections.closeAfterResponses();
    responses[0]?.();
    expect(await textOf(pending)).toContain('Connection: close');
    await expect.poll(() => connections.open).toBe(1);
    // One that is idle can still have a last request.
    idle.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await expect.poll(() => responses.length).toBe(3);
    connections.closeIdle();
    responses[2]?.();
    expect(await textOf(idle)).toContain('Connection: close');
    await expect.poll(() => connections.open).toBe(0);
  });

  it('lose none of the requests that a client sent without waiting', async () => {
    const responses: (() => void)[] = [];
    const { connections, request } = await open((_request, response) =>
      responses.push(() => response.end('ok')),
    );
    const client = await request('', 'GET / HTTP/1.1', 'Host: x');
    await expect.poll(() => responses.length).toBe(2);
    connections.closeAfterResponses();
    let text = '';
    client.on('data', (data) => {
      text += data;
    });
    for (const respond of responses) respond();
    await once(client, 'close');
    expect(text.split('200 OK')).toHaveLength(3);
  });
});

/** What arrives next. */
async function textOf(client: Socket): Promise<string> {
  const [data] = await once(client, 'data');
  return String(data);
}

/** Waits until the operating system accepts no more bytes of a socket. */
async function settled(socketOf: () => Socket | undefined): Promise<void> {
  const left = (): string => {
    const socket = socketOf();
    const handle: unknown = socket && '_handle' in socket ? socket._handle : undefined;
    return JSON.stringify([
      socket?.writableLength,
      typeof handle === 'object' && handle !== null && 'writeQueueSize' in handle
        ? handle.writeQueueSize
        : 0,
    ]);
  };
  let before = '';
  await expect
    .poll(
      () => {
        const now = left();
        const isSettled = now === before;
        before = now;
        return isSettled;
      },
      { interval: 50 },
    )
    .toBe(true);
}
