import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type MetricsServer,
  type MetricsServerOptions,
  startMetricsServer,
} from '../../../src/server/metrics/metrics-server.ts';
import { formatStartupError } from '../../../src/server/startup-error.ts';
import { createTestClock } from '../../support/clock.ts';
import { freePort } from '../../support/free-ports.ts';
import { send } from '../../support/http.ts';

const started: MetricsServer[] = [];
afterEach(async () => {
  for (const server of started.splice(0)) await server.close();
});

async function start(options: Partial<MetricsServerOptions> = {}) {
  const port = await freePort();
  const errors: unknown[] = [];
  started.push(
    await startMetricsServer({
      port,
      host: '127.0.0.1',
      collect: async () => 'up 1\n',
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      reportError: (error) => void errors.push(error),
      ...options,
    }),
  );
  return { origin: `http://127.0.0.1:${port}`, port, errors };
}

describe('the port of metrics', () => {
  test.each<[string, string, string, number, string]>([
    ['GET', '/metrics', 'the metrics', 200, 'up 1\n'],
    ['GET', '/metrics?name=up', 'the metrics, whatever the query', 200, 'up 1\n'],
    ['HEAD', '/metrics', 'their headers', 200, ''],
    ['POST', '/metrics', 'no other method', 405, 'Method not allowed: use GET or HEAD.\n'],
    ['OPTIONS', '/metrics', 'no preflight', 405, 'Method not allowed: use GET or HEAD.\n'],
    ['GET', '/', 'no other path', 404, 'Not found. Metrics are at /metrics.\n'],
    ['GET', '/metrics/', 'no other path', 404, 'Not found. Metrics are at /metrics.\n'],
    ['POST', '/graphql', 'no GraphQL', 404, 'Not found. Metrics are at /metrics.\n'],
  ])('%s %s: %s', async (method, path, _name, status, text) => {
    const { origin } = await start();
    const headers = ['Origin', 'https://page.example.com'];
    const response = await send(`${origin}${path}`, { method, headers });
    expect(response).toMatchObject({ status, text });
    expect(Object.keys(response.headers).filter((name) => /^access-control/.test(name))).toEqual(
      [],
    );
    expect(response.headers['cache-control']).toBe('no-store');
  });

  test('says the format', async () => {
    const { origin } = await start();
    const { headers } = await send(`${origin}/metrics`);
    expect(headers).toMatchObject({
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'x-content-type-options': 'nosniff',
    });
  });

  test('collects once for requests that arrive together', async () => {
    let calls = 0;
    let finish = (_text: string): void => {};
    const { origin } = await start({
      collect() {
        calls += 1;
        return new Promise((resolve) => {
          finish = resolve;
        });
      },
    });
    const pending = Array.from({ length: 5 }, () => send(`${origin}/metrics`));
    await send(`${origin}/other`);
    finish('up 1\n');
    expect((await Promise.all(pending)).map(({ text }) => text)).toEqual(Array(5).fill('up 1\n'));
    expect(calls).toBe(1);
  });

  test('gives up after five seconds, without saying why', async () => {
    const clock = createTestClock();
    const { origin, errors } = await start({ clock, collect: () => new Promise(() => {}) });
    const pending = send(`${origin}/metrics`);
    await expect.poll(() => clock.waiting()).toBe(1);
    clock.advance(5);
    expect(await pending).toMatchObject({
      status: 503,
      text: 'Metrics were not collected in time. The log says why.\n',
    });
    expect(errors).toHaveLength(1);
  });

  test('closes connections of clients that do not read', async () => {
    const size = 50_000_000;
    const { port } = await start({ timeoutMs: 20, collect: async () => 'x'.repeat(size) });
    let waitMs = 0;
    async function readLate(): Promise<number> {
      const socket = connect({ port, host: '127.0.0.1' }).pause();
      socket.on('error', () => {});
      socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n');
      // What is paused does not notice that it was closed. Longer if the machine is slow.
      waitMs += 200;
      await setTimeout(waitMs);
      let received = 0;
      socket.on('data', ({ length }) => {
        received += length;
      });
      socket.resume();
      await once(socket, 'close');
      return received;
    }
    await expect.poll(readLate, { timeout: 10_000 }).toBeLessThan(size);
  });

  test('survives an error', async () => {
    const { origin, errors } = await start({
      collect: () => Promise.reject(new Error('redis://:secret@redis')),
    });
    const response = await send(`${origin}/metrics`);
    expect(response).toMatchObject({
      status: 503,
      text: 'Metrics were not collected. The log says why.\n',
    });
    expect(errors).toEqual([new Error('redis://:secret@redis')]);
  });

  test('in use is an error that names its setting', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const error = await start({ port }).catch((thrown: unknown) => thrown);
    expect(formatStartupError(error)).toBe(
      `Port ${port} is already in use. Stop the other process, or set METRICS_PORT.`,
    );
    other.close();
  });

  test('on an address of another machine is an error that names its setting', async () => {
    const error = await start({ host: '192.0.2.1' }).catch((thrown: unknown) => thrown);
    expect(formatStartupError(error)).toBe(
      'METRICS_HOST is not an address of this machine. Set it to one, such as 127.0.0.1.',
    );
  });
});
