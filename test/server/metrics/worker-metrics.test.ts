import { EventEmitter } from 'node:events';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createWorkerMetrics } from '../../../src/server/metrics/worker-metrics.ts';
import type { WorkerProcess } from '../../../src/server/workers.ts';
import { createTestClock } from '../../support/clock.ts';

/** A worker with metrics of its own. It responds as `worker.ts` does, unless it hangs. */
class FakeWorker extends EventEmitter implements WorkerProcess {
  readonly process = { pid: 1, kill() {} };
  readonly #registry = new Registry();
  readonly requests = new Counter({
    name: 'requests_total',
    help: 'Requests.',
    labelNames: ['status'],
    registers: [this.#registry],
  });
  readonly durations = new Histogram({
    name: 'duration_seconds',
    help: 'Durations.',
    buckets: [1],
    registers: [this.#registry],
  });
  readonly open = new Gauge({ name: 'open', help: 'Open.', registers: [this.#registry] });
  readonly age = new Gauge({
    name: 'age',
    help: 'Age.',
    aggregator: 'max',
    registers: [this.#registry],
  });
  hangs = false;

  send(message: string): void {
    if (message !== 'metrics' || this.hangs) return;
    void this.#registry.getMetricsAsJSON().then((metrics) =>
      // As the channel between the processes does.
      this.emit('message', JSON.parse(JSON.stringify({ metrics }))),
    );
  }
}

function setUp(count: number) {
  const clock = createTestClock();
  const metrics = createWorkerMetrics(clock);
  const workers: FakeWorker[] = [];
  const fork = metrics.watch(() => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker;
  });
  const start = (): FakeWorker => {
    fork();
    const worker = workers.at(-1);
    if (worker === undefined) throw new Error('No worker was started.');
    worker.emit('message', 'ready');
    return worker;
  };
  return { clock, metrics, start, workers: Array.from({ length: count }, start) };
}

/** The lines without comments. */
const linesOf = (text: string): readonly string[] =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

test('the metrics of workers are added up', async () => {
  const { metrics, workers } = setUp(2);
  for (const [index, worker] of workers.entries()) {
    worker.requests.inc({ status: '200' }, 5);
    worker.requests.inc({ status: `50${index}` });
    worker.durations.observe(0.5 + index);
    worker.open.set(3);
    worker.age.set(10 * (index + 1));
  }
  expect(linesOf(await metrics.collect())).toEqual([
    'requests_total{status="200"} 10',
    'requests_total{status="500"} 1',
    'requests_total{status="501"} 1',
    'duration_seconds_bucket{le="1"} 1',
    'duration_seconds_bucket{le="+Inf"} 2',
    'duration_seconds_sum 2',
    'duration_seconds_count 2',
    'open 6',
    'age 20',
  ]);
});

test('what workers that have exited had counted remains, and nothing else of them', async () => {
  const { metrics, workers, start } = setUp(2);
  for (const worker of workers) {
    worker.requests.inc({ status: '200' }, 5);
    worker.open.set(3);
    worker.durations.observe(0.5);
  }
  await metrics.collect();
  for (const worker of workers) worker.emit('exit', 1, null);
  start().requests.inc({ status: '200' });
  for (let times = 0; times < 3; times += 1) {
    expect(linesOf(await metrics.collect())).toEqual(
      expect.arrayContaining([
        'requests_total{status="200"} 11',
        'duration_seconds_count 2',
        'open 0',
      ]),
    );
  }
});

test('a worker that hangs counts as before, after two seconds', async () => {
  const { clock, metrics, workers } = setUp(2);
  const [hanging, other] = workers;
  hanging?.requests.inc({ status: '200' }, 5);
  hanging?.open.set(3);
  await metrics.collect();
  if (hanging) hanging.hangs = true;
  other?.requests.inc({ status: '200' }, 2);
  const pending = metrics.collect();
  await expect.poll(() => clock.waiting()).toBe(1);
  clock.advance(2);
  expect(linesOf(await pending)).toEqual(
    expect.arrayContaining(['requests_total{status="200"} 7', 'open 0']),
  );
});

test('a worker that does not listen yet is not asked, and other messages are ignored', async () => {
  const { metrics, workers } = setUp(1);
  const fork = metrics.watch(() => new FakeWorker());
  fork();
  workers[0]?.requests.inc({ status: '200' });
  const pending = metrics.collect();
  for (const message of ['metrics', null, { metrics: 'none' }, { metrics: [{ values: 1 }] }]) {
    workers[0]?.emit('message', message);
  }
  expect(linesOf(await pending)).toContain('requests_total{status="200"} 1');
});
