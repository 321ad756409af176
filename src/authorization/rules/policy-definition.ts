import { isObject } from '../../shared/type-guards.ts';
import { findUnknownOptions } from '../../shared/unknown-options.ts';
import type { FilterPolicy } from './filter-policies.ts';
import type { Policy, PolicyInput } from './policies.ts';
import type { PolicyDecision } from './policy-denial.ts';

/** Options of every policy that is defined as an object. */
export interface PolicyOptions {
  /** What takes the place of what is denied: an error (default), null, or nothing in a list. */
  readonly refusedAs?: 'error' | 'null' | 'omitted';
  /** Whether no response may differ between what is denied and what does not exist. Default: not. */
  readonly hidden?: true;
}

/** A policy that decides one question at a time, with options. */
export interface DecidingPolicy<Context = unknown> extends PolicyOptions {
  readonly decide: Policy<Context>;
}

/** A policy that decides about many objects at once. */
export interface BatchedPolicy<Context = unknown> extends PolicyOptions {
  /** Returns one decision for each input, in the same order. All inputs have the same viewer. */
  batched(
    inputs: readonly PolicyInput<Context>[],
  ): readonly PolicyDecision[] | Promise<readonly PolicyDecision[]>;
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
  const kinds = ['decide', 'batched', 'filter'].filter((name) => definition[name] !== undefined);
  const [kind, other] = kinds;
  if (kind === undefined || other !== undefined) {
    return ['must be a function, or an object with one of decide, batched and filter.'];
  }
  const members = kind === 'filter' ? ['filter', 'matches'] : [kind];
  const problems = findUnknownOptions(definition, [...members, ...optionNames]).map(
    (problem) => `has an unknown option. ${problem}`,
  );
  for (const member of members) {
    if (typeof definition[member] !== 'function') {
      problems.push(`must have a function as ${member}.`);
    }
  }
  const { refusedAs, hidden } = definition;
  if (refusedAs !== undefined && !['error', 'null', 'omitted'].includes(String(refusedAs))) {
    problems.push(`must have 'error', 'null' or 'omitted' as refusedAs, or omit it.`);
  }
  if (hidden !== undefined && hidden !== true)
    problems.push('must have true as hidden, or omit it.');
  return problems;
}
