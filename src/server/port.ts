import { createServer, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Where a server gets its connections from. */
export interface Port {
  /** From now on, passes on each connection. */
  open(receive: (socket: Socket) => void): Promise<void>;
  /** Ends that. Resolves once no further connection can arrive; those that are open stay open. */
  close(): Promise<void>;
}

/** Options for `createPort`. */
export interface PortOptions {
  readonly port: number;
  readonly host: string;
  /** For connections that are passed to another process, which must read all that clients send. */
  readonly isUnread?: boolean;
}

/** Connections that arrive during a turn of the event loop are seen in the next one. */
const quietTurnMs = 1;

/** Milliseconds for which new connections wait, at most, when a port closes. */
const maxHoldMs = 250;

/**
 * Creates a port that this process opens itself. `open` rejects with the error of Node's `listen`.
 *
 * The operating system accepts connections by itself, and resets those that the process has not got yet when
 * it closes the port. So before it is closed, new connections are held back, which lets clients send nothing
 * more, until there is none in a short turn of the event loop. Then they are passed on.
 */
export function createPort({ port, host, isUnread = false }: PortOptions): Port {
  let receive = (_socket: Socket): void => {};
  // As Node's HTTP server opens connections.
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: isUnread });
  server.on('connection', (socket) => receive(socket));

  return {
    open: (next) =>
      new Promise((resolve, reject) => {
        receive = next;
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          resolve();
        });
      }),
    async close() {
      const passOn = receive;
      const held: Socket[] = [];
      // Until something else handles it, an error would end the process.
      receive = (socket) => void held.push(socket.on('error', () => {}));
      const start = performance.now();
      let isQuiet = false;
      for (let now = start; !isQuiet && now < start + maxHoldMs; ) {
        const before = { now, held: held.length };
        await nextTurn();
        now = performance.now();
        isQuiet = held.length === before.held && now < before.now + quietTurnMs;
      }
      server.close();
      held.forEach(passOn);
    },
  };
}
