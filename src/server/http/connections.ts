import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../../shared/clock.ts';

/** The connections of a server. */
export interface Connections {
  /** The number of open connections, including WebSockets. */
  readonly open: number;
  /**
   * Counts a request until its response is complete. Call it first for each request, and serve none that
   * it does not admit: its connection is being closed, because too many requests of it were pending.
   */
  admit(request: IncomingMessage, response: ServerResponse): boolean;
  /** The first response of a connection that is not complete. */
  readonly pendingOf: (socket: Socket) => ServerResponse | undefined;
  /**
   * From now on, each HTTP connection is closed after the response to its last request, which says so
   * (`Connection: close`) if it has not begun. Connections without a request stay open.
   */
  closeAfterResponses(): void;
  /**
   * Closes each HTTP connection that has no request, also one that has not had any, which Node's own
   * `closeIdleConnections` skips.
   */
  closeIdle(): void;
  /** Resolves as soon as no connection is open. */
  closed(): Promise<void>;
  /** Closes every connection immediately, and stops watching. */
  closeAll(): void;
}

/** How long clients can take, in milliseconds. */
export interface ConnectionTimeouts {
  /** To send a request; its headers, in a third of it. */
  readonly requestMs: number;
  /** Between two requests of a connection. */
  readonly idleMs: number;
  /**
   * To read something of a pending response. Generous by default, because the operating system accepts new
   * bytes only when much of its buffer is free: a slow client seems to pause.
   */
  readonly writeMs: number;
}

/** Options for `trackConnections`. */
interface ConnectionsOptions {
  readonly clock: Clock;
  readonly maxConnections: number;
  readonly timeouts: Pick<ConnectionTimeouts, 'writeMs'>;
  /** Called with the number of connections beyond the maximum that were closed, at most once a minute. */
  readonly reportExcess: (closed: number) => void;
}

/** Milliseconds between two checks. */
const checkIntervalMs = 5_000;

/** Milliseconds between two reports of connections beyond the maximum. */
const excessIntervalMs = 60_000;

/** Bytes of responses that clients that do not read can leave unread together. */
const maxStalledBytes = 256 * 1024 * 1024;

/**
 * Maximum number of requests of one connection that wait for their responses (pipelining, RFC 9112
 * §9.3.2). Node starts all requests of a chunk at once, a thousand or more, while every other client
 * waits. Real clients send the next request after the response.
 */
const maxPipelined = 10;

/** One connection. A WebSocket does its own checks; it is only closed with the server. */
interface Connection {
  kind: 'http' | 'upgraded';
  /** Responses that are not complete, in the order of their requests. */
  readonly pending: Set<ServerResponse>;
  /** The result of `sendProgress` at the last check. */
  progress: string;
  stalledMs: number;
}

/**
 * Tracks the connections of a server. Closes those beyond a maximum immediately, one with more than ten
 * pending requests, and one whose client has read nothing of a pending response for the time of `writeMs`,
 * which Node would keep forever. Beyond 256 MiB of responses that nothing is read of, those with the most are
 * closed earlier. A slow client is not closed as long as bytes move.
 *
 * Not with `maxConnections` of Node: a worker of `node:cluster` would pass further connections to the
 * others, and they back to it, without end.
 */
export function trackConnections(
  server: Server,
  { clock, maxConnections, timeouts, reportExcess }: ConnectionsOptions,
): Connections {
  const connections = new Map<Socket, Connection>();
  let isClosing = false;
  let reportClosed = (): void => {};
  /** Closed since the last report, which was at this time. */
  let excess = 0;
  let reportedAt = Number.NEGATIVE_INFINITY;

  const reportDueExcess = (): void => {
    const now = clock.now().getTime();
    if (excess === 0 || now - reportedAt < excessIntervalMs) return;
    reportExcess(excess);
    reportedAt = now;
    excess = 0;
  };

  server.on('connection', (socket) => {
    if (connections.size >= maxConnections) {
      socket.destroy();
      excess += 1;
      reportDueExcess();
      return;
    }
    connections.set(socket, { kind: 'http', pending: new Set(), progress: '', stalledMs: 0 });
    socket.once('close', () => {
      connections.delete(socket);
      if (connections.size === 0) reportClosed();
    });
  });
  server.on('upgrade', ({ socket }) => {
    const connection = connections.get(socket);
    if (connection !== undefined) connection.kind = 'upgraded';
  });

  const check = (): void => {
    const stalled: Socket[] = [];
    for (const [socket, connection] of connections) {
      if (connection.kind !== 'http') continue;
      closeIfStalled(socket, connection, timeouts.writeMs);
      if (connection.stalledMs > 0 && !socket.destroyed) stalled.push(socket);
    }
    closeLargest(stalled);
    reportDueExcess();
    cancelCheck = clock.setTimer(checkIntervalMs, check);
  };
  let cancelCheck = clock.setTimer(checkIntervalMs, check);

  return {
    get open() {
      return connections.size;
    },
    admit({ socket }, response) {
      const connection = connections.get(socket);
      // The rest of a chunk still arrives after the connection is closed.
      if (connection === undefined) return false;
      const { pending } = connection;
      if (pending.size >= maxPipelined) {
        socket.destroy();
        return false;
      }
      if (isClosing && pending.size === 0) response.shouldKeepAlive = false;
      pending.add(response);
      response.on('close', () => {
        pending.delete(response);
        if (isClosing && pending.size === 0) socket.end(() => socket.destroy());
      });
      return true;
    },
    pendingOf(socket) {
      const [first] = connections.get(socket)?.pending ?? [];
      return first;
    },
    closeAfterResponses() {
      isClosing = true;
      for (const { pending } of connections.values()) {
        const [response] = pending;
        // Node ends a connection after such a response: others that are pending would be lost.
        if (response && pending.size === 1) response.shouldKeepAlive = false;
      }
    },
    closeIdle() {
      for (const [socket, { kind, pending }] of connections) {
        if (kind === 'http' && pending.size === 0) socket.destroy();
      }
    },
    closed: () =>
      new Promise((resolve) => {
        reportClosed = resolve;
        if (connections.size === 0) resolve();
      }),
    closeAll() {
      cancelCheck();
      for (const socket of connections.keys()) socket.destroy();
    },
  };
}

function closeIfStalled(socket: Socket, connection: Connection, timeoutMs: number): void {
  const progress = sendProgress(socket);
  const isStalled = socket.writableLength > 0 && progress === connection.progress;
  connection.stalledMs = isStalled ? connection.stalledMs + checkIntervalMs : 0;
  connection.progress = progress;
  if (connection.stalledMs >= timeoutMs) socket.destroy();
}

/** Closes connections until the others have no more than the maximum of unread bytes. */
function closeLargest(stalled: readonly Socket[]): void {
  let unread = stalled.reduce((sum, { writableLength }) => sum + writableLength, 0);
  if (unread <= maxStalledBytes) return;
  const largestFirst = [...stalled].sort((one, other) => other.writableLength - one.writableLength);
  for (const socket of largestFirst) {
    if (unread <= maxStalledBytes) return;
    unread -= socket.writableLength;
    socket.destroy();
  }
}

/**
 * A value that changes whenever a client reads: the bytes of completed writes, and what the operating
 * system has not accepted yet of the current one. Of a large response, which is one write, only the
 * latter changes.
 */
export function sendProgress(socket: Socket): string {
  const done = socket.bytesWritten - socket.writableLength;
  const handle: unknown = '_handle' in socket ? socket._handle : undefined;
  const left =
    typeof handle === 'object' && handle !== null && 'writeQueueSize' in handle
      ? handle.writeQueueSize
      : 0;
  return `${done} ${left}`;
}
