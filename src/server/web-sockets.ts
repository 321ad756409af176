import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import {
  type WebSocketOptions,
  webSocketOptions,
} from '../adapters/graphql-ws/web-socket-options.ts';
import { maskUnexpectedErrors } from '../gate/mask-errors.ts';
import { type Clock, systemClock } from '../shared/clock.ts';
import type { ConcurrencyLimits } from '../streams/concurrency-limiter.ts';
import { ApiSocket } from './api-socket.ts';
import { type AllowedOrigins, isAllowedOrigin } from './cors.ts';
import type { ServerLog } from './log.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
import { UnreadBytes } from './unread-bytes.ts';
import type { Upgrade } from './upgrade.ts';

/** What GraphQL over WebSocket is made of. */
export interface WebSocketsOptions {
  readonly api: WebSocketOptions['yoga'];
  readonly authenticator: WebSocketOptions['authenticator'] & {
    dpopNonce(): string | undefined;
  };
  readonly allowedOrigins: AllowedOrigins;
  /** Pages of this origin may connect as well. */
  readonly publicUrl: string;
  readonly maxMessageBytes: number;
  readonly connections: ConcurrencyLimits;
  readonly log: ServerLog;
  readonly clock?: Clock | undefined;
}

/** The WebSocket connections of the API. */
export interface WebSockets {
  readonly upgrade: Upgrade;
  /** How many connections are open, and how many bytes wait for their clients. */
  usage(): { readonly connections: number; readonly unreadBytes: number };
  /**
   * Begins no more operations, and closes each connection once those that run have been answered.
   * Resolves when all are closed.
   */
  stop(): Promise<void>;
}

/** Milliseconds that clients have to answer a close. */
const closePatience = 3000;
/** Milliseconds that clients have to take the answer to their upgrade. */
const upgradePatience = 5000;
/** Bytes that may wait for one client, and for all together. */
const unreadLimits = { perReader: 8 * 1024 * 1024, inTotal: 64 * 1024 * 1024 };

/** GraphQL over WebSocket (graphql-transport-ws). */
export function createWebSockets(options: WebSocketsOptions): WebSockets {
  const { api, authenticator, connections, log, clock = systemClock } = options;
  const settings = {
    noServer: true,
    WebSocket: ApiSocket,
    maxPayload: options.maxMessageBytes,
    // Parts of one message: each costs memory of its own.
    maxFragments: 1024,
    maxBufferedChunks: Math.max(1024, Math.ceil(options.maxMessageBytes / 64)),
    closeTimeout: closePatience,
    // One message of a connection at a time, so that others have their turn.
    allowSynchronousEvents: false,
  };
  const sockets = new WebSocketServer(settings);
  sockets.on('headers', (headers) => {
    const nonce = authenticator.dpopNonce();
    if (nonce !== undefined) headers.push(`DPoP-Nonce: ${nonce}`);
  });
  const unread = new UnreadBytes(unreadLimits);
  const reportBreak = (err: unknown): void =>
    log.log.debug({ err }, 'A WebSocket connection broke.');
  /** Connections whose viewer is not known yet, the oldest first. */
  const pending = new Map<object, ApiSocket>();
  const operations = webSocketOptions({
    yoga: api,
    authenticator,
    connections,
    clock,
    maskError: maskUnexpectedErrors({ report: log.reportUnexpectedError }),
  });
  useServer(
    {
      ...operations,
      // Pings and patience go by the clock of the server.
      connectionInitWaitTimeout: 0,
      async onConnect(context) {
        const { socket } = context.extra;
        pending.get(socket)?.initialize();
        const isOpen = await operations.onConnect?.(context);
        if (isOpen === true) pending.delete(socket);
        return isOpen;
      },
    },
    sockets,
    0,
  );
  let isStopping = false;

  function serve(socket: ApiSocket, request: IncomingMessage): void {
    pending.set(socket, socket);
    socket.once('close', () => pending.delete(socket));
    socket.attend({ clock, unread, reportBreak }, request.socket);
    sockets.emit('connection', socket, request);
  }

  /** Ends the oldest connection without a viewer, so that one more fits. */
  function makeRoom(): boolean {
    const [oldest] = pending.values();
    if (oldest === undefined) return false;
    pending.delete(oldest);
    oldest.terminate();
    return true;
  }

  return {
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer) {
      request.socket.setTimeout(upgradePatience, () => socket.destroy());
      const { origin } = request.headers;
      if (isStopping) {
        refuseUpgrade(socket, 503, 'The server is shutting down. Connect again.');
      } else if (
        origin !== undefined &&
        origin !== options.publicUrl &&
        !isAllowedOrigin(origin, options.allowedOrigins)
      ) {
        refuseUpgrade(socket, 403, 'Pages of this origin may not connect.');
      } else if (sockets.clients.size >= connections.total && !makeRoom()) {
        refuseUpgrade(socket, 503, 'Too many open connections. Try again shortly.');
      } else {
        sockets.handleUpgrade(request, socket, head, serve);
      }
    },

    usage: () => ({ connections: sockets.clients.size, unreadBytes: unread.total }),

    async stop() {
      isStopping = true;
      const open = [...sockets.clients];
      const left = open.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
      for (const socket of pending.values()) socket.close(1001, 'The server is shutting down.');
      operations.stop();
      await Promise.all(left);
      sockets.close();
    },
  };
}
