import type { GraphQLResolveInfo } from 'graphql';
import type { AuthenticatedViewer } from '../../authentication/viewer.ts';
import { isThenable } from '../../shared/thenable.ts';

/** What a policy is asked about. */
export interface PolicyInput<Context = unknown> {
  /** Never anonymous: a policy is asked only about viewers who meet the rest of the rule. */
  readonly viewer: AuthenticatedViewer;
  /** The parent object, for a policy on a field or argument; the object itself, for one on a type. */
  readonly source: unknown;
  /** The field's coerced arguments; none for a policy on a type. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly context: Context;
  readonly info: GraphQLResolveInfo;
}

/**
 * Agrees by `true`. Anything else refuses, a throw and a rejected promise too.
 *
 * Not checked: whether the server's context is a `Context`. A policy of any context can be given to
 * `guardSchema`, as a method can be overridden by one that requires more of its parameters.
 */
export type Policy<Context = unknown> = {
  decide(question: PolicyInput<Context>): boolean | Promise<boolean>;
}['decide'];

/** Told of what a policy threw; for the log, never for the client. */
export type ReportPolicyError = (error: unknown, policy: string) => void;

/** Asks policies by name. */
export type EvaluatePolicies = (
  names: readonly string[],
  question: PolicyInput,
  report: ReportPolicyError | undefined,
) => boolean | Promise<boolean>;

/** One after the other, until one does not agree. */
export function createPolicyEvaluator(policies: ReadonlyMap<string, Policy>): EvaluatePolicies {
  const ask: EvaluatePolicies = (names, question, report) => {
    for (const [index, name] of names.entries()) {
      const answer = evaluateOne(policies.get(name), name, question, report);
      if (answer === false) return false;
      if (answer !== true) {
        return answer.then((agrees) => agrees && ask(names.slice(index + 1), question, report));
      }
    }
    return true;
  };
  return ask;
}

function evaluateOne(
  policy: Policy | undefined,
  name: string,
  question: PolicyInput,
  report: ReportPolicyError | undefined,
): boolean | Promise<boolean> {
  const refuse = (error: unknown): false => {
    report?.(error, name);
    return false;
  };
  try {
    const answer: unknown = policy?.(question);
    if (!isThenable(answer)) return answer === true;
    return Promise.resolve(answer).then((value) => value === true, refuse);
  } catch (error) {
    return refuse(error);
  }
}
