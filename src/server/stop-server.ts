import type { Server } from 'node:http';
import type { Clock } from '../shared/clock.ts';
import type { Connections } from './http/connections.ts';
import type { Port } from './port.ts';
import type { Readiness } from './readiness.ts';
import type { WebSockets } from './web-sockets.ts';

/** What `createStopServer` stops, and when. */
export interface StopServerOptions {
  readonly server: Server;
  readonly port: Port;
  readonly connections: Connections;
  readonly webSockets: Pick<WebSockets, 'stop'>;
  readonly readiness: Pick<Readiness, 'drain'>;
  /** Ends the subscriptions, which have no end of their own. */
  readonly endStreams: () => PromiseLike<void>;
  /** Releases what requests need. */
  readonly close: () => Promise<void>;
  /** Milliseconds from the first response of `/readyz` that says so until the server drains. */
  readonly shutdownDelayMs: number;
  readonly clock: Clock;
}

/** Milliseconds in which requests in flight must finish once the server drains. */
const shutdownTimeoutMs = 10_000;

/** At most so many milliseconds of the delay, new connections are refused, and others end. */
const maxClosingMs = 1_000;

/** The milliseconds after which a server that stops closes its port. */
export const closeDelayMs = ({
  shutdownDelayMs,
}: Pick<StopServerOptions, 'shutdownDelayMs'>): number =>
  shutdownDelayMs - Math.min(maxClosingMs, shutdownDelayMs / 2);

/** The milliseconds after which a server has stopped, whatever is still open. */
export const maxStopMs = ({
  shutdownDelayMs,
}: Pick<StopServerOptions, 'shutdownDelayMs'>): number => shutdownDelayMs + shutdownTimeoutMs;

/**
 * Creates the function that stops a server, so that nothing is lost that a client has sent:
 *
 * 1. For most of the delay, everything is served as before, but the instance is not ready: what checks
 *    that sends no more requests.
 * 2. In the last second of the delay, new connections are refused: a load balancer sends such a request
 *    to another instance, because nothing of it has been sent. Requests on open connections are served,
 *    with `Connection: close`. Connections without a request stay open: closed now, they could cross with
 *    one.
 * 3. Then streams and WebSockets end, and so do connections without a request. Requests in flight have ten
 *    seconds.
 */
export function createStopServer(options: StopServerOptions): () => Promise<void> {
  const { server, port, connections, webSockets, readiness, endStreams, shutdownDelayMs, clock } =
    options;
  const openMs = closeDelayMs(options);

  async function drain(refused: Promise<void>): Promise<void> {
    const webSocketsClosed = webSockets.stop();
    await endStreams();
    await webSocketsClosed;
    await refused;
    connections.closeIdle();
    await connections.closed();
  }

  return async () => {
    readiness.drain();
    if (shutdownDelayMs > 0) await settledWithin(openMs, undefined, clock);
    const refused = port.close();
    if (shutdownDelayMs > 0) {
      // Only then: clients that connect again must be refused, not reset.
      await settledWithin(maxClosingMs, refused, clock);
      connections.closeAfterResponses();
      await settledWithin(shutdownDelayMs - openMs, connections.closed(), clock);
    } else connections.closeAfterResponses();
    await settledWithin(shutdownTimeoutMs, drain(refused), clock);
    connections.closeAll();
    server.close();
    await options.close();
  };
}

/** Waits for a promise, but not longer than so many milliseconds. */
async function settledWithin(
  milliseconds: number,
  awaited: Promise<void> | undefined,
  clock: Clock,
): Promise<void> {
  let cancel = (): void => {};
  const deadline = new Promise<void>((resolve) => {
    cancel = clock.setTimer(milliseconds, resolve);
  });
  try {
    await (awaited === undefined ? deadline : Promise.race([awaited, deadline]));
  } finally {
    cancel();
  }
}
