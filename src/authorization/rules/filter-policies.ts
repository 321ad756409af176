import type { AuthenticatedViewer } from '../../authentication/viewer.ts';
import { isObject, isThenable } from '../../shared/type-guards.ts';
import type { PolicyInput, ReportPolicyError } from './policies.ts';
import type { PolicyOptions } from './policy-definition.ts';
import {
  accessDenied,
  isDenialKind,
  type PolicyDecision,
  type PolicyDenial,
  readDecision,
} from './policy-denial.ts';

/** What a filter policy is asked with. */
export interface FilterInput<Context = unknown> {
  /** Never anonymous: policies run only for viewers who meet the rest of the rule. */
  readonly viewer: AuthenticatedViewer;
  /** Without `filter`: what a filter depends on cannot be another filter. */
  readonly context: Context;
}

/**
 * A policy that says which objects a viewer is allowed, as a filter for the query that loads them.
 *
 * On a field, it is asked before the resolver runs, which gets the filter with `context.filter(name)`. A
 * resolver that returns without having done so fails with a masked error. On an object type, an interface
 * or a union, it decides about each object. It is a problem of the schema anywhere else.
 *
 * Not checked: what the resolver does with the filter.
 */
export interface FilterPolicy<Answer = unknown, Context = unknown> extends PolicyOptions {
  /**
   * Returns a filter, in whatever form the queries of the API take: an object, or a function. `true`
   * restricts nothing; `false` or a denial denies everything. Asked once for an execution; in a mutation,
   * again for each root field, and in subscriptions, for each event.
   *
   * A filter must not have a `then` method, or a `kind` that is one of a denial.
   */
  filter(input: FilterInput<Context>): Answer | Promise<Answer>;
  /**
   * Whether the filter lets an object through. Must decide like the query. Everything but `true` denies,
   * a throw included. Called for each object of a type with the policy.
   */
  matches(filter: FilterOf<Answer>, object: unknown): boolean;
}

/** The filters among the results of a filter policy. */
export type FilterOf<Answer> = Exclude<Answer, boolean | PolicyDenial>;

/**
 * Defines a filter policy: returns it as it is, with the type of its filter inferred.
 *
 * @example
 * ```ts
 * import { defineFilterPolicy } from 'graphql-resource-server';
 *
 * // The policy of `@auth(policy: "own")`. Its resolvers call `context.filter('own')`.
 * const own = defineFilterPolicy({
 *   filter: ({ viewer }) => ({ ownerId: viewer.id }),
 *   matches: ({ ownerId }, object) =>
 *     typeof object === 'object' && object !== null && 'ownerId' in object && object.ownerId === ownerId,
 * });
 * ```
 */
export function defineFilterPolicy<Answer, Context = unknown>(
  policy: FilterPolicy<Answer, Context>,
): FilterPolicy<Answer, Context> {
  return policy;
}

/**
 * What the context of resolvers has where some policies are filter policies, given `typeof policies`.
 * The other policies may be among them.
 *
 * @example
 * ```ts
 * import type { AuthContext, Filters } from 'graphql-resource-server';
 *
 * type Context = AuthContext & Filters<typeof policies>;
 * ```
 */
export interface Filters<Policies> {
  /**
   * Gets the filter of a policy of the field. Undefined if the policy returned `true`.
   *
   * @throws {Error} If the field has no such policy, if the resolver has returned, and outside of resolvers.
   */
  readonly filter: <
    Name extends {
      [Key in keyof Policies]: Policies[Key] extends { filter(input: never): unknown }
        ? Key
        : never;
    }[keyof Policies],
  >(
    name: Name,
  ) => Policies[Name] extends { filter(input: never): infer Result }
    ? FilterOf<Awaited<Result>> | (true extends Awaited<Result> ? undefined : never)
    : never;
}

/** Whether a policy, as it was defined, is a filter policy. */
export function isFilterPolicy(definition: unknown): definition is FilterPolicy {
  return isObject(definition) && typeof definition['filter'] === 'function';
}

/** What a filter policy returned. */
export type FilterAnswer =
  | { readonly kind: 'filter'; readonly filter: unknown }
  | { readonly kind: 'decision'; readonly decision: PolicyDecision };

/** The answers of filter policies for one viewer, as long as they may be used again. */
export class FilterAnswers {
  readonly #answers = new Map<string, FilterAnswer | Promise<FilterAnswer>>();

  /** Asks a policy, unless it has been asked before. What it throws is reported, and denies. */
  ask(
    name: string,
    policy: FilterPolicy,
    { viewer, context }: PolicyInput,
    report: ReportPolicyError | undefined,
  ): FilterAnswer | Promise<FilterAnswer> {
    const known = this.#answers.get(name);
    if (known !== undefined) return known;
    const keep = (answer: FilterAnswer): FilterAnswer => {
      this.#answers.set(name, answer);
      return answer;
    };
    const deny = (error: unknown): FilterAnswer => {
      report?.(error, name);
      return keep({ kind: 'decision', decision: accessDenied });
    };
    const read = (result: unknown): FilterAnswer => {
      try {
        return keep(readAnswer(result));
      } catch (error) {
        return deny(error);
      }
    };
    try {
      const result = policy.filter({ viewer, context });
      if (!isThenable(result)) return read(result);
      const pending = Promise.resolve(result).then(read, deny);
      this.#answers.set(name, pending);
      return pending;
    } catch (error) {
      return deny(error);
    }
  }

  /** Whether some policies have answered. */
  has(names: readonly string[]): boolean {
    return names.every((name) => {
      const known = this.#answers.get(name);
      return known !== undefined && !isThenable(known);
    });
  }

  /**
   * The answers of the policies of a field that is allowed.
   *
   * @throws {Error} If one has not answered, or denies: continuing would skip the filter.
   */
  select(names: readonly string[]): ReadonlyMap<string, FilterAnswer> {
    return new Map(
      names.map((name) => {
        const answer = this.#answers.get(name);
        const isUsable =
          answer !== undefined &&
          !isThenable(answer) &&
          (answer.kind === 'filter' || answer.decision === true);
        if (!isUsable) throw new Error(`The filter policy ${JSON.stringify(name)} does not allow.`);
        return [name, answer];
      }),
    );
  }
}

/** @throws {TypeError} If it is neither a filter nor a decision. */
function readAnswer(result: unknown): FilterAnswer {
  if (typeof result === 'boolean') return { kind: 'decision', decision: result };
  if (result === undefined || result === null) {
    throw new TypeError(
      'A filter policy returned nothing. To restrict nothing, return true; to deny, return false.',
    );
  }
  if (isObject(result) && isDenialKind(result['kind'])) {
    return { kind: 'decision', decision: readDecision(result) };
  }
  return { kind: 'filter', filter: result };
}

/** What a filter policy is evaluated for. */
export interface FilterUse {
  /** `field`: a filter allows it, as the resolver must take it. `object`: it must match the source. */
  readonly of: 'field' | 'object';
  readonly answers: FilterAnswers;
}

/** Evaluates a filter policy. Whether an object matches may throw. */
export function decideByFilter(
  name: string,
  policy: FilterPolicy,
  input: PolicyInput,
  { of, answers }: FilterUse,
  report: ReportPolicyError | undefined,
): PolicyDecision | Promise<PolicyDecision> {
  const decide = (answer: FilterAnswer): PolicyDecision => {
    if (answer.kind === 'decision') return answer.decision;
    return of === 'field' || matches(policy, answer.filter, input.source);
  };
  const answer = answers.ask(name, policy, input, report);
  return isThenable(answer) ? answer.then(decide) : decide(answer);
}

function matches(policy: FilterPolicy, filter: unknown, object: unknown): boolean {
  const result: unknown = policy.matches(filter, object);
  if (typeof result === 'boolean') return result;
  // It may reject.
  if (isThenable(result)) Promise.resolve(result).catch(() => {});
  throw new TypeError('The matches of a filter policy returned neither true nor false.');
}
