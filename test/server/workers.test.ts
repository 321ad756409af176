import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { SharedPort } from '../../src/server/shared-port.ts';
import { startWorkers, type WorkerError, type WorkerProcess } from '../../src/server/workers.ts';
import { createTestClock } from '../support/clock.ts';

/** A worker that does nothing by itself. */
class FakeWorker extends EventEmitter implements WorkerProcess {
  readonly sent: string[] = [];
  readonly process;

  constructor(pid: number | undefined) {
    super();
    this.process = { pid, kill: () => void this.emit('exit', null, 'SIGKILL') };
  }

  send(message: string): void {
    this.sent.push(message);
  }
}

/** Says what is done with the port. */
class FakePort implements SharedPort {
  readonly events: string[] = [];
  add(): void {}
  async open(): Promise<void> {
    this.events.push('open');
  }
  async close(): Promise<void> {
    this.events.push('close');
  }
}

function setUp(count: number) {
  const clock = createTestClock();
  const workers: FakeWorker[] = [];
  const logged: string[] = [];
  const failures: WorkerError[] = [];
  const port = new FakePort();
  const started = startWorkers({
    count,
    clock,
    port,
    closeDelayMs: 4_000,
    stopTimeoutMs: 11_000,
    fork() {
      const worker = new FakeWorker(100 + workers.length);
      workers.push(worker);
      return worker;
    },
    log: { error: ({ pid, reason }) => void logged.push(`${pid}: ${reason}`) },
    onFailure: (error) => void failures.push(error),
  });
  const worker = (index: number): FakeWorker => {
    const found = workers[index];
    if (found === undefined) throw new Error(`Worker ${index} was not started.`);
    return found;
  };
  return { clock, workers, worker, logged, failures, port, started };
}

/** Two workers that serve. */
async function serve() {
  const all = setUp(2);
  for (const worker of all.workers) worker.emit('message', 'ready');
  return { ...all, server: await all.started };
}

/** Lets promises settle. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('the port is opened once all workers serve', async () => {
  const { worker, workers, port, started } = setUp(2);
  let hasStarted = false;
  void started.then(() => {
    hasStarted = true;
  });
  worker(1).emit('message', 'ready');
  await settle();
  expect([hasStarted, port.events]).toEqual([false, []]);
  worker(0).emit('message', 'ready');
  await settle();
  expect([hasStarted, port.events]).toEqual([true, ['open']]);
  expect(workers).toHaveLength(2);
});

test.each<[string, (worker: FakeWorker) => void, string]>([
  ['reports a problem', (worker) => worker.emit('message', { problem: 'Port 1.' }), 'Port 1.'],
  ['exits', (worker) => worker.emit('exit', 3, null), 'A worker exited with code 3.'],
  [
    'exits after it served',
    (worker) => worker.emit('message', 'ready') && worker.emit('exit', null, 'SIGSEGV'),
    'A worker exited with SIGSEGV.',
  ],
])('if one %s while they start, all are ended', async (_case, fail, message) => {
  const { worker, workers, started } = setUp(3);
  const ended: number[] = [];
  for (const [index, { process }] of workers.entries()) {
    const { kill } = process;
    process.kill = () => {
      ended.push(index);
      kill();
    };
  }
  fail(worker(1));
  await expect(started).rejects.toMatchObject({ name: 'WorkerError', message });
  expect(ended).toEqual(expect.arrayContaining([0, 2]));
  expect(workers).toHaveLength(3);
});

test('messages of other programs are ignored', async () => {
  const { worker, started } = setUp(1);
  for (const message of ['problem', null, { type: 'dependency' }]) {
    worker(0).emit('message', message);
  }
  worker(0).emit('message', 'ready');
  await started;
});

test('a worker that cannot be started ends the start', async () => {
  const started = startWorkers({
    count: 1,
    fork() {
      const worker = new FakeWorker(undefined);
      queueMicrotask(() => worker.emit('error', new Error('spawn EAGAIN')));
      return worker;
    },
    port: new FakePort(),
    log: { error: () => {} },
    closeDelayMs: 0,
    stopTimeoutMs: 11_000,
    onFailure: () => {},
  });
  await expect(started).rejects.toThrow('A worker could not be started: spawn EAGAIN.');
});

test('a worker that exits is replaced, however often, if it has served', async () => {
  const { clock, worker, workers, logged, failures } = await serve();
  for (let index = 1; index < 8; index += 1) {
    clock.advance(1);
    worker(index).emit('exit', null, 'SIGKILL');
    await settle();
    worker(index + 1).emit('message', 'ready');
  }
  expect(workers).toHaveLength(9);
  expect(logged.slice(0, 2)).toEqual([
    '101: A worker exited with SIGKILL.',
    '102: A worker exited with SIGKILL.',
  ]);
  expect(failures).toEqual([]);
});

test('three that fail in a row are the end, after the others have stopped', async () => {
  const { clock, worker, workers, failures } = await serve();
  clock.advance(60);
  worker(1).emit('exit', 1, null);
  await settle();
  // The next ones fail before they serve, directly after it, and with a problem.
  worker(2).emit('exit', 1, null);
  await settle();
  worker(3).emit('message', 'ready');
  clock.advance(0.999);
  worker(3).emit('exit', 1, null);
  await settle();
  worker(4).emit('message', { problem: 'REDIS_URL is invalid.' });
  await settle();

  expect(workers).toHaveLength(5);
  expect(worker(0).sent).toEqual(['stop']);
  expect(failures).toEqual([]);
  worker(0).emit('exit', 0, null);
  await settle();
  expect(failures.map(({ message }) => message)).toEqual([
    '3 workers in a row failed. The last one: REDIS_URL is invalid.',
  ]);
});

test('one that serves resets the count', async () => {
  const { clock, worker, workers, failures } = await serve();
  clock.advance(60);
  for (let index = 1; index < 10; index += 1) {
    worker(index).emit('exit', 1, null);
    await settle();
    worker(index + 1).emit('message', 'ready');
    // Two fail, and the third one serves.
    if (index % 3 === 0) clock.advance(1);
  }
  expect(workers).toHaveLength(11);
  expect(failures).toEqual([]);
});

test('stopping waits for those that serve, kills one that is starting, and replaces none', async () => {
  const { clock, worker, workers, server, logged } = await serve();
  clock.advance(60);
  worker(0).emit('exit', 1, null);
  await settle();
  let hasStopped = false;
  const stopped = server.stop().then(() => {
    hasStopped = true;
  });
  expect(workers.map(({ sent }) => sent)).toEqual([[], ['stop'], []]);
  worker(1).emit('error', new Error('channel closed'));
  await settle();
  expect(hasStopped).toBe(false);
  worker(1).emit('exit', 0, null);
  await stopped;
  expect(workers).toHaveLength(3);
  expect(logged).toHaveLength(1);
  expect(clock.waiting()).toBe(0);
});

test('those that do not stop are killed after eleven seconds', async () => {
  const { clock, worker, server } = await serve();
  const stopped = server.stop();
  worker(0).emit('exit', 0, null);
  await settle();
  clock.advance(10.999);
  expect(worker(1).listenerCount('exit')).toBe(1);
  clock.advance(0.001);
  await expect(stopped).rejects.toThrow('Workers that had to be killed: 1.');
});

test('the port is closed before they drain', async () => {
  const { clock, worker, server, port } = await serve();
  const stopped = server.stop();
  clock.advance(3.999);
  expect([worker(0).sent, port.events]).toEqual([['stop'], ['open']]);
  clock.advance(0.001);
  expect(port.events).toEqual(['open', 'close']);
  worker(0).emit('exit', 0, null);
  worker(1).emit('exit', 0, null);
  await stopped;
});

test('a port that cannot be opened ends them', async () => {
  const { worker, port, started } = setUp(1);
  port.open = () => Promise.reject(new Error('EADDRINUSE'));
  const ended: unknown[] = [];
  worker(0).once('exit', (...exit) => ended.push(exit));
  worker(0).emit('message', 'ready');
  await expect(started).rejects.toThrow('EADDRINUSE');
  expect(ended).toEqual([[null, 'SIGKILL']]);
});
