import type { Clock } from '../../shared/clock.ts';
import { isThenable } from '../../shared/type-guards.ts';
import type { PolicyTerm, Requirement, Rule } from '../directives/requirement.ts';
import type { ScopeHierarchy } from '../directives/scope-hierarchy.ts';
import type { FilterUse } from './filter-policies.ts';
import type { PolicyInput } from './policies.ts';
import {
  PolicyDecider,
  type PolicyExecution,
  type PolicyOutcome,
  type PolicyQuestion,
  type PolicyResult,
} from './policy-decider.ts';
import type { PolicyDefinition } from './policy-definition.ts';
import { accessDenied, type PolicyDenial } from './policy-denial.ts';
import { findUnmet, leastDemanding, type UnmetRequirement } from './unmet.ts';

/**
 * Evaluates policies: `true` if all terms allow. Of alternatives, one is sufficient; if none allows, the
 * result is the one that is easiest to meet.
 *
 * @param rule What else applies, and is met: a client that is asked for a scope needs its scopes too.
 * @param execution Undefined outside of a gate.
 * @param filters What filter policies are evaluated for. Undefined where the schema cannot have any.
 */
export type EvaluatePolicies = (
  terms: readonly PolicyTerm[],
  input: PolicyInput,
  rule: Rule,
  execution: PolicyExecution | undefined,
  filters?: FilterUse,
) => PolicyOutcome;

/** Options for `createPolicyEvaluator`. */
export interface PolicyEvaluatorOptions {
  readonly scopeHierarchy: ScopeHierarchy | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Its timers limit batched policies. */
  readonly clock: Clock;
}

/** Evaluates policies one after the other, and stops as soon as the result is certain. */
export function createPolicyEvaluator(
  policies: ReadonlyMap<string, PolicyDefinition>,
  { scopeHierarchy, now, clock }: PolicyEvaluatorOptions,
): EvaluatePolicies {
  const decider = new PolicyDecider(policies, clock, complete);
  const evaluateTerms: EvaluatePolicies = (terms, input, rule, execution, filters) =>
    allOfTerms(terms, (term) =>
      typeof term === 'string'
        ? decider.decide({ name: term, input, rule, execution, filters })
        : anyOfTerms(term, (names) => evaluate(names, input, rule, execution, filters)),
    );
  // A list can have thousands of inputs for one policy: what is made for each is kept until it decides.
  const evaluate: EvaluatePolicies = (terms, input, rule, execution, filters) => {
    const [name] = terms;
    return terms.length === 1 && typeof name === 'string'
      ? decider.decide({ name, input, rule, execution, filters })
      : evaluateTerms(terms, input, rule, execution, filters);
  };
  return evaluate;

  function complete(
    { name, input, rule, execution }: PolicyQuestion,
    decision: true | PolicyDenial,
  ): PolicyResult {
    if (decision === true || !isDemand(decision)) return decision;
    try {
      return requireMore(decision, input, rule);
    } catch (error) {
      execution?.reportPolicyError?.(error, name);
      return accessDenied;
    }
  }

  /**
   * Adds a requirement of a policy to a rule that is met.
   *
   * @throws {TypeError} If the viewer meets it, or no token could: a client that followed the challenge
   *   would be denied again.
   */
  function requireMore(denial: Demand, { viewer }: PolicyInput, rule: Rule): UnmetRequirement {
    const { kind, ...rest } = denial;
    const requirement: Requirement = {
      coordinate: '',
      claims: [],
      policies: [],
      ...('scope' in rest
        ? {
            scopes: [rest.scope.split(' ')],
            ...(scopeHierarchy ? { hierarchy: scopeHierarchy } : {}),
          }
        : rest),
    };
    const unmet = findUnmet([...rule, requirement], viewer, now);
    if (unmet === undefined) {
      throw new TypeError(
        `A policy requires a ${kind} that the viewer has. It must allow such viewers; it denies without a reason.`,
      );
    }
    if (unmet.kind === 'step-up' && unmet.acr?.length === 0) {
      throw new TypeError(
        'A policy requires an acr that the rest of the rule does not accept. It denies without a reason.',
      );
    }
    return unmet;
  }
}

/** A denial that says what would be sufficient. */
type Demand = Extract<PolicyDenial, { kind: 'scope' | 'step-up' }>;

const isDemand = (denial: PolicyDenial): denial is Demand =>
  denial.kind === 'scope' || denial.kind === 'step-up';

/** `true`, or the first result that is not. */
function allOfTerms<Item>(
  items: readonly Item[],
  decide: (item: Item) => PolicyOutcome,
): PolicyOutcome {
  for (const [index, item] of items.entries()) {
    const result = decide(item);
    if (result === true) continue;
    if (!isThenable(result) || index === items.length - 1) return result;
    return result.then((later) =>
      later === true ? allOfTerms(items.slice(index + 1), decide) : later,
    );
  }
  return true;
}

/** `true` if one result is, and otherwise the one that is easiest to meet. */
function anyOfTerms<Item>(
  items: readonly Item[],
  decide: (item: Item) => PolicyOutcome,
  denied: readonly { readonly unmet: UnmetRequirement }[] = [],
): PolicyOutcome {
  const all = [...denied];
  for (const [index, item] of items.entries()) {
    const result = decide(item);
    if (result === true) return true;
    if (!isThenable(result)) {
      all.push({ unmet: result });
      continue;
    }
    return result.then(
      (later) =>
        later === true || anyOfTerms(items.slice(index + 1), decide, [...all, { unmet: later }]),
    );
  }
  return leastDemanding(all)?.unmet ?? accessDenied;
}
