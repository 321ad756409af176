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
}

/**
 * One JSON object a line. Of errors, under the name `err`, it has what `describeError` leaves of
 * them.
 */
export function createLog(level: LogLevel, destination: DestinationStream): ServerLog {
  const log = pino({ level, base: null, serializers: { err: describeError } }, destination);
  const reported = new WeakSet<object>();
  /** What was reported just now and is no object, which nothing can be remembered of for longer. */
  let lastReported: readonly unknown[] = [];

  const write =
    (to: 'debug' | 'info' | 'warn' | 'error') =>
    (...parts: unknown[]): void => {
      if (!log.isLevelEnabled(to)) return;
      const texts = parts.filter((part) => typeof part === 'string');
      const [thrown] = parts.filter((part) => typeof part !== 'string');
      const hasThrown = texts.length < parts.length;
      // Yoga logs what it masks once more, without the id that the client was given.
      if (hasThrown ? wasReported(thrown) : lastReported.includes(texts[0])) return;
      const message = clean(texts.join(' '));
      if (hasThrown) log[to]({ err: logged(thrown) }, message || 'An error was thrown.');
      else if (message) log[to](message);
    };

  function wasReported(thrown: unknown): boolean {
    if (typeof thrown !== 'object' || thrown === null) return lastReported.includes(thrown);
    if (reported.has(thrown)) return true;
    const original = readMember(thrown, 'originalError');
    return original instanceof Error && wasReported(original);
  }

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
      else {
        lastReported = [error];
        queueMicrotask(() => {
          lastReported = [];
        });
      }
      // A request that its client gave up.
      if (error instanceof Error && error.name === 'AbortError') {
        log.debug({ id, err: error }, 'A request was aborted.');
      } else log.error({ id, err: logged(error) }, 'An unexpected error was masked.');
    },
  };
}

/** Members of a line that are undefined are left out of it. */
function logged(thrown: unknown): unknown {
  return thrown === undefined ? 'undefined' : thrown;
}
