import type { YogaLogger } from 'graphql-yoga';
import { type DestinationStream, type Logger, pino } from 'pino';
import type { ReportUnexpectedError } from '../yoga/mask-errors.ts';
import type { LogLevel } from './configuration/settings.ts';

/** The log of the server, and what it gives to Yoga. */
export interface ServerLog {
  readonly log: Logger;
  readonly yoga: YogaLogger;
  readonly reportUnexpectedError: ReportUnexpectedError;
}

/** One JSON object a line, on standard output unless told otherwise. */
export function createLog(level: LogLevel, destination?: DestinationStream): ServerLog {
  const options = { level, base: null };
  const log = destination ? pino(options, destination) : pino(options);
  const reported = new WeakSet<object>();

  const write =
    (to: 'debug' | 'info' | 'warn' | 'error') =>
    (...parts: unknown[]): void => {
      const error = parts.find((part) => part instanceof Error);
      // Yoga logs what it masks once more, without the id that the client was given.
      if (error && wasReported(error, reported)) return;
      const message = parts.filter((part) => typeof part === 'string').join(' ');
      if (error) log[to]({ err: error }, message || error.message);
      else if (message) log[to](message);
    };

  return {
    log,
    yoga: {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
    },
    reportUnexpectedError(error, id) {
      if (typeof error === 'object' && error !== null) reported.add(error);
      log.error({ id, err: error }, 'An unexpected error was masked.');
    },
  };
}

function wasReported(error: Error, reported: WeakSet<object>): boolean {
  if (reported.has(error)) return true;
  return 'originalError' in error && error.originalError instanceof Error
    ? wasReported(error.originalError, reported)
    : false;
}
