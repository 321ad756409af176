import {
  AggregatorRegistry,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client';
import { type Clock, systemClock } from '../../shared/clock.ts';
import { isObject } from '../../shared/type-guards.ts';
import { withTimeout } from '../../shared/with-timeout.ts';
import type { WorkerProcess } from '../workers.ts';

/** All metrics of one process at one time. */
export type MetricsSnapshot = readonly MetricObjectWithValues<MetricValue<string>>[];

/** The metrics of all workers. */
export interface WorkerMetrics {
  /** Wraps the function that starts workers, so that each is asked for its metrics from then on. */
  watch(fork: () => WorkerProcess): () => WorkerProcess;
  readonly contentType: string;
  /** The metrics of all workers together, as text. */
  collect(): Promise<string>;
}

/** Milliseconds in which a worker must respond. */
const timeoutMs = 2_000;

/**
 * Collects the metrics of workers in the process that started them, by messages. What workers counted
 * remains after they have exited or while they hang, as of the last time that they responded: a sum that gets
 * smaller would look like a restart of all of them.
 */
export function createWorkerMetrics(clock: Clock = systemClock): WorkerMetrics {
  const reporters = new Set<Reporter>();
  let exited: MetricsSnapshot = [];

  return {
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
    watch: (fork) => () => {
      const worker = fork();
      const reporter = new Reporter(worker, clock);
      reporters.add(reporter);
      worker.once('exit', () => {
        reporters.delete(reporter);
        exited = [...exited, ...reporter.counted()];
      });
      return worker;
    },
    async collect() {
      const serving = [...reporters].filter((reporter) => reporter.isServing);
      const responses = await Promise.all(serving.map((reporter) => reporter.ask()));
      const merged = exited;
      const sums = AggregatorRegistry.aggregate([merged]);
      const all = AggregatorRegistry.aggregate([merged, ...responses]);
      // Unless another worker has exited meanwhile.
      const sum = await sums.getMetricsAsJSON();
      if (exited === merged) exited = sum;
      return all.metrics();
    },
  };
}

/** A worker that is asked for its metrics. */
class Reporter {
  readonly #worker: WorkerProcess;
  readonly #clock: Clock;
  #last: MetricsSnapshot = [];
  #receive: (snapshot: MetricsSnapshot) => void = () => {};
  isServing = false;

  constructor(worker: WorkerProcess, clock: Clock) {
    this.#worker = worker;
    this.#clock = clock;
    worker.on('message', (message) => {
      if (message === 'ready') this.isServing = true;
      if (!isObject(message) || !isSnapshot(message['metrics'])) return;
      this.#last = message['metrics'];
      this.#receive(this.#last);
    });
  }

  /** What it had counted when it responded for the last time. */
  counted(): MetricsSnapshot {
    return this.#last.filter(({ type }) => counting.has(String(type)));
  }

  /** Its metrics now or, if it does not respond, what it had counted before. */
  async ask(): Promise<MetricsSnapshot> {
    const response = new Promise<MetricsSnapshot>((resolve) => {
      this.#receive = resolve;
    });
    try {
      this.#worker.send('metrics');
      return await withTimeout(response, timeoutMs, 'A worker did not respond.', this.#clock);
    } catch {
      return this.counted();
    }
  }
}

/** The types of metrics that never get smaller. */
const counting: ReadonlySet<string> = new Set(['counter', 'histogram']);

const isSnapshot = (value: unknown): value is MetricsSnapshot =>
  Array.isArray(value) &&
  value.every((metric) => isObject(metric) && Array.isArray(metric['values']));
