import type { GraphQLResolveInfo } from 'graphql';
import type { AuthenticatedViewer } from '../../authentication/viewer.ts';
import type { Clock } from '../../shared/clock.ts';
import { isThenable } from '../../shared/type-guards.ts';
import type { Rule } from '../directives/requirement.ts';
import { decideByFilter, type FilterUse, isFilterPolicy } from './filter-policies.ts';
import type { PolicyInput, ReportPolicyError } from './policies.ts';
import { PolicyBatch } from './policy-batch.ts';
import type { BatchedPolicy, DecidingPolicy, PolicyDefinition } from './policy-definition.ts';
import { accessDenied, type PolicyDenial, readDecision } from './policy-denial.ts';
import type { UnmetRequirement } from './unmet.ts';

/** A decision that has been read. */
type Decision = true | PolicyDenial;

/** `true` if policies allow, otherwise what the client gets. */
export type PolicyResult = true | UnmetRequirement;

/** What policies get from the execution that they are asked in. */
export interface PolicyExecution {
  readonly reportPolicyError: ReportPolicyError | undefined;
  /** What decisions belong to. They are not used with another object. */
  decisionsOf(info: GraphQLResolveInfo): object;
}

/** One policy to ask, and where. */
export interface PolicyQuestion {
  readonly name: string;
  readonly input: PolicyInput;
  /** What else applies, and is met. */
  readonly rule: Rule;
  /** Undefined outside of a gate. */
  readonly execution: PolicyExecution | undefined;
  /** Undefined where the schema cannot have filter policies. */
  readonly filters: FilterUse | undefined;
}

/** Decisions of one policy that are kept, per viewer. More are asked for again. */
const maxKept = 10_000;

/** What is kept for one viewer in one execution. */
interface Decisions {
  /** Absent if nothing has been asked in this tick. */
  batch?: PolicyBatch | undefined;
  readonly kept: Map<string, Map<unknown, Decision | Promise<Decision>>>;
}

/** Turns a decision into what the client gets. */
type Complete = (question: PolicyQuestion, decision: Decision) => PolicyResult;

/** Asks policies: one at a time, in batches, or not again. */
export class PolicyDecider {
  readonly #policies: ReadonlyMap<string, PolicyDefinition>;
  readonly #clock: Clock;
  readonly #complete: Complete;
  readonly #decisions = new WeakMap<object, WeakMap<AuthenticatedViewer, Decisions>>();

  constructor(policies: ReadonlyMap<string, PolicyDefinition>, clock: Clock, complete: Complete) {
    this.#policies = policies;
    this.#clock = clock;
    this.#complete = complete;
  }

  /** Never throws or rejects: what a policy throws is reported, and denies. */
  decide(question: PolicyQuestion): PolicyResult | Promise<PolicyResult> {
    const policy = this.#policies.get(question.name);
    if (policy === undefined) return accessDenied;
    const isKept =
      typeof policy === 'object' && !isFilterPolicy(policy) && policy.memo !== undefined;
    if (!isKept) {
      // In one promise: a list can have thousands of them.
      return this.#ask(question, policy, (result) =>
        this.#complete(question, read(question, result)),
      );
    }
    const decision = this.#keep(question, policy, () =>
      this.#ask(question, policy, (result) => read(question, result)),
    );
    return isThenable(decision)
      ? decision.then((later) => this.#complete(question, later))
      : this.#complete(question, decision);
  }

  /** @param finish Called with what the policy returned, or false if it failed. Must not throw. */
  #ask<Result>(
    question: PolicyQuestion,
    policy: PolicyDefinition,
    finish: (result: unknown) => Result,
  ): Result | Promise<Result> {
    const { name, input, execution } = question;
    if (typeof policy === 'object' && 'batched' in policy) {
      const decisions = this.#decisionsOf(question);
      decisions.batch ??= new PolicyBatch(this.#clock, execution?.reportPolicyError, () => {
        decisions.batch = undefined;
      });
      return decisions.batch.ask(name, policy, input, finish);
    }
    const fail = (error: unknown): Result => {
      execution?.reportPolicyError?.(error, name);
      return finish(false);
    };
    try {
      const result = callPolicy(question, policy);
      return isThenable(result) ? Promise.resolve(result).then(finish, fail) : finish(result);
    } catch (error) {
      return fail(error);
    }
  }

  #keep(
    question: PolicyQuestion,
    policy: DecidingPolicy | BatchedPolicy,
    decide: () => Decision | Promise<Decision>,
  ): Decision | Promise<Decision> {
    const { name, input, execution } = question;
    // Without a gate, nothing says where an event of a subscription or a field of a mutation ends.
    if (execution === undefined && input.info.operation.operation !== 'query') return decide();
    let key: unknown;
    try {
      key = policy.memo?.(input);
      if (isThenable(key)) {
        Promise.resolve(key).catch(() => {});
        throw new TypeError('The memo of a policy returned a promise. It denies without a reason.');
      }
    } catch (error) {
      return deny(question, error);
    }
    if (key === undefined) return decide();
    const { kept } = this.#decisionsOf(question);
    const known = kept.get(name) ?? new Map<unknown, Decision | Promise<Decision>>();
    kept.set(name, known);
    const decision = known.get(key) ?? decide();
    if (known.size < maxKept) known.set(key, decision);
    return decision;
  }

  /** Another viewer in the same execution, such as in one that a resolver starts, has decisions of their own. */
  #decisionsOf({ input: { viewer, info }, execution }: PolicyQuestion): Decisions {
    const owner = execution?.decisionsOf(info) ?? info.variableValues;
    let byViewer = this.#decisions.get(owner);
    if (byViewer === undefined) {
      byViewer = new WeakMap();
      this.#decisions.set(owner, byViewer);
    }
    let decisions = byViewer.get(viewer);
    if (decisions === undefined) {
      decisions = { kept: new Map() };
      byViewer.set(viewer, decisions);
    }
    return decisions;
  }
}

function callPolicy(question: PolicyQuestion, policy: Exclude<PolicyDefinition, BatchedPolicy>) {
  const { name, input, execution, filters } = question;
  if (typeof policy === 'function') return policy(input);
  if (!isFilterPolicy(policy)) return policy.decide(input);
  if (filters === undefined) return false;
  return decideByFilter(name, policy, input, filters, execution?.reportPolicyError);
}

/** Reads what a policy returned. What is not a decision denies, and is reported. */
function read(question: PolicyQuestion, result: unknown): Decision {
  try {
    return readDecision(result);
  } catch (error) {
    return deny(question, error);
  }
}

function deny({ name, execution }: PolicyQuestion, error: unknown): PolicyDenial {
  execution?.reportPolicyError?.(error, name);
  return accessDenied;
}
