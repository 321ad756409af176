import type { Viewer } from '../../authentication/viewer.ts';
import { checkGateOptions, type GateOptions } from '../../gate/gate-options.ts';
import type { ReportRefusal } from '../../gate/refusal-events.ts';
import type { Clock } from '../../shared/clock.ts';
import {
  type ConcurrencyLimits,
  findConcurrencyProblems,
  type PlaceLimits,
} from '../../streams/concurrency-limiter.ts';

/** What `useAuth` adds to the context of every resolver. */
export interface AuthContext {
  /** The viewer of the request. */
  readonly viewer: Viewer;
}

/** Options for `useAuth`. */
export interface UseAuthOptions
  extends Pick<
    GateOptions,
    'authenticator' | 'realm' | 'resourceMetadata' | 'refuse' | 'limits' | 'rateLimit' | 'observers'
  > {
  /**
   * Called once for each refusal: of credentials, of rules before and during execution, and of
   * subscriptions by a limit or by the end of their token. At most 100 times for each execution,
   * and for each event of a subscription. Default: not reported.
   */
  readonly onRefusal?: ReportRefusal;
  /**
   * How many subscriptions can be open at the same time. Default: 100 for one viewer, 10,000 in
   * total. Anonymous viewers cannot be told apart: they share half of the total.
   */
  readonly streams?: Partial<ConcurrencyLimits & PlaceLimits>;
  /**
   * How queries and mutations are executed. `compiled` makes functions of each operation once, which is
   * several times faster; results are those of Yoga's executor. Rules that depend on the viewer alone
   * are then checked once per operation, for the viewer at its start. Subscriptions, `@defer`,
   * `@stream` and executors that other plugins set are not compiled. `ordinary` calls Yoga's executor
   * for everything. Default `compiled`.
   */
  readonly execution?: 'compiled' | 'ordinary';
  /**
   * What a field error does where the type is non-null. `propagate`: it nulls the nearest nullable
   * parent, as GraphQL specifies. `request`: with `"onError": "NULL"` among the parameters of a request,
   * it nulls only its own position, and a denied non-null field does not refuse the query (the proposal
   * "Error behaviors", graphql-spec#1163). Requires compiled operations: with `NULL`, subscriptions,
   * `@defer`, `@stream` and executors that other plugins set get the status 400. Default `propagate`.
   */
  readonly onError?: 'propagate' | 'request';
  /** The clock by which streams end with their tokens. Default: the system's. */
  readonly clock?: Clock;
}

const known: Readonly<Record<keyof UseAuthOptions, true>> = {
  authenticator: true,
  realm: true,
  resourceMetadata: true,
  refuse: true,
  rateLimit: true,
  limits: true,
  onRefusal: true,
  observers: true,
  streams: true,
  execution: true,
  onError: true,
  clock: true,
};

/**
 * Rejects wrong and unknown options: a misspelled one would silently have no effect.
 *
 * @throws {TypeError} That names every problem.
 */
export function checkOptions(options: UseAuthOptions): void {
  const problems: string[] = [];
  if (options.execution !== undefined && !['compiled', 'ordinary'].includes(options.execution)) {
    problems.push("execution must be 'compiled' or 'ordinary'.");
  }
  if (options.onError !== undefined && !['propagate', 'request'].includes(options.onError)) {
    problems.push("onError must be 'propagate' or 'request'.");
  }
  if (options.onError === 'request' && options.execution === 'ordinary') {
    problems.push("onError: 'request' requires execution: 'compiled'.");
  }
  problems.push(...findConcurrencyProblems('streams', options.streams));
  checkGateOptions('useAuth', options, Object.keys(known), problems);
}
