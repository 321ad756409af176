import { loadPackage } from '../../shared/load-package.ts';
import { withTimeout } from '../../shared/with-timeout.ts';

/** Options of every store on Redis. */
export interface RedisOptions {
  /** A `redis://` or `rediss://` URL, with user name, password and database if needed. */
  readonly url: string;
  /** Milliseconds after which a command without a reply fails. Default 500. */
  readonly timeout?: number;
  /** Called each time a connection is ready, including the first time. Default: does nothing. */
  readonly onConnection?: () => void;
  /** Called on each failed attempt to connect. Default: does nothing. */
  readonly onConnectionError?: (error: unknown) => void;
}

/** Commands waiting for a reply. Further ones fail immediately. */
const maxPendingCommands = 10_000;

/**
 * Connects in the background, and again whenever the connection is lost. In between, commands fail
 * immediately.
 *
 * @param caller The function that needs it, for the error if the package `redis` is not installed.
 */
export async function connectToRedis(
  caller: string,
  options: RedisOptions & {
    /**
     * Milliseconds between two pings; after three intervals of silence, the connection is replaced.
     * For connections that wait for messages. Default: no pings.
     */
    readonly heartbeatMs?: number;
  },
) {
  const { url, timeout = 500, onConnection = () => {}, onConnectionError = () => {} } = options;
  const { heartbeatMs } = options;
  // Loaded on demand: a single instance does not need it.
  const { createClient } = await loadPackage('redis', caller, () => import('redis'));
  const client = createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: maxPendingCommands,
    ...(heartbeatMs === undefined ? {} : { pingInterval: heartbeatMs }),
    socket: {
      ...(heartbeatMs === undefined ? {} : { socketTimeout: 3 * heartbeatMs }),
      connectTimeout: 2_000,
      reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, 1_000),
    },
  });
  client.on('ready', onConnection);
  client.on('error', onConnectionError);
  // Rejects only if the store is closed before it is connected.
  client.connect().catch(() => {});

  return {
    client,
    /**
     * Waits for a reply, for the time of `timeout`. The client's own timeout ends when a command is sent, and
     * would wait for a Redis that hangs.
     */
    receive: <Value>(reply: Promise<Value>): Promise<Value> =>
      withTimeout(reply, timeout, 'Redis did not reply in time.'),
    close: () => client.destroy(),
  };
}
