import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/** A server with the part of Redis' protocol that the replay store uses. Tests can make it fail. */
export interface FakeRedis {
  readonly url: string;
  /**
   * The response to `SET`. `refuse`: an error, as from a full Redis. `hang`: none. `load`: an error to each new
   * connection, as from one that is starting.
   */
  mode: 'serve' | 'refuse' | 'hang' | 'load';
  /** The number of `SET` commands received. */
  readonly sets: number;
  /** The number of connections accepted, including those cut at once while it is down. */
  readonly connections: number;
  /** Cuts all connections, and new ones at once, until `restore`. */
  cut(): void;
  restore(): void;
  /** Resolves at this number of connections. */
  connectedTimes(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function startFakeRedis(): Promise<FakeRedis> {
  const keys = new Set<string>();
  const sockets = new Set<Socket>();
  const counts = { sets: 0, connections: 0 };
  let isCut = false;

  function reply([name = '', key = '']: readonly string[]): string {
    switch (name.toUpperCase()) {
      case 'HELLO':
        if (self.mode === 'load') return '-LOADING Redis is loading the dataset in memory\r\n';
        return '%1\r\n+server\r\n+redis\r\n';
      case 'SET': {
        counts.sets += 1;
        if (self.mode === 'hang') return '';
        if (self.mode === 'refuse') return '-OOM command not allowed when used memory is full\r\n';
        const isNew = !keys.has(key);
        keys.add(key);
        return isNew ? '+OK\r\n' : '_\r\n';
      }
      default:
        return '+OK\r\n';
    }
  }

  const server = createServer((socket) => {
    counts.connections += 1;
    server.emit('counted');
    socket.on('error', () => {});
    if (isCut) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk;
      for (let command = takeCommand(text); command; command = takeCommand(text)) {
        text = command.rest;
        socket.write(reply(command.words));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('There is no port.');

  const self: FakeRedis = {
    url: `redis://127.0.0.1:${address.port}`,
    mode: 'serve',
    get sets() {
      return counts.sets;
    },
    get connections() {
      return counts.connections;
    },
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    restore() {
      isCut = false;
    },
    async connectedTimes(count) {
      while (counts.connections < count) await once(server, 'counted');
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return self;
}

/** Splits off the first complete command, an array of bulk strings. */
function takeCommand(text: string): { words: string[]; rest: string } | undefined {
  const lines = text.split('\r\n');
  const count = Number(lines[0]?.slice(1));
  // Two lines for each word, and the rest after the last line break.
  if (!text.startsWith('*') || lines.length < 2 * count + 2) return undefined;
  const words = Array.from({ length: count }, (_, index) => lines[2 * index + 2] ?? '');
  return { words, rest: lines.slice(2 * count + 1).join('\r\n') };
}
