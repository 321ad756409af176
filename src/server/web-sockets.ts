import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import {
  createWebSocketOptions,
  type WebSocketOptions,
  type YogaWebSocketOptions,
} from '../adapters/graphql-ws/web-socket-options.ts';
import { maskUnexpectedErrors } from '../gate/mask-errors.ts';
import type { GateObserver } from '../gate/observer.ts';
import { type Clock, systemClock } from '../shared/clock.ts';
import type { ConcurrencyLimits } from '../streams/concurrency-limiter.ts';
import type { TrustedDocuments } from '../trusted-documents/trusted-documents.ts';
import { ApiSocket } from './api-socket.ts';
import { type AllowedOrigins, isAllowedOrigin } from './http/cors.ts';
import { requestIdHeader } from './http/request-id.ts';
import { UnreadBytes } from './http/unread-bytes.ts';
import type { UpgradeHandler, UpgradeRejection } from './http/upgrade.ts';
import type { ServerLogger } from './logger.ts';
import { observeOperations } from './observe-operations.ts';
import type { RequestRecords } from './request-records.ts';

/** Options for `createWebSockets`. */
export interface WebSocketsOptions {
  readonly api: YogaWebSocketOptions['yoga'];
  readonly authenticator: WebSocketOptions['authenticator'] & {
    dpopNonce(): string | undefined;
  };
  readonly allowedOrigins: AllowedOrigins;
  /** The API's own URL; pages of its origin can connect too. */
  readonly publicUrl: string;
  readonly maxMessageBytes: number;
  /** Maximum bytes of the first message, which contains the token. */
  readonly maxCredentialBytes: number;
  readonly connections: ConcurrencyLimits;
  /** The documents that operations can name. Default: none. */
  readonly documents?: TrustedDocuments | undefined;
  /** Counts connections and operations. Undefined: there are no rate limits. */
  readonly rateLimit?: WebSocketOptions['rateLimit'] | undefined;
  readonly log: ServerLogger;
  /** The observers of the gate. Default: none. */
  readonly observers?: readonly GateObserver[];
  /** Records operations. Undefined: they are not recorded. */
  readonly requests?: RequestRecords | undefined;
  readonly clock?: Clock | undefined;
}

/** The WebSocket connections of the API. */
export interface WebSockets {
  readonly upgrade: UpgradeHandler;
  /** The number of open connections, and of bytes that their clients have not read. */
  usage(): { readonly connections: number; readonly unreadBytes: number };
  /**
   * Starts no more operations, and closes each connection once its operations have ended. Resolves
   * when all are closed.
   */
  stop(): Promise<void>;
}

/** Milliseconds in which a client must confirm a close. */
const closeTimeoutMs = 3000;
/** Milliseconds in which a client must read the response to its upgrade. */
const upgradeTimeoutMs = 5000;
/** Limits of the bytes that clients have not read. */
const unreadLimits = { perConnection: 8 * 1024 * 1024, total: 64 * 1024 * 1024 };

/**
 * Creates GraphQL over WebSocket (graphql-transport-ws). Given the API of Yoga, gives back a handler
 * of upgrades. Must not know how operations are authorized.
 */
export function createWebSockets(options: WebSocketsOptions): WebSockets {
  const {
    api,
    authenticator,
    connections,
    documents,
    maxCredentialBytes,
    log,
    clock = systemClock,
  } = options;
  const settings = {
    noServer: true,
    WebSocket: ApiSocket,
    maxPayload: options.maxMessageBytes,
    // Each fragment of a message needs memory of its own.
    maxFragments: 1024,
    maxBufferedChunks: Math.max(1024, Math.ceil(options.maxMessageBytes / 64)),
    closeTimeout: closeTimeoutMs,
    // One message per connection and turn, so that one client cannot starve the others.
    allowSynchronousEvents: false,
  };
  const sockets = new WebSocketServer(settings);
  sockets.on('headers', (headers, request) => {
    const id = options.requests?.idOf(request);
    if (id !== undefined) headers.push(`${requestIdHeader}: ${id}`);
    const nonce = authenticator.dpopNonce();
    if (nonce !== undefined) headers.push(`DPoP-Nonce: ${nonce}`);
  });
  const unread = new UnreadBytes(unreadLimits);
  /** Connections without a viewer so far, oldest first. */
  const pending = new Map<object, ApiSocket>();
  const operations = createWebSocketOptions(
    {
      yoga: api,
      authenticator,
      connections,
      clock,
      ...(options.rateLimit ? { rateLimit: options.rateLimit } : {}),
      maskError: maskUnexpectedErrors({ report: log.reportUnexpectedError }),
      ...(options.observers ? { observers: options.observers } : {}),
    },
    (payload) => {
      const resolution = documents?.resolve(payload);
      if (resolution?.kind === 'trusted') Object.assign(payload, { query: resolution.text });
      return resolution?.kind === 'refused' ? resolution.error : undefined;
    },
  );
  useServer(
    {
      ...operations,
      ...(options.requests ? observeOperations(operations, options.requests) : {}),
      // Timeouts and pings use the server's clock, in `ApiSocket`.
      connectionInitWaitTimeout: 0,
      async onConnect(context) {
        const { socket } = context.extra;
        pending.get(socket)?.markInitialized();
        const isOpen = await operations.onConnect?.(context);
        if (isOpen === true) pending.delete(socket);
        return isOpen;
      },
    },
    sockets,
    0,
  );
  const ownOrigin = new URL(options.publicUrl).origin;
  let isStopping = false;

  function serve(socket: ApiSocket, request: IncomingMessage): void {
    pending.set(socket, socket);
    socket.once('close', () => pending.delete(socket));
    const reportError = (err: unknown): void =>
      log.logger.debug(
        { request: options.requests?.idOf(request), err },
        'A WebSocket connection failed.',
      );
    socket.watch({ clock, unread, maxCredentialBytes, reportError }, request.socket);
    sockets.emit('connection', socket, request);
  }

  /** Terminates the oldest connection without a viewer. */
  function makeRoom(): boolean {
    const [oldest] = pending.values();
    if (oldest === undefined) return false;
    pending.delete(oldest);
    oldest.terminate();
    return true;
  }

  return {
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer) {
      request.socket.setTimeout(upgradeTimeoutMs, () => socket.destroy());
      const { origin } = request.headers;
      if (isStopping) {
        return { status: 503, message: 'The server is shutting down. Connect again.' };
      }
      if (
        origin !== undefined &&
        origin !== ownOrigin &&
        !isAllowedOrigin(origin, options.allowedOrigins)
      ) {
        return { status: 403, message: 'Origin not allowed.' };
      }
      if (sockets.clients.size >= connections.total && !makeRoom()) {
        return { status: 503, message: 'Too many open connections. Try again shortly.' };
      }
      let rejection: UpgradeRejection | undefined;
      const reject = ({ message }: Error): void => {
        rejection = { status: 400, message: `${message}.` };
      };
      // Emitted in this turn, in place of a response.
      sockets.once('wsClientError', reject);
      sockets.handleUpgrade(request, socket, head, serve);
      sockets.off('wsClientError', reject);
      return rejection;
    },

    usage: () => ({ connections: sockets.clients.size, unreadBytes: unread.total }),

    async stop() {
      isStopping = true;
      const open = [...sockets.clients];
      const closed = open.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
      for (const socket of pending.values()) socket.close(1001, 'The server is shutting down.');
      operations.stop();
      await Promise.all(closed);
      sockets.close();
    },
  };
}
