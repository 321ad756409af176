import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../shared/clock.ts';

/** The connections of a server. */
export interface Connections {
  /** How many are open, those included that have become WebSockets. */
  readonly open: number;
  /**
   * From now on, closes each HTTP connection as soon as no request is on it. Node's own
   * `closeIdleConnections` leaves those alone that have not sent a request yet, and those that
   * become idle later.
   */
  closeWhenIdle(): void;
  /** Closes every connection, whatever is on it, and looks after none any more. */
  closeAll(): void;
}

/**
 * Milliseconds that a client may take nothing of a response that waits for it. The system lets new
 * bytes in only when a good part of its buffer is free, so a slow client seems to pause.
 */
const maxStall = 60_000;
/** Milliseconds between two looks at what waits. */
const interval = 5_000;

/** One connection. A WebSocket looks after itself, but for the end of the server. */
interface Connection {
  kind: 'http' | 'upgraded';
  /** How many requests are on it. */
  requests: number;
  /** What the client had taken when it was last looked at. */
  taken: string;
  /** For how long it has taken no more. */
  stalledFor: number;
}

/**
 * Keeps account of a server's connections. One whose client leaves a response unread for
 * a minute is cut: Node would keep it, and what it waits for, without end. A slow client is
 * not cut as long as bytes move.
 */
export function trackConnections(server: Server, clock: Clock): Connections {
  const connections = new Map<Socket, Connection>();
  let isClosing = false;

  const count = (socket: Socket, change: 1 | -1): void => {
    const connection = connections.get(socket);
    if (connection === undefined) return;
    connection.requests += change;
    if (isClosing && connection.requests === 0) socket.end(() => socket.destroy());
  };
  server.on('connection', (socket) => {
    connections.set(socket, { kind: 'http', requests: 0, taken: '', stalledFor: 0 });
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    count(socket, 1);
    response.once('close', () => count(socket, -1));
  });
  server.on('upgrade', ({ socket }) => {
    const connection = connections.get(socket);
    if (connection !== undefined) connection.kind = 'upgraded';
  });

  const look = (): void => {
    for (const [socket, connection] of connections) {
      if (connection.kind === 'http') cutWhenStalled(socket, connection);
    }
    cancelLook = clock.setTimer(interval, look);
  };
  let cancelLook = clock.setTimer(interval, look);

  return {
    get open() {
      return connections.size;
    },
    closeWhenIdle() {
      isClosing = true;
      for (const [socket, { kind, requests }] of connections) {
        if (kind === 'http' && requests === 0) socket.destroy();
      }
    },
    closeAll() {
      cancelLook();
      for (const socket of connections.keys()) socket.destroy();
    },
  };
}

function cutWhenStalled(socket: Socket, connection: Connection): void {
  const taken = takenFrom(socket);
  const isStalled = socket.writableLength > 0 && taken === connection.taken;
  connection.stalledFor = isStalled ? connection.stalledFor + interval : 0;
  connection.taken = taken;
  if (connection.stalledFor >= maxStall) socket.destroy();
}

/**
 * How far a client has come in taking what it was sent: the writes that are done, and what the
 * system has not taken yet of the one that is not. Of a large response, which is one write, only
 * the latter moves.
 */
export function takenFrom(socket: Socket): string {
  const done = socket.bytesWritten - socket.writableLength;
  const handle: unknown = '_handle' in socket ? socket._handle : undefined;
  const left =
    typeof handle === 'object' && handle !== null && 'writeQueueSize' in handle
      ? handle.writeQueueSize
      : 0;
  return `${done} ${left}`;
}
