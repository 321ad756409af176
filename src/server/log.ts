import type { YogaLogger } from 'graphql-yoga';
import { type DestinationStream, type Logger, pino } from 'pino';
import type { ReportUnexpectedError } from '../gate/mask-errors.ts';
import type { LogLevel } from './configuration/settings.ts';
import { clean, describeError, readMember } from './describe-error.ts';

/** The log of the server, and what it gives to Yoga. */
export interface ServerLog {
  readonly log: Logger;
  readonly yoga: YogaLogger;
  readonly reportUnexpectedError: ReportUnexpectedError;
  /** Makes the next report of an error one for debugging: no client is left that it is sent to. */
  readonly abandon: (error: unknown) => void;
}

/**
 * One JSON object a line. Of errors, under the name `err`, it has what `describeError` leaves of
 * them.
 */
export function createLog(level: LogLevel, destination: DestinationStream): ServerLog {
  const log = pino({ level, base: null, serializers: { err: describeError } }, destination);
  /** What was reported just now. Yoga logs it once more at once; later it is thrown again. */
  let lastReported: unknown[] = [];
  /** Errors of requests whose clients went away. */
  const abandoned = new WeakSet<object>();

  const write =
    (to: 'debug' | 'info' | 'warn' | 'error') =>
    (...parts: unknown[]): void => {
      if (!log.isLevelEnabled(to)) return;
      const texts = parts.filter((part) => typeof part === 'string');
      const [thrown] = parts.filter((part) => typeof part !== 'string');
      const hasThrown = texts.length < parts.length;
      // Yoga logs what it masks once more, without the id that the client was given.
      if (parts.length === 1 && wasReported(parts[0])) return;
      const message = clean(texts.join(' '));
      if (hasThrown) log[to]({ err: logged(thrown) }, message || 'An error was thrown.');
      else if (message) log[to](message);
    };

  function wasReported(thrown: unknown): boolean {
    if (lastReported.length === 0) return false;
    const seen = new Set<unknown>();
    let error = thrown;
    while (!lastReported.includes(error)) {
      seen.add(error);
      if (typeof error !== 'object' || error === null) return false;
      error = readMember(error, 'originalError');
      if (error === undefined || seen.has(error)) return false;
    }
    return true;
  }

  return {
    log,
    yoga: {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
    },
    abandon(error) {
      if (typeof error === 'object' && error !== null) abandoned.add(error);
    },
    reportUnexpectedError(error, id) {
      if (lastReported.length === 0) {
        queueMicrotask(() => {
          lastReported = [];
        });
      }
      lastReported.push(error);
      if (typeof error === 'object' && error !== null && abandoned.delete(error)) {
        log.debug({ id, err: error }, 'A request was aborted.');
      } else log.error({ id, err: logged(error) }, 'An unexpected error was masked.');
    },
  };
}

/** Members of a line that are undefined are left out of it. */
function logged(thrown: unknown): unknown {
  return thrown === undefined ? 'undefined' : thrown;
}
