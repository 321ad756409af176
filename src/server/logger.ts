import type { YogaLogger } from 'graphql-yoga';
import { type DestinationStream, type Logger, pino } from 'pino';
import type { ReportUnexpectedError } from '../gate/mask-errors.ts';
import { isObject } from '../shared/type-guards.ts';
import type { LogLevel } from './configuration/server-settings.ts';
import { describeError, readProperty, redact } from './describe-error.ts';

/** The span that is active, as OpenTelemetry names it in logs. */
export interface ActiveTrace {
  readonly trace_id: string;
  readonly span_id: string;
}

/** The log of the server, and its adapters for Yoga and the gate. */
export interface ServerLogger {
  readonly logger: Logger;
  /**
   * Writes a line that is text already, for what each request has: what `logger` does for errors and other odd
   * values costs a tenth of a request.
   *
   * @param members JSON without its braces, and not empty.
   * @param message Without characters that JSON escapes.
   * @param traceId The trace of the line, whichever is active.
   */
  readonly writeLine: (
    level: 'debug' | 'info' | 'warn',
    members: string,
    message: string,
    traceId?: string,
  ) => void;
  readonly yoga: YogaLogger;
  readonly reportUnexpectedError: ReportUnexpectedError;
  /** Keeps Yoga from logging an error in this turn. */
  readonly suppress: (error: unknown) => void;
  /** Adds what it returns to each line from now on, such as the trace that is active. */
  readonly addToLines: (read: () => ActiveTrace | undefined) => void;
  /** Lowers the next report of an error to debug: its client has gone. */
  readonly abandon: (error: unknown) => void;
  /** Adds the ID of a request to the next report of an error. Undefined: it is not known. */
  readonly attribute: (error: unknown, request: string | undefined) => void;
  /** Takes the ID that was added, for an error that is reported otherwise. */
  readonly takeOrigin: (error: unknown) => string | undefined;
}

/**
 * Creates a log of one JSON object per line. Errors, under `err`, are reduced by `describeError`.
 *
 * @param members Added to each line. Default: none.
 */
export function createLogger(
  level: LogLevel,
  destination: DestinationStream,
  members: { readonly pid?: number } = {},
): ServerLogger {
  let readActive = (): ActiveTrace | undefined => undefined;
  const logger = pino(
    {
      level,
      base: members,
      serializers: { err: describeError },
      // Pino adds to the object.
      mixin: () => ({ ...readActive() }),
    },
    destination,
  );
  const base = Object.entries(members)
    .map(([name, value]) => `"${name}":${value},`)
    .join('');
  /** Errors reported in this turn. Yoga logs them again immediately; a later throw is a new error. */
  let lastReported: unknown[] = [];
  /** Errors of requests whose clients have gone. */
  const abandoned = new WeakSet<object>();
  /** The IDs of the requests in which errors arose. */
  const origins = new WeakMap<object, string>();

  const write =
    (method: 'debug' | 'info' | 'warn' | 'error') =>
    (...parts: unknown[]): void => {
      if (!logger.isLevelEnabled(method)) return;
      const texts = parts.filter((part) => typeof part === 'string');
      const [thrown] = parts.filter((part) => typeof part !== 'string');
      const hasThrown = texts.length < parts.length;
      // Yoga logs masked errors again, without the id that the client got.
      if (parts.length === 1 && wasReported(parts[0])) return;
      const message = redact(texts.join(' '));
      if (hasThrown) {
        const request = takeOrigin(thrown);
        logger[method]({ request, err: definedError(thrown) }, message || 'An error was thrown.');
      } else if (message) logger[method](message);
    };

  function takeOrigin(error: unknown): string | undefined {
    if (!isObject(error)) return undefined;
    const request = origins.get(error);
    origins.delete(error);
    return request;
  }

  function wasReported(thrown: unknown): boolean {
    if (lastReported.length === 0) return false;
    const seen = new Set<unknown>();
    let error = thrown;
    while (!lastReported.includes(error)) {
      seen.add(error);
      if (typeof error !== 'object' || error === null) return false;
      error = readProperty(error, 'originalError');
      if (error === undefined || seen.has(error)) return false;
    }
    return true;
  }

  function suppress(error: unknown): void {
    if (lastReported.length === 0) {
      queueMicrotask(() => {
        lastReported = [];
      });
    }
    lastReported.push(error);
  }

  return {
    logger,
    writeLine(level, members, message, traceId) {
      if (!logger.isLevelEnabled(level)) return;
      const trace = describeTrace(readActive(), traceId);
      destination.write(
        `{"level":${logger.levels.values[level]},"time":${Date.now()},${base}${trace}${members},"msg":"${message}"}\n`,
      );
    },
    suppress,
    addToLines(read) {
      readActive = read;
    },
    yoga: {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
    },
    abandon(error) {
      if (isObject(error)) abandoned.add(error);
    },
    attribute(error, request) {
      if (isObject(error) && request !== undefined) origins.set(error, request);
    },
    takeOrigin,
    reportUnexpectedError(error, id) {
      suppress(error);
      const request = takeOrigin(error);
      if (isObject(error) && abandoned.delete(error)) {
        logger.debug({ request, id, err: error }, 'A request was aborted.');
      } else {
        logger.error({ request, id, err: definedError(error) }, 'An unexpected error was masked.');
      }
    },
  };
}

/** The members of a line about its trace. What is active can be of another request. */
function describeTrace(active: ActiveTrace | undefined, traceId = active?.trace_id): string {
  if (traceId === undefined) return '';
  const span = active?.trace_id === traceId ? `"span_id":"${active.span_id}",` : '';
  return `"trace_id":"${traceId}",${span}`;
}

/** Pino leaves undefined properties out of a line. */
function definedError(thrown: unknown): unknown {
  return thrown === undefined ? 'undefined' : thrown;
}
