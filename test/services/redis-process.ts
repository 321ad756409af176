import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RedisClientType } from 'redis';
import { freePort } from '../support/free-ports.ts';
import { untilPortOpens } from '../support/until-port-opens.ts';

/** A Redis of our own, in memory alone. */
export interface RedisProcess {
  readonly url: string;
  /** Starts it again, on the same port and with nothing in it. */
  start(): Promise<void>;
  /** As a crash ends it. */
  kill(): Promise<void>;
  /** Connections stay, and nothing answers. */
  hang(): void;
  /** Ends the hanging. */
  wake(): void;
  close(): Promise<void>;
}

/**
 * Starts a redis-server on a free port.
 *
 * @param password Asked of every client, where one is given.
 * @throws {Error} That says what to install, where there is none.
 */
export async function startRedis(password?: string): Promise<RedisProcess> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'redis-'));
  let child: ChildProcess | undefined;

  const self: RedisProcess = {
    url: `redis://${password === undefined ? '' : `:${password}@`}127.0.0.1:${port}`,
    async start() {
      const words = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
      const secret = password === undefined ? [] : ['--requirepass', password];
      const started = spawn('redis-server', [...words, ...secret], { stdio: 'ignore' });
      child = started;
      await Promise.race([untilPortOpens(port), untilItFails(started)]);
    },
    async kill() {
      const running = child;
      child = undefined;
      if (running === undefined) return;
      const ended = once(running, 'exit');
      running.kill('SIGKILL');
      await ended;
    },
    hang: () => void child?.kill('SIGSTOP'),
    wake: () => void child?.kill('SIGCONT'),
    async close() {
      await self.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await self.start();
  return self;
}

async function untilItFails(child: ChildProcess): Promise<never> {
  const cause: unknown = await Promise.race([
    once(child, 'error').then(([error]) => error),
    once(child, 'exit').then(([code]) => new Error(`redis-server ended with code ${code}.`)),
  ]);
  const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
  throw new Error(
    isMissing
      ? 'These tests need redis-server, and it is not installed. On Debian and Ubuntu: apt-get install redis-server. With Homebrew: brew install redis.'
      : 'redis-server did not start.',
    { cause },
  );
}

/** Runs a function with a client that has emptied the database, and closes the client. */
export async function withRedisClient<Result>(
  url: string,
  run: (client: RedisClientType) => Promise<Result>,
): Promise<Result> {
  const { createClient } = await import('redis');
  const client: RedisClientType = createClient({ url });
  // Commands fail by themselves.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.flushAll();
    return await run(client);
  } finally {
    client.destroy();
  }
}
