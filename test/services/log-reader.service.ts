import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { root } from '../documentation/markdown.ts';
import { freePort, freePorts } from '../support/free-ports.ts';
import { operate, send } from '../support/http.ts';

/** Lines for each signal: more than the pipe and the buffer of the log hold together. */
const linesPerSignal = 5_000;
const strays = `process.on('SIGUSR2', () => {
  for (let index = 0; index < ${linesPerSignal}; index += 1) Promise.reject(new Error('stray'));
});`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'log-reader-'));
});
afterAll(() => rm(folder, { recursive: true }));

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** Starts the API, whose log is read for now. */
async function start() {
  const [port] = await freePorts();
  const metricsPort = await freePort();
  const loader = createRequire(import.meta.url).resolve('tsx');
  const main = fileURLToPath(new URL('src/main.ts', root));
  const child = spawn(process.execPath, ['--import', loader, main], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      SHUTDOWN_DELAY: '0',
      OIDC_ISSUER: 'http://127.0.0.1:9/',
      OIDC_AUDIENCE: 'https://api',
      PUBLIC_URL: `http://localhost:${port}`,
      DATABASE_URL: `file:${join(folder, `${port}.sqlite`)}`,
      PORT: String(port),
      METRICS_PORT: String(metricsPort),
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(strays)}`,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  let text = '';
  child.stdout.on('data', (data) => {
    text += data;
  });
  const linesWith = (part: string) => text.split('\n').filter((line) => line.includes(part));
  const request = async () =>
    (await operate(`http://localhost:${port}/graphql`, '{ __typename }')).status;
  const lost = async () => {
    const metrics = (await send(`http://127.0.0.1:${metricsPort}/metrics`)).text;
    return Number(/log_lines_lost_total (\d+)/.exec(metrics)?.[1]);
  };
  await expect.poll(() => text, { timeout: 60_000 }).toContain('GraphQL at');
  return { child, linesWith, request, lost };
}

it('a reader that pauses neither blocks the API, nor misses how much it has missed', async () => {
  const { child, linesWith, request, lost } = await start();
  child.stdout.pause();
  for (let signals = 0; signals < 4; signals += 1) {
    child.kill('SIGUSR2');
    expect(await request()).toBe(200);
  }
  await expect.poll(lost).toBeGreaterThan(linesPerSignal);
  child.stdout.resume();
  // The next line says it.
  const reported = () =>
    linesWith('"lost":').reduce((sum, line) => sum + Number(JSON.parse(line).lost), 0);
  await expect
    .poll(async () => (await request()) === 200 && reported() === (await lost()), {
      timeout: 30_000,
    })
    .toBe(true);
  const requestsAndStrays = linesWith('"route":"graphql"').length + linesWith('"stray"').length;
  expect(requestsAndStrays).toBeLessThan(4 * linesPerSignal);
  expect(requestsAndStrays + reported()).toBeGreaterThanOrEqual(4 * linesPerSignal);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
}, 90_000);

it('a reader that goes away does not end the API', async () => {
  const { child, request, lost } = await start();
  child.stdout.destroy();
  child.kill('SIGUSR2');
  expect(await request()).toBe(200);
  await expect.poll(lost).toBeGreaterThanOrEqual(linesPerSignal);
  expect(await request()).toBe(200);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
}, 90_000);
