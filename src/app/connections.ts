import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** The HTTP connections of a server. */
export interface Connections {
  /**
   * From now on, closes each connection as soon as no request is on it. Node's own
   * `closeIdleConnections` leaves those alone that have not sent a request yet, and those that
   * become idle later.
   */
  closeWhenIdle(): void;
}

/** Keeps account of a server's connections. What becomes a WebSocket is no longer one of them. */
export function trackConnections(server: Server): Connections {
  /** How many requests are on each. */
  const requests = new Map<Socket, number>();
  let isClosing = false;

  const count = (socket: Socket, change: 1 | -1): void => {
    const before = requests.get(socket);
    if (before === undefined) return;
    requests.set(socket, before + change);
    if (isClosing && before + change === 0) socket.end(() => socket.destroy());
  };
  server.on('connection', (socket) => {
    requests.set(socket, 0);
    socket.once('close', () => requests.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    count(socket, 1);
    response.once('close', () => count(socket, -1));
  });
  server.on('upgrade', ({ socket }) => requests.delete(socket));

  return {
    closeWhenIdle() {
      isClosing = true;
      for (const [socket, running] of requests) {
        if (running === 0) socket.destroy();
      }
    },
  };
}
