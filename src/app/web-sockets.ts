import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { CloseCode, handleProtocols, makeServer } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Clock, systemClock } from '../yoga/clock.ts';
import type { PlaceLimits } from '../yoga/places.ts';
import { type WebSocketOptions, webSocketOptions } from '../yoga/web-socket-options.ts';
import { type AllowedOrigins, isAllowedOrigin } from './cors.ts';
import type { ServerLog } from './log.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
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
  readonly connections: PlaceLimits;
  readonly log: ServerLog;
  readonly clock?: Clock | undefined;
}

/** The WebSocket connections of the API. */
export interface WebSockets {
  readonly upgrade: Upgrade;
  /** Closes all, and takes no more. */
  stop(): Promise<void>;
}

/** Milliseconds after which a connection that sends no `connection_init` is closed. */
const initPatience = 3000;
/** Milliseconds between two pings. A connection that has not answered the last is gone. */
const heartbeat = 12_000;
/** Milliseconds that clients have to take leave once the server stops. */
const stopPatience = 1000;

/** GraphQL over WebSocket (graphql-transport-ws). */
export function createWebSockets(options: WebSocketsOptions): WebSockets {
  const { api, authenticator, connections, log, clock = systemClock } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: options.maxMessageBytes,
    handleProtocols,
  });
  sockets.on('headers', (headers) => {
    const nonce = authenticator.dpopNonce();
    if (nonce !== undefined) headers.push(`DPoP-Nonce: ${nonce}`);
  });
  const initialised = new WeakSet<object>();
  const operations = webSocketOptions({ yoga: api, authenticator, connections, clock });
  const protocol = makeServer({
    ...operations,
    connectionInitWaitTimeout: 0,
    onConnect(context) {
      initialised.add(context.extra.socket);
      return operations.onConnect?.(context);
    },
  });
  let isStopping = false;

  function serve(socket: WebSocket, request: IncomingMessage): void {
    let isAlive = true;
    const beat = (): void => {
      if (!isAlive) {
        socket.terminate();
        return;
      }
      isAlive = false;
      socket.ping();
      cancelBeat = clock.after(heartbeat, beat);
    };
    let cancelBeat = clock.after(heartbeat, beat);
    const cancelWait = clock.after(initPatience, () => {
      if (initialised.has(socket)) return;
      socket.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout');
    });
    const fail = (error: unknown): void => {
      if (error instanceof Error && error.message.startsWith('Unexpected message of type')) {
        socket.close(CloseCode.BadRequest, 'Unexpected message');
        return;
      }
      log.log.error({ err: error }, 'A WebSocket connection failed.');
      socket.close(CloseCode.InternalServerError, 'Internal server error');
    };

    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (data) => send(socket, data),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (handle) =>
          socket.on('message', (data) => void handle(String(data)).catch(fail)),
      },
      { socket, request },
    );
    socket.on('pong', () => {
      isAlive = true;
    });
    // The library closes the connection itself, with the code that says why.
    socket.on('error', (error) => log.log.debug({ err: error }, 'A WebSocket connection broke.'));
    socket.once('close', (code, reason) => {
      cancelBeat();
      cancelWait();
      closed(code, String(reason)).catch(fail);
    });
  }

  return {
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer) {
      const { origin } = request.headers;
      if (isStopping) {
        refuseUpgrade(socket, 503, 'The server is stopping: connect again.');
      } else if (
        origin !== undefined &&
        origin !== options.publicUrl &&
        !isAllowedOrigin(origin, options.allowedOrigins)
      ) {
        refuseUpgrade(socket, 403, 'Pages of this origin may not connect.');
      } else if (sockets.clients.size >= connections.inAll) {
        refuseUpgrade(socket, 503, 'Too many connections are open: try again in a moment.');
      } else {
        sockets.handleUpgrade(request, socket, head, serve);
      }
    },

    async stop() {
      isStopping = true;
      // What tells clients that their subscriptions have ended is still on its way.
      await new Promise((resolve) => setImmediate(resolve));
      const open = [...sockets.clients];
      const left = open.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
      for (const socket of open) socket.close(1001, 'The server is stopping.');
      const deadline = setTimeout(() => {
        for (const socket of open) socket.terminate();
      }, stopPatience);
      await Promise.all(left);
      clearTimeout(deadline);
      sockets.close();
    },
  };
}

/** Resolves when the data is on its way, so that fast sources wait for slow clients. */
function send(socket: WebSocket, data: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.readyState !== socket.OPEN) resolve();
    else socket.send(data, (error) => (error ? reject(error) : resolve()));
  });
}
