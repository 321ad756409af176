import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { readConfiguration } from '../../src/server/configuration/configuration.ts';
import { createLogger } from '../../src/server/logger.ts';
import { startServer } from '../../src/server/server.ts';
import { startApi } from '../subscriptions/start-api.ts';
import { createTestClock } from '../support/clock.ts';
import { buildFixtureApi } from '../support/fixture-api.ts';
import { operate, send } from '../support/http.ts';
import { createTestIssuer } from '../support/tokens.ts';

const clients: Socket[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});

/** Never closes its side by itself. */
async function open(origin: string): Promise<Socket> {
  const { hostname, port } = new URL(origin);
  const client = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  client.on('error', () => {});
  clients.push(client);
  await once(client, 'connect');
  return client;
}

async function sendRaw(origin: string, lines: readonly string[], body: string): Promise<Socket> {
  const client = await open(origin);
  client.write(`${[...lines, 'Host: localhost', '', ''].join('\r\n')}${body}`);
  return client;
}

describe('when the server stops', () => {
  it('requests in flight have ten seconds, and no more', async () => {
    const api = await startApi();
    const client = await sendRaw(
      api.origin,
      ['POST /graphql HTTP/1.1', 'Content-Type: application/json', 'Content-Length: 1000'],
      '{',
    );
    // After this response, the request before it has started.
    expect((await send(`${api.origin}/livez`)).status).toBe(200);
    const closed = once(client, 'close');
    const stopped = api.stop();
    api.clock.advance(9);
    expect((await Promise.race([stopped, tick()]))?.done).toBe(false);
    expect(client.destroyed).toBe(false);
    api.clock.advance(1);
    await stopped;
    client.resume();
    client.end();
    await closed;
    expect(api.clock.waiting()).toBe(0);
  });

  it('a request that completes gets its response', async () => {
    const api = await startApi();
    const body = JSON.stringify({ query: '{ public { message } }' });
    const client = await sendRaw(
      api.origin,
      [
        'POST /graphql HTTP/1.1',
        'Content-Type: application/json',
        `Content-Length: ${body.length}`,
      ],
      body.slice(0, 5),
    );
    expect((await send(`${api.origin}/livez`)).status).toBe(200);
    const stopped = api.stop();
    client.write(body.slice(5));
    const [response] = await once(client, 'data');
    expect(String(response)).toContain('200 OK');
    client.end();
    await stopped;
  });
});

describe('with SHUTDOWN_DELAY', () => {
  it('requests are served until the delay is over, and nothing that was sent is lost', async () => {
    const api = await startApi({ SHUTDOWN_DELAY: '5' });
    const readyz = async () => (await send(`${api.origin}/readyz`)).text;
    await expect.poll(readyz).toBe('ok\n');
    const [used, unused] = [await open(api.origin), await open(api.origin)];
    const request = async (): Promise<string> => {
      used.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n');
      const [response] = await once(used, 'data');
      return String(response);
    };
    let hasStopped = false;
    const stopped = api.stop().then(() => {
      hasStopped = true;
    });

    expect(await readyz()).toBe('unavailable\n');
    expect((await operate(api.endpoint, '{ public { message } }')).status).toBe(200);
    expect(await request()).toContain('Connection: keep-alive');

    // The last second.
    api.clock.advance(4);
    await tick();
    await expect(readyz()).rejects.toThrow('ECONNREFUSED');
    expect(await request()).toContain('Connection: close');
    expect([unused.readableEnded, hasStopped]).toEqual([false, false]);

    api.clock.advance(1);
    unused.resume();
    await once(unused, 'end');
    used.end();
    unused.end();
    await stopped;
    expect(api.clock.waiting()).toBe(0);
  });

  it('nothing is waited for once every connection is closed', async () => {
    const api = await startApi({ SHUTDOWN_DELAY: '5' });
    const stopped = api.stop();
    api.clock.advance(4);
    await stopped;
    expect(api.clock.waiting()).toBe(0);
  });
});

/** After everything that is due has run. */
async function tick(): Promise<{ readonly done: false }> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return { done: false };
}

describe('clients that disconnect', () => {
  it('are not an error of the server, however many requests they abandon', async () => {
    const api = await startApi();
    const request = [
      'POST /graphql HTTP/1.1',
      'Host: localhost',
      'Content-Type: application/json',
      'Content-Length: 10',
      '',
      '',
    ].join('\r\n');
    const inChunks = request.replace('Content-Length: 10', 'Transfer-Encoding: chunked');
    const cases = [
      ['a body that ends too early', `${request}{`],
      ['many requests before one of those', `${`${request}{"query":1`.repeat(200)}${request}{`],
      ['an invalid chunk', `${inChunks}zz\r\n`],
      ['a chunk that ends too early', `${inChunks}5\r\n{`],
    ];
    for (const [, text = ''] of cases) {
      const client = await open(api.origin);
      client.write(text);
      expect((await send(`${api.origin}/livez`)).status).toBe(200);
      client.resetAndDestroy();
    }
    await expect.poll(() => api.logged.join('')).toContain('Request aborted');
    await api.stop();
    expect(api.logged.filter((line) => JSON.parse(line).level > 30)).toEqual([]);
  });
});

describe('a start that fails', () => {
  it('leaves nothing behind', async () => {
    const clock = createTestClock();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const issuer = createTestIssuer({ clock });
    const start = startServer({
      configuration: readConfiguration({
        OIDC_ISSUER: issuer.issuer,
        OIDC_AUDIENCE: issuer.audience,
        PORT: String(port),
      }),
      api: buildFixtureApi(),
      log: createLogger('silent', { write: () => {} }),
      clock,
    });
    await expect(start).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(clock.waiting()).toBe(0);
    taken.close();
  });
});
