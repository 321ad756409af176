import type { ChallengeSource } from '../authentication/auth-error.ts';
import type { Authenticator } from '../authentication/authenticator.ts';
import type { ReportPolicyError } from '../authorization/rules/policies.ts';
import { findLimitProblems, type OperationLimits } from '../limits/operation-limits.ts';
import { isObject } from '../shared/type-guards.ts';
import { findUnknownOptions } from '../shared/unknown-options.ts';
import type { GateObserver } from './observer.ts';
import type { RateLimiter } from './rate-limit.ts';
import type { ReportRefusal } from './refusal-events.ts';

/** Options for `createGate`. */
export interface GateOptions {
  /**
   * Authenticates requests: the result of `createAuthenticator`, or an object with an
   * `authenticate` of its own. Challenges name its `schemes`; without them, `Bearer`.
   */
  readonly authenticator: Pick<Authenticator, 'authenticate' | 'checkRevocation'> & ChallengeSource;
  /** The `realm` of every challenge (RFC 9110 §11.5). Default: that of the authenticator. */
  readonly realm?: string;
  /** The URL of this API's metadata, named in every challenge (RFC 9728 §5.1). Default: that of the authenticator. */
  readonly resourceMetadata?: string;
  /**
   * How much of a query is refused. `selection`: only the selections that the viewer is not
   * allowed; the rest is executed. `operation`: all of it, also if the refusal arises during
   * execution. Mutations and subscriptions are always refused as a whole if a refusal is known
   * before execution. Default `selection`.
   */
  readonly refuse?: 'selection' | 'operation';
  /**
   * Limits of operations: cost, depth, aliases, root fields, directives and introspection, checked before
   * rules. An operation that exceeds one gets 400 with the code `OPERATION_LIMIT_EXCEEDED`. `{}`: the
   * defaults. Default: no limits but that of nesting, which always holds.
   */
  readonly limits?: OperationLimits;
  /**
   * Called with each error that a policy throws, which denies access, with the name of the policy, and with
   * the context of the operation. Default: not reported.
   */
  readonly onPolicyError?: ReportPolicyError;
  /**
   * Called once for each refusal: of credentials, and of rules before and during execution. At most
   * 100 times for each execution, and for each event of a subscription. Default: not reported.
   */
  readonly onRefusal?: ReportRefusal;
  /**
   * Counts requests, and refuses those beyond a limit with 429, `Retry-After` and the code `RATE_LIMITED`:
   * before credentials are verified by where they come from, and then by viewer. Default: no limits.
   */
  readonly rateLimit?: RateLimiter;
  /**
   * Called with the steps of each request, with refusals and with decisions. `onRefusal` is short for one
   * of them. Default: none, and nothing is collected.
   */
  readonly observers?: readonly GateObserver[];
}

const known: Readonly<Record<keyof GateOptions, true>> = {
  authenticator: true,
  realm: true,
  resourceMetadata: true,
  refuse: true,
  limits: true,
  onPolicyError: true,
  onRefusal: true,
  rateLimit: true,
  observers: true,
};

/** The names of the options of `createGate`. */
export const gateOptionNames: readonly string[] = Object.keys(known);

/**
 * Rejects wrong and unknown options of the gate, for the adapters too.
 *
 * @param caller The function that they are options of.
 * @param names The names of all its options.
 * @param others Problems of its own options.
 * @throws {TypeError} That names every problem.
 */
export function checkGateOptions(
  caller: string,
  options: GateOptions,
  names: readonly string[],
  others: readonly string[] = [],
): void {
  const problems = [...findUnknownOptions(options, names)];
  if (typeof options.authenticator?.authenticate !== 'function') {
    problems.push('authenticator must be the result of createAuthenticator.');
  }
  if (options.refuse !== undefined && !['selection', 'operation'].includes(options.refuse)) {
    problems.push("refuse must be 'selection' or 'operation'.");
  }
  for (const name of ['onRefusal', 'onPolicyError'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function') {
      problems.push(`${name} must be a function.`);
    }
  }
  if (options.rateLimit !== undefined && !isRateLimiter(options.rateLimit)) {
    problems.push('rateLimit must have the functions countRequest and countViewer.');
  }
  if (options.limits !== undefined) problems.push(...findLimitProblems(options.limits));
  problems.push(...findObserverProblems(options.observers));
  for (const name of ['realm', 'resourceMetadata'] as const) {
    if (options[name] !== undefined && !/^[\x20-\x7E]+$/.test(options[name])) {
      problems.push(`${name} must be printable ASCII: it is sent in a header.`);
    }
  }
  problems.push(...others);
  if (problems.length > 0) throw new TypeError(`${caller}: ${problems.join(' ')}`);
}

function isRateLimiter(limiter: RateLimiter): boolean {
  return typeof limiter.countRequest === 'function' && typeof limiter.countViewer === 'function';
}

const observerNames: Readonly<Record<keyof GateObserver, true>> = {
  onRefusal: true,
  onStep: true,
  withinStep: true,
  onPolicyError: true,
  onDecision: true,
};

/** Others could be instances of a class, with members of their own. */
function findObserverProblems(observers: unknown): readonly string[] {
  if (observers === undefined) return [];
  const isObserver = (one: unknown): boolean =>
    isObject(one) &&
    Object.keys(observerNames).some((name) => name in one) &&
    Object.keys(observerNames).every((name) =>
      ['function', 'undefined'].includes(typeof one[name]),
    );
  return Array.isArray(observers) && observers.every(isObserver)
    ? []
    : [
        `observers must be a list of objects with at least one of these functions: ${Object.keys(observerNames).join(', ')}.`,
      ];
}

/** The options of the gate among those of an adapter. */
export function gateOptionsOf({
  authenticator,
  realm,
  resourceMetadata,
  refuse,
  limits,
  onPolicyError,
  onRefusal,
  rateLimit,
  observers,
}: GateOptions): GateOptions {
  return {
    authenticator,
    ...(realm === undefined ? {} : { realm }),
    ...(resourceMetadata === undefined ? {} : { resourceMetadata }),
    ...(refuse === undefined ? {} : { refuse }),
    ...(limits === undefined ? {} : { limits }),
    ...(onPolicyError === undefined ? {} : { onPolicyError }),
    ...(onRefusal === undefined ? {} : { onRefusal }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
    ...(observers === undefined ? {} : { observers }),
  };
}
