import { IncomingMessage } from 'node:http';
import { connect, Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { UnreadBytes } from '../../src/server/http/unread-bytes.ts';
import { connectAs, connectRaw, type RawSocket, subscribeTo } from '../subscriptions/raw-socket.ts';
import { broken, slowly, startSockets } from './socket-server.ts';

type Server = Awaited<ReturnType<typeof startSockets>>;
const servers = new Set<Server>();
async function start(...limits: Parameters<typeof startSockets>): Promise<Server> {
  const server = await startSockets(...limits);
  servers.add(server);
  return server;
}
afterEach(async () => {
  for (const server of servers) await server.stop();
  servers.clear();
});

const acknowledged = { type: 'connection_ack' };
const connections = (server: Server): number => server.webSockets.usage().connections;
const unread = (server: Server): number => server.webSockets.usage().unreadBytes;

/** Sends the bytes of an upgrade, and after it those of one message. */
function upgradeByHand(
  server: Server,
  target: string,
  message: string,
): Promise<{ readonly socket: Socket; readonly text: string }> {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(
    [
      `GET ${target} HTTP/1.1`,
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
  const frame = Buffer.from(message);
  socket.write(Buffer.concat([Buffer.from([0x81, 0x80 + frame.length, 0, 0, 0, 0]), frame]));
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (data) => {
      text += String(data);
      if (text.includes('connection_ack')) resolve({ socket, text });
    });
    socket.on('close', () => resolve({ socket, text }));
  });
}

it('a client that does not take the answer to its upgrade is cut off', async () => {
  const server = await start();
  const connection = new Socket();
  const request = new IncomingMessage(connection);
  request.headers = { origin: 'https://elsewhere.test' };
  const peer = new Duplex({ read() {}, write() {} });
  server.webSockets.upgrade(request, peer, Buffer.alloc(0));
  expect([connection.timeout, peer.destroyed]).toEqual([5_000, false]);
  connection.emit('timeout');
  expect(peer.destroyed).toBe(true);
  connection.destroy();
});

describe('a place is given back', () => {
  it.each([
    'http://user@localhost/graphql',
    'http://user:password@localhost/graphql?a=b',
    'http://localhost//user@evil/graphql',
    '//user@localhost/graphql',
    'http://[/graphql',
    '*',
  ])('after an upgrade of the target %s', async (target) => {
    const server = await start({ total: 2, perViewer: 2 });
    for (let round = 0; round < 3; round += 1) {
      const { socket, text } = await upgradeByHand(server, target, '{"type":"connection_init"}');
      expect(text).toContain('connection_ack');
      socket.destroy();
      await expect.poll(() => connections(server)).toBe(0);
    }
    const raw = await server.connect();
    raw.socket.terminate();
  });

  it('by a socket that closes while its credentials are verified', async () => {
    const server = await start({ perViewer: 1 });
    const gone = await connectAs(server.url, { Authorization: slowly });
    await expect.poll(() => server.verifying.length).toBe(1);
    gone.socket.terminate();
    await expect.poll(() => connections(server)).toBe(0);
    server.verifying[0]?.finish();
    const next = await connectAs(server.url, { Authorization: slowly });
    await expect.poll(() => server.verifying.length).toBe(2);
    server.verifying[1]?.finish();
    expect(await next.next()).toEqual(acknowledged);
  });

  it.each<[string, (raw: RawSocket) => void, number]>([
    ['terminates', (raw) => raw.socket.terminate(), 1006],
    ['closes', (raw) => raw.socket.close(1000), 1000],
    ['breaks the protocol of WebSocket', (raw) => raw.socket.send('x'.repeat(102_401)), 1009],
    ['breaks the protocol of GraphQL', (raw) => raw.send({ type: 'hello' }), 4400],
    ['sends what only servers send', (raw) => raw.send({ id: '1', type: 'next' }), 4400],
    ['initializes twice', (raw) => raw.send({ type: 'connection_init' }), 4429],
  ])('by a client that %s', async (_case, act, code) => {
    const printed = vi.spyOn(console, 'error');
    const server = await start({ perViewer: 1 });
    const idle = server.clock.waiting();
    for (let round = 0; round < 2; round += 1) {
      const raw = await server.connect('one');
      raw.send(subscribeTo('mutation { held }', 'a'));
      await expect.poll(() => server.held.length).toBe(round + 1);
      act(raw);
      expect((await raw.closed).code).toBe(code);
      await expect.poll(() => connections(server)).toBe(0);
    }
    const anonymous = await server.connect();
    act(anonymous);
    await anonymous.closed;
    await expect.poll(() => server.clock.waiting()).toBe(idle);
    for (const operation of server.held) operation.finish();
    expect(printed.mock.calls).toEqual([]);
    printed.mockRestore();
    expect(server.logged.filter((line) => JSON.parse(line).level > 20)).toEqual([]);
  });

  it('where verification fails', async () => {
    const server = await start({ perViewer: 1, total: 1 });
    for (const [name, code] of [
      ['bad', 4403],
      ['broken', 4500],
    ] as const) {
      const raw = await connectAs(server.url, { Authorization: name });
      expect((await raw.closed).code).toBe(code);
      await expect.poll(() => connections(server)).toBe(0);
    }
    await server.connect('one');
  });

  it('by a client that is refused and does not close its half', async () => {
    const server = await start();
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.write(
      'GET /graphql HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nOrigin: https://evil.example.com\r\n\r\n',
    );
    let text = '';
    socket.on('data', (data) => {
      text += String(data);
    });
    await new Promise((resolve) => socket.on('end', resolve));
    expect(text).toMatch(/^HTTP\/1\.1 403 /);
    // A connection that the server has destroyed answers what is sent with a reset.
    const reset = new Promise((resolve) => socket.on('error', resolve));
    const writing = setInterval(() => socket.write('x'), 5);
    expect(await reset).toMatchObject({ code: /ECONNRESET|EPIPE/ });
    clearInterval(writing);
  });
});

describe('clients without a token leave room for those that have one', () => {
  it('have half of all connections', async () => {
    const server = await start({ total: 4, perViewer: 4 });
    await server.connect();
    await server.connect();
    const third = await connectAs(server.url, {});
    expect(await third.closed).toEqual({
      code: 1013,
      reason: 'Too many open connections without an access token. Try again shortly.',
    });
    await server.connect('one');
    await server.connect('two');
  });

  it('are ended, the oldest first, where they have not said who they are', async () => {
    const server = await start({ total: 3 });
    const first = await connectRaw(server.url);
    const second = await connectRaw(server.url);
    const third = await connectRaw(server.url);
    const one = await server.connect('one');
    expect((await first.closed).code).toBe(1006);
    await server.connect('two');
    expect((await second.closed).code).toBe(1006);
    await server.connect('three');
    expect((await third.closed).code).toBe(1006);
    await expect(connectRaw(server.url)).rejects.toThrow('503');
    one.send(subscribeTo('{ hello }'));
    expect(await one.next()).toMatchObject({ payload: { data: { hello: 'Hello.' } } });
  });

  it('are closed after a minute without an operation, and not during one', async () => {
    const server = await start();
    const busy = await server.connect();
    busy.send(subscribeTo('mutation { held }'));
    await expect.poll(() => server.held.length).toBe(1);
    const idle = await server.connect();
    const known = await server.connect('one');
    for (let beat = 0; beat < 5; beat += 1) {
      const pinged = [busy, idle, known].map(
        ({ socket }) => new Promise((resolve) => socket.once('ping', resolve)),
      );
      if (beat < 4) {
        server.clock.advance(12);
        await Promise.all(pinged);
        for (const raw of [busy, idle, known]) {
          raw.send({ type: 'ping' });
          await raw.next();
        }
      } else server.clock.advance(12);
    }
    expect(await idle.closed).toEqual({
      code: 1000,
      reason: 'Idle for a minute. Connect again when needed.',
    });
    await expect.poll(() => connections(server)).toBe(2);
    server.held[0]?.finish();
    expect(await busy.next()).toMatchObject({ payload: { data: { held: 'xxxx' } } });
    await busy.next();
    for (let beat = 0; beat < 5; beat += 1) {
      const pinged = new Promise((resolve) => known.socket.once('ping', resolve));
      server.clock.advance(12);
      await pinged;
      for (const raw of beat < 4 ? [busy, known] : [known]) {
        raw.send({ type: 'ping' });
        await raw.next();
      }
    }
    expect((await busy.closed).code).toBe(1000);
  });
});

describe('what is not read is bounded', () => {
  const flood: readonly [string, (index: number) => unknown][] = [
    ['pings', () => ({ type: 'ping', payload: { text: 'x'.repeat(15_000) } })],
    [
      'refused operations',
      (index) => subscribeTo(`{ ${'guarded '.repeat(20)} ${'unknown '.repeat(90)} }`, `${index}`),
    ],
    ['answered operations', (index) => subscribeTo('{ large(bytes: 15000) }', `${index}`)],
  ];
  it.each(flood)('of %s', async (_case, message) => {
    const server = await start();
    const other = await server.connect();
    const raw = await server.connect('one');
    raw.socket.pause();
    for (let index = 0; index < 1000; index += 1) raw.send(message(index));
    const next = async (): Promise<void> => {
      other.send({ type: 'ping' });
      await other.next();
    };
    // Until the server has done all that it does.
    let [last, same] = [0, 0];
    while (last === 0 || same < 50) {
      await next();
      same = unread(server) === last ? same + 1 : 0;
      last = unread(server);
    }
    // No more than the operations that may run at once, and what has been read before them.
    expect(last).toBeLessThan(2_000_000);
    // Three pings on, the client has not answered the first.
    for (let beat = 0; beat < 3; beat += 1) {
      const pinged = new Promise((resolve) => other.socket.once('ping', resolve));
      server.clock.advance(12);
      await pinged;
      await next();
    }
    await expect.poll(() => connections(server)).toBe(1);
    expect(unread(server)).toBe(0);
    raw.socket.terminate();
  });

  it('and a client that reads later gets all of it', async () => {
    const server = await start();
    const raw = await server.connect('one');
    raw.socket.pause();
    const count = 700;
    for (let index = 0; index < count; index += 1) {
      raw.send({ type: 'ping', payload: { text: 'x'.repeat(15_000), index } });
    }
    await expect.poll(() => unread(server)).toBeGreaterThan(0);
    raw.socket.resume();
    for (let index = 0; index < count; index += 1) {
      expect(await raw.next()).toMatchObject({ type: 'pong', payload: { index } });
    }
    expect(unread(server)).toBe(0);
  });

  it('of the results of operations that run', async () => {
    const server = await start();
    const raw = await server.connect('one');
    for (let id = 0; id < 100; id += 1) {
      raw.send(subscribeTo('mutation { held(bytes: 500000) }', `${id}`));
    }
    await expect.poll(() => server.held.length).toBe(100);
    raw.socket.pause();
    for (const operation of server.held) operation.finish();
    await expect.poll(() => connections(server)).toBe(0);
    expect(unread(server)).toBe(0);
    raw.socket.terminate();
  });

  it('of pings of WebSocket itself', async () => {
    const server = await start();
    const raw = await server.connect('one');
    raw.socket.pause();
    const ping = Buffer.alloc(125);
    for (let count = 0; count < 100_000; count += 1) raw.socket.ping(ping);
    await expect.poll(() => connections(server), { timeout: 10_000 }).toBe(0);
    expect(unread(server)).toBe(0);
  });
});

describe('what no client reads, in total', () => {
  const ended: string[] = [];
  const reader = (name: string) => ({ terminate: () => void ended.push(name) });

  it('is kept below its limit by ending the slowest', () => {
    const unreadBytes = new UnreadBytes({ perConnection: 100, total: 100 });
    const [one, two, three] = [reader('one'), reader('two'), reader('three')];
    unreadBytes.add(one, 40);
    unreadBytes.add(two, 30);
    unreadBytes.add(two, 20);
    unreadBytes.add(three, 10);
    expect([unreadBytes.total, ended]).toEqual([100, []]);
    unreadBytes.add(three, 1);
    expect([unreadBytes.total, ended]).toEqual([51, ['two']]);
    // What was counted for a connection that was ended is not counted off twice.
    unreadBytes.remove(two, 50);
    unreadBytes.forget(two);
    unreadBytes.remove(three, 10);
    expect(unreadBytes.total).toBe(41);
    unreadBytes.remove(three, 1);
    unreadBytes.forget(one);
    expect(unreadBytes.total).toBe(0);
  });

  it('is bounded for each, but for a single message', () => {
    const unreadBytes = new UnreadBytes({ perConnection: 10, total: 100 });
    const [four, five] = [reader('four'), reader('five')];
    unreadBytes.add(four, 60);
    expect(unreadBytes.total).toBe(60);
    unreadBytes.add(five, 9);
    unreadBytes.add(five, 2);
    expect([unreadBytes.total, ended.at(-1)]).toEqual([60, 'five']);
    unreadBytes.add(four, 1);
    expect([unreadBytes.total, ended.at(-1)]).toEqual([0, 'four']);
  });
});

describe('an operation that is malformed is answered by an error for it alone', () => {
  it.each<[string, unknown]>([
    ['an empty query', { query: '' }],
    ['a query that is a number', { query: 5 }],
    ['a query that is null', { query: null }],
    ['no query', {}],
    ['no query, but a hash', { extensions: { persistedQuery: { version: 1 } } }],
    ['no payload', undefined],
    ['a payload that is null', null],
    ['a payload that is a list', [{ query: '{ hello }' }]],
    ['a payload that is a text', '{ hello }'],
    ['variables that are a list', { query: '{ hello }', variables: [] }],
    ['variables that are a text', { query: '{ hello }', variables: '{}' }],
    ['operationName that is a number', { query: '{ hello }', operationName: 1 }],
    ['extensions that are a text', { query: '{ hello }', extensions: 'x' }],
    ['a query of white space', { query: ' ' }],
    ['an operation that is not there', { query: 'query A { hello }', operationName: 'B' }],
    ['a fragment alone', { query: 'fragment A on Query { hello }' }],
    ['a surrogate', { query: '\uD800' }],
  ])('with %s', async (_case, payload) => {
    const server = await start();
    const raw = await server.connect();
    raw.send(subscribeTo('mutation { held }', 'running'));
    await expect.poll(() => server.held.length).toBe(1);
    raw.send({ id: 'a', type: 'subscribe', payload });
    expect(await raw.next()).toMatchObject({
      id: 'a',
      type: 'error',
      payload: [{ message: expect.stringMatching(/./) }],
    });
    raw.send(subscribeTo('{ hello }', 'a'));
    expect(await raw.next()).toMatchObject({ id: 'a', payload: { data: { hello: 'Hello.' } } });
    expect(await raw.next()).toEqual({ id: 'a', type: 'complete' });
    server.held[0]?.finish();
    expect(await raw.next()).toMatchObject({ id: 'running', type: 'next' });
    expect(server.logged.filter((line) => JSON.parse(line).level > 20)).toEqual([]);
  });

  it('and so is one that fails before it executes', async () => {
    const server = await start();
    const raw = await server.connect();
    raw.send(subscribeTo('mutation { held }', 'running'));
    await expect.poll(() => server.held.length).toBe(1);
    const payload = { query: `query ${broken} { hello }`, operationName: broken };
    raw.send({ id: 'a', type: 'subscribe', payload });
    const masked = { message: 'Unexpected error.', extensions: { code: 'INTERNAL_SERVER_ERROR' } };
    const failed = await raw.next();
    expect(failed).toMatchObject({ id: 'a', type: 'error', payload: [masked] });
    expect(JSON.stringify(failed)).not.toMatch(/password|unexpected"/);
    server.held[0]?.finish();
    expect(await raw.next()).toMatchObject({ id: 'running', type: 'next' });
    const logged = server.logged.filter((line) => JSON.parse(line).level >= 50);
    expect(logged).toEqual([expect.stringContaining('the database said: password')]);
  });

  it('and one with a long id is not kept', async () => {
    const server = await start();
    const fine = await server.connect();
    fine.send(subscribeTo('{ hello }', 'x'.repeat(256)));
    expect(await fine.next()).toMatchObject({ type: 'next' });
    const raw = await server.connect();
    raw.send(subscribeTo('mutation { held }', 'x'.repeat(257)));
    expect(await raw.closed).toEqual({
      code: 4400,
      reason: 'The id of an operation must not exceed 256 characters.',
    });
    expect(server.held).toEqual([]);
  });
});

it('a message after the server has closed the connection is not handled', async () => {
  const server = await start();
  const raw = await server.connect();
  // Both are on their way before the client hears of the close.
  raw.send({ type: 'hello' });
  raw.send(subscribeTo('mutation { held }'));
  expect((await raw.closed).code).toBe(4400);
  expect(server.held).toEqual([]);
});

describe('a client that does not answer pings', () => {
  const idOf = (message: unknown): unknown =>
    typeof message === 'object' && message !== null && 'id' in message ? message.id : undefined;

  /** Has another connection answer a ping, after which those of all have been sent. */
  async function beat(server: Server, other: RawSocket): Promise<void> {
    const pinged = new Promise((resolve) => other.socket.once('ping', resolve));
    server.clock.advance(12);
    await pinged;
    other.send({ type: 'ping' });
    await other.next();
  }

  it('is ended, although it sends pongs of its own', async () => {
    const server = await start();
    const other = await server.connect();
    const raw = await connectAs(server.url, {}, { autoPong: false });
    await raw.next();
    await beat(server, other);
    raw.socket.pong('anything');
    raw.send({ type: 'ping' });
    await raw.next();
    await beat(server, other);
    expect((await raw.closed).code).toBe(1006);
  });

  it('is not ended while it reads what waits for it', async () => {
    const server = await start();
    const other = await server.connect();
    const raw = await server.connect('one');
    raw.socket.pause();
    for (let id = 0; id < 20; id += 1) {
      raw.send(subscribeTo('{ large(bytes: 500000) }', `${id}`));
    }
    raw.send(subscribeTo('{ hello }', 'last'));
    await expect.poll(() => unread(server)).toBeGreaterThan(0);
    await beat(server, other);
    await beat(server, other);
    // The pings are behind all this.
    const last = new Promise((resolve) => raw.socket.once('ping', resolve));
    raw.socket.resume();
    await last;
    await beat(server, other);
    const results = new Set<unknown>();
    while (results.size < 21) results.add(idOf(await raw.next()));
    expect(unread(server)).toBe(0);
  });
});

describe('what a connection keeps', () => {
  it('is not more than 16 KiB before it is acknowledged', async () => {
    const server = await start();
    const payload = (bytes: number) => ({ Authorization: 'one', more: 'x'.repeat(bytes) });
    const raw = await connectAs(server.url, payload(16_000));
    expect(await raw.next()).toEqual(acknowledged);
    for (const message of [
      { type: 'connection_init', payload: payload(16_384) },
      { type: 'ping', payload: payload(16_384) },
    ]) {
      const large = await connectRaw(server.url);
      large.send(message);
      expect((await large.closed).code).toBe(1009);
    }
  });
});

describe('no message ends the process, or is reported as an error of the server', () => {
  const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
  const hello = '{"query":"{ hello }"';
  const invalid = { code: 4400, reason: 'Invalid message received' };
  const unauthorized = { code: 4401, reason: 'Unauthorized' };
  const tooLong = { code: 4400, reason: 'The id of an operation must not exceed 256 characters.' };
  const tooLarge = { code: 1009, reason: 'The first message must not exceed 16 KiB.' };
  const long = JSON.stringify('x'.repeat(257));

  /** What a connection becomes by a message: how it is closed, or the answer. */
  async function outcome(message: string, isFirst: boolean): Promise<unknown> {
    const printed = vi.spyOn(console, 'error');
    const thrown: unknown[] = [];
    const onThrown = (error: unknown): void => void thrown.push(error);
    process.on('uncaughtException', onThrown);
    const server = await start();
    try {
      const raw = isFirst ? await connectRaw(server.url) : await server.connect();
      raw.send(message);
      const result = await Promise.race([raw.closed, raw.next()]);
      const other = await server.connect('one');
      other.send(subscribeTo('{ hello }'));
      expect(await other.next()).toMatchObject({ payload: { data: { hello: 'Hello.' } } });
      expect([thrown, printed.mock.calls]).toEqual([[], []]);
      expect(server.logged.filter((line) => JSON.parse(line).level > 20)).toEqual([]);
      return result;
    } finally {
      process.off('uncaughtException', onThrown);
      printed.mockRestore();
    }
  }

  it.each([
    ['an id', `{"type":"subscribe","payload":1,"id":${deep(8_000)}}`, invalid],
    [
      'an id of a payload',
      `{"type":"subscribe","payload":{"query":1},"id":${deep(8_000)}}`,
      invalid,
    ],
    ['an id of a query', `{"type":"subscribe","payload":${hello}},"id":${deep(8_000)}}`, invalid],
    ['a long id', `{"type":"subscribe","payload":${hello}},"id":${long}}`, unauthorized],
    ['a type', `{"type":${deep(8_000)}}`, invalid],
    ['a ping', `{"type":"ping","payload":{"a":${deep(8_000)}}}`, invalid],
    ['a ping of too many bytes', `{"type":"ping","payload":{"a":${deep(9_000)}}}`, tooLarge],
    ['an end', `{"type":"complete","id":${deep(8_000)}}`, invalid],
    ['all of it', deep(8_000), invalid],
  ])('before the connection is acknowledged: %s', async (_case, message, expected) => {
    expect(await outcome(message, true)).toEqual(expected);
  });

  it('credentials that are nested deep', async () => {
    const payload = `{"authorization":${deep(4_000)},"a":${deep(3_000)}}`;
    const result = await outcome(`{"type":"connection_init","payload":${payload}}`, true);
    const reason = expect.stringMatching(/^authorization_malformed/);
    expect(result).toMatchObject({ code: 4400, reason });
  });

  it.each<[string, string, unknown]>([
    ['an id', `{"type":"subscribe","payload":1,"id":${deep(45_000)}}`, invalid],
    ['an id of a query', `{"type":"subscribe","payload":${hello}},"id":${deep(45_000)}}`, invalid],
    ['no id', '{"type":"subscribe","payload":1}', invalid],
    ['a long id', `{"type":"subscribe","payload":${hello}},"id":${long}}`, tooLong],
    ['a long id without a query', `{"type":"subscribe","payload":1,"id":${long}}`, invalid],
    ['a ping', `{"type":"ping","payload":{"a":${deep(45_000)}}}`, invalid],
    ['a ping with a list', `{"type":"ping","payload":${deep(45_000)}}`, invalid],
    ['a ping of 101 levels', `{"type":"ping","payload":{"a":${deep(100)}}}`, invalid],
    [
      'a small ping',
      '{"type":"ping","payload":{"a":[[1]]}}',
      { type: 'pong', payload: { a: [[1]] } },
    ],
    ['a pong with a list', `{"type":"pong","payload":${deep(45_000)}}`, invalid],
    ['an end', `{"type":"complete","id":${deep(45_000)}}`, invalid],
    ['a type', `{"type":${deep(45_000)}}`, invalid],
    ['another type', '{"type":"__proto__"}', invalid],
  ])('after it: %s', async (_case, message, expected) => {
    expect(await outcome(message, false)).toEqual(expected);
  });

  it.each([
    ['variables', `,"variables":{"a":${deep(40_000)}}`],
    ['variables that are a list', `,"variables":${deep(40_000)}`],
    ['extensions', `,"extensions":{"a":${deep(40_000)}}`],
    ['an operation name', `,"operationName":${deep(40_000)}`],
    ['another member', `,"a":${deep(40_000)}`],
  ])('an operation with %s that are nested deep', async (_case, member) => {
    const message = `{"type":"subscribe","id":"1","payload":${hello}${member}}}`;
    expect(await outcome(message, false)).toMatchObject({ id: '1' });
  });

  it('whatever is thrown for a message closes its connection alone', async () => {
    const server = await start();
    const raw = await server.connect();
    const parse = vi.spyOn(JSON, 'stringify').mockImplementationOnce(() => {
      throw new RangeError('Maximum call stack size exceeded');
    });
    raw.socket.send('{"type":"subscribe","id":"1","payload":1}');
    expect(await raw.closed).toEqual(invalid);
    parse.mockRestore();
    await server.connect();
  });
});
