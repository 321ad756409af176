import { isObject } from '../../shared/type-guards.ts';
import { findUnknownOptions } from '../../shared/unknown-options.ts';
import type { FilterPolicy } from './filter-policies.ts';
import type { Policy, PolicyInput } from './policies.ts';
import type { PolicyDecision } from './policy-denial.ts';

/** Options of every policy that is defined as an object. */
export interface PolicyOptions {
  /**
   * What takes the place of what is denied: `error`, null with an error (default); `null`, null without
   * one; `omitted`, nothing in a list or stream of events, and null elsewhere. Refusals without an error
   * change neither the status nor the challenge. If several policies apply to the same thing, the quietest
   * form counts. Root fields of mutations are refused with an error, unless `hidden`. `guardSchema` rejects
   * null in a non-null type.
   */
  readonly refusedAs?: 'error' | 'null' | 'omitted';
  /**
   * Makes responses the same for what is denied and for what does not exist: if `refusedAs` is `error`,
   * null is refused too. In lists and subscriptions, `refusedAs` must be `omitted`. Not hidden: how long a
   * decision takes, and errors that resolvers throw. Default: not hidden.
   */
  readonly hidden?: true;
}

/** A policy that decides about one input at a time, with options. */
export interface DecidingPolicy<Context = unknown> extends PolicyOptions {
  readonly decide: Policy<Context>;
  /**
   * Returns a key of what the policy decides about, compared as those of a `Map`: inputs with the same key
   * are decided once in an operation, in an event of a subscription, or in a root field of a mutation, for
   * at most 10,000 keys. `undefined`: this input is not remembered. A throw denies. Default: every input
   * is decided.
   */
  memo?(input: PolicyInput<Context>): unknown;
}

/**
 * A policy that decides about many inputs at once: everything that one tick of an operation asks it, in any
 * field, list and type. A throw, a rejection, a timeout and a wrong number of decisions deny all inputs of
 * the call, and are reported once.
 *
 * @example
 * ```ts
 * import { type BatchedPolicy, guardSchema } from 'graphql-resource-server';
 *
 * // The policy of `@auth(policy: "mayRead")`.
 * const mayRead: BatchedPolicy = {
 *   batched: async (inputs) => {
 *     const ids = inputs.map(({ source }) => (source as { id: string }).id);
 *     const readable = await askPermissions(inputs[0]?.viewer.id, ids);
 *     return ids.map((id) => readable.has(id));
 *   },
 * };
 *
 * const schema = guardSchema(executableSchema, { policies: { mayRead } });
 * ```
 */
export interface BatchedPolicy<Context = unknown> extends PolicyOptions {
  /** Returns one decision for each input, in the same order. All inputs have the same viewer. */
  batched(
    inputs: readonly PolicyInput<Context>[],
  ): readonly PolicyDecision[] | Promise<readonly PolicyDecision[]>;
  /** The most inputs of one call, 1 to 10,000. More are split into concurrent calls. Default: 1,000. */
  readonly maxBatchSize?: number;
  /** Milliseconds after which a call denies, 1 to 60,000. Default: 5,000. */
  readonly timeoutMs?: number;
  /** As in `DecidingPolicy`. */
  memo?(input: PolicyInput<Context>): unknown;
}

/** A policy: a function, or an object with options. */
export type PolicyDefinition<Context = unknown> =
  | Policy<Context>
  | DecidingPolicy<Context>
  | BatchedPolicy<Context>
  | FilterPolicy<unknown, Context>;

/** Policies by the name that `@auth(policy:)` uses. */
export type PolicyDefinitions = Readonly<Record<string, PolicyDefinition>>;

const optionNames = ['refusedAs', 'hidden'];

/** The numbers that a batched policy can have, and their largest values. */
const limits = { maxBatchSize: 10_000, timeoutMs: 60_000 } as const;

/**
 * Reads the definitions of policies.
 *
 * @throws {TypeError} With every problem of every definition.
 */
export function readPolicyDefinitions(
  definitions: PolicyDefinitions,
): ReadonlyMap<string, PolicyDefinition> {
  const policies = new Map<string, PolicyDefinition>(Object.entries(definitions));
  const problems = [...policies].flatMap(([name, definition]) =>
    findProblems(definition).map((problem) => `The policy "${name}" ${problem}`),
  );
  if (problems.length > 0) throw new TypeError(problems.join('\n'));
  return policies;
}

function findProblems(definition: unknown): readonly string[] {
  if (typeof definition === 'function') return [];
  if (!isObject(definition)) return ['must be a function that returns true or false.'];
  const kinds = (['decide', 'batched', 'filter'] as const).filter(
    (name) => definition[name] !== undefined,
  );
  const [kind, other] = kinds;
  if (kind === undefined || other !== undefined) {
    return ['must be a function, or an object with one of decide, batched and filter.'];
  }
  const members = kind === 'filter' ? ['filter', 'matches'] : [kind];
  const ownOptions = {
    decide: ['memo'],
    batched: ['memo', ...Object.keys(limits)],
    filter: [],
  }[kind];
  const problems = findUnknownOptions(definition, [...members, ...optionNames, ...ownOptions]).map(
    (problem) => `has an unknown option. ${problem}`,
  );
  for (const member of members) {
    if (typeof definition[member] !== 'function') {
      problems.push(`must have a function as ${member}.`);
    }
  }
  const { refusedAs, hidden, memo } = definition;
  if (memo !== undefined && typeof memo !== 'function') {
    problems.push('must have a function as memo, or omit it.');
  }
  for (const [name, largest] of Object.entries(limits)) {
    const value = definition[name];
    if (kind !== 'batched' || value === undefined) continue;
    const isValid =
      typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= largest;
    if (!isValid) problems.push(`must have a whole number from 1 to ${largest} as ${name}.`);
  }
  if (refusedAs !== undefined && !['error', 'null', 'omitted'].includes(String(refusedAs))) {
    problems.push(`must have 'error', 'null' or 'omitted' as refusedAs, or omit it.`);
  }
  if (hidden !== undefined && hidden !== true)
    problems.push('must have true as hidden, or omit it.');
  return problems;
}
