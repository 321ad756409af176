import type { GraphQLResolveInfo } from 'graphql';
import type { AuthenticatedViewer } from '../../authentication/viewer.ts';
import { isThenable } from '../../shared/type-guards.ts';
import type { PolicyTerm } from '../directives/requirement.ts';

/** What a policy decides about. */
export interface PolicyInput<Context = unknown> {
  /** Never anonymous: policies run only for viewers who meet the rest of the rule. */
  readonly viewer: AuthenticatedViewer;
  /** For a policy on a field or argument, the parent object; for one on a type, the object itself. */
  readonly source: unknown;
  /** The coerced arguments of the field. Empty for a policy on a type. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly context: Context;
  readonly info: GraphQLResolveInfo;
}

/**
 * Decides whether a viewer is allowed what `@auth(policy:)` is applied to. `true` allows. Everything
 * else denies, including other truthy values, a throw and a rejected promise. Policies run after all
 * other requirements are met, and should not have side effects.
 *
 * Not checked: whether the server's context is a `Context`. `guardSchema` accepts a policy for any
 * context type, as a method can be overridden by one that requires more of its parameters.
 *
 * @example
 * ```ts
 * import { guardSchema, type Policy } from 'graphql-resource-server';
 *
 * // The policy of `@auth(policy: "owner")`.
 * const owner: Policy = ({ viewer, source }) =>
 *   typeof source === 'object' && source !== null && 'ownerId' in source && source.ownerId === viewer.id;
 *
 * const schema = guardSchema(executableSchema, { policies: { owner } });
 * ```
 */
export type Policy<Context = unknown> = {
  decide(input: PolicyInput<Context>): boolean | Promise<boolean>;
}['decide'];

/**
 * A policy that denies delegated calls: requests that someone sends for the subject of the token, such
 * as another API with an exchanged token (RFC 8693 §4.1). See `viewer.actors`. A rule names it:
 * `@auth(policy: "notDelegated")`.
 *
 * @example
 * ```ts
 * import { guardSchema, notDelegated } from 'graphql-resource-server';
 *
 * const schema = guardSchema(executableSchema, { policies: { notDelegated } });
 * ```
 */
export const notDelegated: Policy = ({ viewer: { actors, claims } }) =>
  // The claim itself as well: not every authenticator sets `actors`.
  (actors === undefined || actors.length === 0) && (claims['act'] ?? null) === null;

/** Called with what a policy threw. For logs, never for clients. */
export type ReportPolicyError = (error: unknown, policy: string) => void;

/** Evaluates policies: `true` if all terms allow. Of alternatives, one is sufficient. */
export type EvaluatePolicies = (
  terms: readonly PolicyTerm[],
  input: PolicyInput,
  report: ReportPolicyError | undefined,
) => boolean | Promise<boolean>;

/** Evaluates policies one after the other, and stops as soon as the result is certain. */
export function createPolicyEvaluator(policies: ReadonlyMap<string, Policy>): EvaluatePolicies {
  const evaluate: EvaluatePolicies = (terms, input, report) =>
    decideUntil(false, terms, (term) =>
      typeof term === 'string'
        ? evaluateOne(policies.get(term), term, input, report)
        : decideUntil(true, term, (names) => evaluate(names, input, report)),
    );
  return evaluate;
}

/** Decides about items in order until one has the decisive result. If none has, the result is the other one. */
function decideUntil<Item>(
  decisive: boolean,
  items: readonly Item[],
  decide: (item: Item) => boolean | Promise<boolean>,
): boolean | Promise<boolean> {
  for (const [index, item] of items.entries()) {
    const result = decide(item);
    if (result === decisive) return decisive;
    if (typeof result !== 'boolean') {
      return result.then((later) =>
        later === decisive ? decisive : decideUntil(decisive, items.slice(index + 1), decide),
      );
    }
  }
  return !decisive;
}

function evaluateOne(
  policy: Policy | undefined,
  name: string,
  input: PolicyInput,
  report: ReportPolicyError | undefined,
): boolean | Promise<boolean> {
  const deny = (error: unknown): false => {
    report?.(error, name);
    return false;
  };
  try {
    const result: unknown = policy?.(input);
    if (!isThenable(result)) return result === true;
    return Promise.resolve(result).then((value) => value === true, deny);
  } catch (error) {
    return deny(error);
  }
}
