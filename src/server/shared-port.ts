import { Socket } from 'node:net';
import { createPort, type Port, type PortOptions } from './port.ts';
import type { WorkerProcess } from './workers.ts';

/** The port that workers share. */
export interface SharedPort {
  /** From now on, the worker gets connections whenever it is ready for one. */
  add(worker: WorkerProcess): void;
  /** Opens the port. */
  open(): Promise<void>;
  /** Closes the port, and tells the workers once they have every connection that was accepted. */
  close(): Promise<void>;
}

/** Connections that wait for a worker. Further ones are closed. */
const maxWaiting = 1_000;

/**
 * Opens a port in this process, and passes each connection to the worker that has been ready for the
 * longest time. A worker that is busy gets one at most that it has not begun.
 *
 * Not with the port that `node:cluster` shares: it closes when the last worker stops listening, and with
 * it those connections that were accepted, but which no worker has got. Here, it is closed before a worker
 * stops.
 */
export function createSharedPort({
  port: number,
  host,
}: Pick<PortOptions, 'port' | 'host'>): SharedPort {
  const port = createPort({ port: number, host, isUnread: true });
  const workers = new Set<WorkerProcess>();
  /** In the order in which they get connections. */
  const ready = new Set<WorkerProcess>();
  const waiting: Socket[] = [];
  let isClosed = false;

  function take(socket: Socket): void {
    if (waiting.length >= maxWaiting) socket.destroy();
    else waiting.push(socket);
    pass();
  }

  function pass(): void {
    for (const worker of ready) {
      const socket = waiting.shift();
      if (socket === undefined) break;
      ready.delete(worker);
      worker.send('connection', socket, (error) => {
        if (error === null) return;
        // The worker has just exited.
        waiting.unshift(socket);
        pass();
      });
    }
    if (!isClosed || waiting.length > 0) return;
    for (const worker of workers) worker.send('closed');
    workers.clear();
  }

  return {
    add(worker) {
      workers.add(worker);
      worker.on('message', (message) => {
        if (message !== 'ready' || !workers.has(worker)) return;
        ready.add(worker);
        pass();
      });
      worker.once('exit', () => {
        workers.delete(worker);
        ready.delete(worker);
      });
    },
    open: () => port.open(take),
    async close() {
      await port.close();
      isClosed = true;
      pass();
    },
  };
}

/** The channel of a worker to the process that started it, such as `process`. */
export interface WorkerChannel {
  on(event: 'message', listener: (message: unknown, handle: unknown) => void): unknown;
  readonly connected: boolean;
  send?(message: 'ready'): unknown;
}

/** The port of a worker: the one that the process on the other side of the channel has opened. */
export function receiveConnections(channel: WorkerChannel): Port {
  let receive = (_socket: Socket): void => {};
  const closed = new Promise<void>((resolve) => {
    channel.on('message', (message, handle) => {
      if (message === 'closed') resolve();
      // Without a socket, the client has gone.
      if (message === 'connection') {
        if (handle instanceof Socket) {
          // As Node's HTTP server opens them.
          handle.allowHalfOpen = true;
          receive(handle);
        }
        sendReady();
      }
    });
  });
  // Otherwise, this process is being ended.
  const sendReady = (): void => {
    if (channel.connected) channel.send?.('ready');
  };
  return {
    async open(next) {
      receive = next;
      sendReady();
    },
    close: () => closed,
  };
}
