import type { Socket } from 'node:net';
import { type Clock, systemClock } from '../shared/clock.ts';
import { isObject } from '../shared/type-guards.ts';
import type { RunningServer } from './server.ts';
import type { SharedPort } from './shared-port.ts';

/** A worker process, as `node:cluster` creates it. */
export interface WorkerProcess {
  readonly process: {
    readonly pid?: number | undefined;
    kill(signal: 'SIGKILL'): unknown;
  };
  once(
    event: 'exit',
    listener: (code: number | null, signal: NodeJS.Signals | null) => void,
  ): unknown;
  /** It could not be started, or a message could not be sent to it. */
  on(event: 'error', listener: (error: Error) => void): unknown;
  /**
   * It reports why it does not start, `{ problem }`, or what it has counted, `{ metrics }`; or it serves the
   * API, and is ready for a connection: `ready`.
   */
  on(event: 'message', listener: (message: unknown) => void): unknown;
  /**
   * `stop`: finish the requests in flight, and exit. `closed`: there are no further connections. `metrics`:
   * report what it has counted.
   */
  send(message: 'stop' | 'closed' | 'metrics'): unknown;
  /** Passes a connection on. */
  send(message: 'connection', socket: Socket, onSent: (error: Error | null) => void): unknown;
}

/** Options for `startWorkers`. */
export interface WorkersOptions {
  /** The number of workers. */
  readonly count: number;
  /** Starts a worker: see `createFork`. */
  readonly fork: () => WorkerProcess;
  /** The port that they share. */
  readonly port: SharedPort;
  readonly log: { error(exit: Pick<WorkerExit, 'pid' | 'reason'>, text: string): void };
  /** Milliseconds for which the port stays open when they stop. */
  readonly closeDelayMs: number;
  /** Milliseconds after which a worker that has not stopped is killed. */
  readonly stopTimeoutMs: number;
  /** Called if workers keep exiting, after the remaining ones have stopped. */
  readonly onFailure: (error: WorkerError) => void;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** The workers cannot serve the API. The message is for the person who starts it. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError';
}

/** A worker that exits before it has served for so many milliseconds has failed. */
const minServingMs = 1_000;
/** How many may fail in a row. */
const maxFailures = 3;

/** A worker that was started. */
interface Worker {
  readonly process: WorkerProcess;
  readonly serving: Promise<void>;
  readonly ended: Promise<WorkerExit>;
  /** Ends it, at once if it does not serve yet: it would not receive a message. */
  readonly stop: () => void;
}

/** How a worker ended. */
interface WorkerExit {
  readonly pid: number | undefined;
  /** A sentence: what it reported, or its exit code or signal. */
  readonly reason: string;
  /** Whether it did not serve at all, or not for long. */
  readonly hasFailed: boolean;
}

/**
 * Serves the API in several processes that share a port, which is opened once all of them can serve. From
 * then on, replaces each one that exits, unless several fail in a row.
 *
 * @throws {WorkerError} If one of them does not start; the others are then killed.
 * @throws The error of Node's `listen`, if the port cannot be used.
 */
export async function startWorkers(options: WorkersOptions): Promise<RunningServer> {
  const { count, fork, port, log, closeDelayMs, stopTimeoutMs, onFailure } = options;
  const { clock = systemClock } = options;
  const running = new Set<Worker>();
  let state: 'starting' | 'serving' | 'stopping' = 'starting';
  let failures = 0;

  function start(): Worker {
    const worker = startWorker(fork, clock);
    running.add(worker);
    port.add(worker.process);
    void worker.ended.then((exit) => {
      running.delete(worker);
      if (state === 'serving') replace(exit);
    });
    return worker;
  }

  function replace({ pid, reason, hasFailed }: WorkerExit): void {
    failures = hasFailed ? failures + 1 : 0;
    if (failures < maxFailures) {
      log.error({ pid, reason }, 'A worker exited. Another one replaces it.');
      start();
      return;
    }
    const error = new WorkerError(`${failures} workers in a row failed. The last one: ${reason}`);
    void stop().then(
      () => onFailure(error),
      () => onFailure(error),
    );
  }

  function kill(): void {
    for (const worker of running) worker.process.process.kill('SIGKILL');
  }

  async function stop(): Promise<void> {
    state = 'stopping';
    const stopping = [...running];
    for (const worker of stopping) worker.stop();
    let killed = 0;
    const timers = [
      clock.setTimer(closeDelayMs, () => void port.close()),
      clock.setTimer(stopTimeoutMs, () => {
        killed = running.size;
        kill();
      }),
    ];
    await Promise.all(stopping.map(({ ended }) => ended));
    for (const cancel of timers) cancel();
    await port.close();
    if (killed > 0) throw new WorkerError(`Workers that had to be killed: ${killed}.`);
  }

  const workers = Array.from({ length: count }, start);
  try {
    await Promise.race([
      Promise.all(workers.map(({ serving }) => serving)),
      ...workers.map(({ ended }) =>
        ended.then(({ reason }) => {
          throw new WorkerError(reason);
        }),
      ),
    ]);
    await port.open();
  } catch (error) {
    kill();
    await Promise.all(workers.map(({ ended }) => ended));
    throw error;
  }
  state = 'serving';
  return { stop };
}

function startWorker(fork: () => WorkerProcess, clock: Clock): Worker {
  const worker = fork();
  const { pid } = worker.process;
  let servesSince = Number.POSITIVE_INFINITY;
  let problem: string | undefined;
  worker.on('message', (message) => {
    if (!isObject(message) || typeof message['problem'] !== 'string') return;
    problem = message['problem'];
    worker.process.kill('SIGKILL');
  });
  return {
    process: worker,
    stop() {
      if (servesSince === Number.POSITIVE_INFINITY) worker.process.kill('SIGKILL');
      else worker.send('stop');
    },
    serving: new Promise((resolve) => {
      worker.on('message', (message) => {
        if (message !== 'ready' || servesSince < Number.POSITIVE_INFINITY) return;
        servesSince = clock.now().getTime();
        resolve();
      });
    }),
    ended: new Promise((resolve) => {
      const end = (reason: string): void => {
        const hasFailed = clock.now().getTime() < servesSince + minServingMs;
        resolve({ pid, reason: problem ?? reason, hasFailed });
      };
      worker.on('error', (error) => {
        // Without a process, nothing exits. Otherwise, it has exited before a message was sent to it.
        if (pid === undefined) end(`A worker could not be started: ${error.message}.`);
      });
      worker.once('exit', (code, signal) =>
        end(`A worker exited with ${signal ?? `code ${code}`}.`),
      );
    }),
  };
}

/**
 * Creates the function that starts workers, each a process of `node:cluster` that runs a file.
 *
 * @param environment Their settings: variables beside those of this process.
 */
export async function createFork(
  file: string,
  environment: Readonly<Record<string, string>>,
): Promise<() => WorkerProcess> {
  const { default: cluster } = await import('node:cluster');
  cluster.setupPrimary({ exec: file, args: [] });
  return () => cluster.fork(environment);
}
