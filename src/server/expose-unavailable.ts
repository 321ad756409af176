import { GraphQLError } from 'graphql';
import { DatabaseUnavailableError } from '../database/database-unavailable-error.ts';
import type { TimeSource } from '../shared/clock.ts';
import type { ServerLogger } from './logger.ts';

/** Seconds after which a client can try again: the database reconnects by itself. */
const retryAfter = 1;

/** Milliseconds in which queries that do not finish in time are logged once. */
const busyLogInterval = 10_000;

/** Options for `exposeUnavailable`. */
export interface ExposeUnavailableOptions {
  readonly maskError: (error: unknown) => Error;
  /** Gets queries that did not finish in time. Outages are logged when they begin. */
  readonly log: Pick<ServerLogger, 'logger' | 'suppress' | 'takeOrigin'>;
  readonly clock: TimeSource;
}

/** Adds to a function that masks errors: a database that is unavailable is not an unexpected error. */
export function exposeUnavailable({
  maskError,
  log,
  clock,
}: ExposeUnavailableOptions): (error: unknown) => Error {
  let reportedAt = Number.NEGATIVE_INFINITY;
  return (error) => {
    const cause = findUnavailable(error);
    if (cause === undefined) return maskError(error);
    log.suppress(cause);
    const now = clock.now().getTime();
    if (cause.reason === 'busy' && now - reportedAt >= busyLogInterval) {
      reportedAt = now;
      const request = log.takeOrigin(cause);
      log.logger.warn({ request, err: cause }, 'A query of the database did not finish in time.');
    }
    return new GraphQLError('The data is temporarily unavailable. Try again later.', {
      nodes: (error instanceof GraphQLError && error.nodes) || null,
      path: (error instanceof GraphQLError && error.path) || null,
      extensions: {
        code: 'SERVICE_UNAVAILABLE',
        http: { status: 503, headers: { 'Retry-After': String(retryAfter) } },
      },
    });
  };
}

function findUnavailable(error: unknown): DatabaseUnavailableError | undefined {
  if (error instanceof DatabaseUnavailableError) return error;
  return error instanceof GraphQLError ? findUnavailable(error.originalError) : undefined;
}
