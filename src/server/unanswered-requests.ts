import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';

/** Requests of one connection that may wait for their responses. */
const mostUnanswered = 10;

/**
 * Makes a listener that gives another one the requests of a connection while at most ten of them
 * are unanswered. One more closes the connection, and it and what follows is not run: Node begins
 * all requests of a chunk at once, a thousand of them or more, while every other client waits.
 * Clients in use send the next request after the response (RFC 9112 §9.3.2 lets them do otherwise).
 */
export function limitUnanswered(): (listener: RequestListener) => RequestListener {
  const unanswered = new WeakMap<Socket, number>();
  const count = (socket: Socket, change: 1 | -1): number => {
    const sum = (unanswered.get(socket) ?? 0) + change;
    unanswered.set(socket, sum);
    return sum;
  };
  return (listener) => (request, response) => {
    const { socket } = request;
    // The rest of the chunk still comes when the connection is closed.
    if (count(socket, 1) > mostUnanswered) {
      socket.destroy();
      return;
    }
    response.once('close', () => count(socket, -1));
    listener(request, response);
  };
}
