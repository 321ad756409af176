import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Clock, systemClock } from '../../shared/clock.ts';
import { TimeoutError, withTimeout } from '../../shared/with-timeout.ts';
import type { MetricsConfiguration } from '../configuration/metrics-settings.ts';
import { sendMethodNotAllowed, sendText } from '../http/plain-responses.ts';
import { pathOf } from '../http/request-target.ts';

/** Options for `startMetricsServer`. */
export interface MetricsServerOptions extends MetricsConfiguration {
  /** The metrics as text. */
  readonly collect: () => Promise<string>;
  /** The media type of that text. */
  readonly contentType: string;
  /** Called with each error of `collect`. The response is a 503. */
  readonly reportError: (error: unknown) => void;
  /** The clock by which `collect` is given up. Default: the system's. */
  readonly clock?: Clock;
  /** Milliseconds until a client has sent its request, and until metrics are collected. Default: 5,000. */
  readonly timeoutMs?: number;
}

/** A server of metrics that is listening. */
export interface MetricsServer {
  /** Closes the port and every connection. */
  close(): Promise<void>;
}

/** The port of metrics cannot be used. The message says how to fix it. */
class MetricsPortError extends Error {
  override readonly name = 'MetricsPortError';
}

const metricsPath = '/metrics';

const defaultTimeoutMs = 5_000;

/** Prometheus keeps one connection. */
const maxConnections = 50;

/**
 * Serves metrics on a port of their own, and nothing else: `GET /metrics`, without a token, and without CORS,
 * so that pages of other origins cannot read them. Requests that arrive while metrics are collected get the
 * same text.
 *
 * @throws {MetricsPortError} If the port cannot be used.
 */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const { port, host, collect, contentType, reportError } = options;
  const { clock = systemClock, timeoutMs = defaultTimeoutMs } = options;
  let collecting: Promise<string> | undefined;

  /** One collection at a time, however many requests there are. */
  function collectOnce(): Promise<string> {
    collecting ??= withTimeout(
      collect(),
      timeoutMs,
      'Metrics were not collected in time.',
      clock,
    ).finally(() => {
      collecting = undefined;
    });
    return collecting;
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    if (pathOf(request.url ?? '/') !== metricsPath) {
      return sendText(response, 404, `Not found. Metrics are at ${metricsPath}.`);
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return sendMethodNotAllowed(response);
    }
    try {
      const text = await collectOnce();
      response
        .writeHead(200, { 'Content-Type': contentType, 'Cache-Control': 'no-store' })
        .end(text);
    } catch (error) {
      reportError(error);
      const hint = error instanceof TimeoutError ? 'not collected in time' : 'not collected';
      sendText(response, 503, `Metrics were ${hint}. The log says why.`);
    }
  }

  const server = createServer({
    headersTimeout: timeoutMs,
    requestTimeout: timeoutMs,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: 8_192,
  });
  server.maxConnections = maxConnections;
  // Of connections on which nothing is sent or read. With all of them open, Prometheus could not connect.
  server.timeout = 2 * timeoutMs;
  server.on('request', (request, response) => void serve(request, response));
  await listen(server, { port, host });
  return {
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

const fixes: Readonly<Record<string, (options: MetricsConfiguration) => string>> = {
  EADDRINUSE: ({ port }) =>
    `Port ${port} is already in use. Stop the other process, or set METRICS_PORT.`,
  EACCES: ({ port }) =>
    `Port ${port} requires elevated privileges. Set METRICS_PORT to one above 1023.`,
  EADDRNOTAVAIL: () =>
    'METRICS_HOST is not an address of this machine. Set it to one, such as 127.0.0.1.',
  ENOTFOUND: () =>
    'METRICS_HOST is not an address of this machine. Set it to one, such as 127.0.0.1.',
};

function listen(server: Server, options: MetricsConfiguration): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const fix = 'code' in error ? fixes[String(error.code)] : undefined;
      reject(fix ? new MetricsPortError(fix(options), { cause: error }) : error);
    });
    server.listen(options.port, options.host, resolve);
  });
}
