import type { GraphQLResolveInfo } from 'graphql';
import type { AuthenticatedViewer } from '../../authentication/viewer.ts';
import type { Clock } from '../../shared/clock.ts';
import { isThenable } from '../../shared/type-guards.ts';
import type { Rule } from '../directives/requirement.ts';
import { decideByFilter, type FilterUse, isFilterPolicy } from './filter-policies.ts';
import type { PolicyInput, ReportPolicyError } from './policies.ts';
import { BatchedDecision, type DecisionListener, PolicyBatch, readResult } from './policy-batch.ts';
import type { BatchedPolicy, DecidingPolicy, PolicyDefinition } from './policy-definition.ts';
import { accessDenied, type Decision } from './policy-denial.ts';
import type { UnmetRequirement } from './unmet.ts';

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

/** A decision about one key. */
type KeptDecision = Decision | Promise<Decision> | BatchedDecision;

/** What is kept for one viewer in one execution. */
interface Decisions {
  /** Absent if nothing has been asked in this tick. */
  batch?: PolicyBatch | undefined;
  readonly kept: Map<string, Map<unknown, KeptDecision>>;
}

/** Turns a decision into what the client gets. Must not throw. */
type Complete = (question: PolicyQuestion, decision: Decision) => PolicyResult;

/** What a batched policy will decide: a promise, or something to listen to. */
export class PendingResult implements PromiseLike<PolicyResult> {
  readonly #decision: BatchedDecision;
  readonly #question: PolicyQuestion;
  readonly #complete: Complete;

  constructor(decision: BatchedDecision, question: PolicyQuestion, complete: Complete) {
    this.#decision = decision;
    this.#question = question;
    this.#complete = complete;
  }

  /** The result. To be called once it is decided: until then, it is a denial. */
  take(): PolicyResult {
    const { decision = accessDenied } = this.#decision;
    return this.#complete(this.#question, decision);
  }

  /** Takes less time and memory than `then`. */
  addListener(listener: DecisionListener): void {
    this.#decision.batch.addListener(listener);
  }

  // biome-ignore lint/suspicious/noThenProperty: executors wait for it.
  then<Fulfilled = PolicyResult, Rejected = never>(
    onFulfilled?: ((result: PolicyResult) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    const { batch } = this.#decision;
    return batch
      .whenDecided()
      .then(() => this.take())
      .then(onFulfilled, onRejected);
  }
}

/** The result, or a promise of it. */
export type PolicyOutcome = PolicyResult | Promise<PolicyResult> | PendingResult;

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
  decide(question: PolicyQuestion): PolicyOutcome {
    const policy = this.#policies.get(question.name);
    if (policy === undefined) return accessDenied;
    if (typeof policy === 'object' && !isFilterPolicy(policy) && policy.memo !== undefined) {
      return this.#finish(question, this.#keep(question, policy));
    }
    return isBatched(policy)
      ? this.#finish(question, this.#askBatch(question, policy))
      : askOne(question, policy, this.#complete);
  }

  #finish(question: PolicyQuestion, decision: KeptDecision): PolicyOutcome {
    if (decision instanceof BatchedDecision) {
      return decision.decision === undefined
        ? new PendingResult(decision, question, this.#complete)
        : this.#complete(question, decision.decision);
    }
    return isThenable(decision)
      ? decision.then((later) => this.#complete(question, later))
      : this.#complete(question, decision);
  }

  #ask(question: PolicyQuestion, policy: DecidingPolicy | BatchedPolicy): KeptDecision {
    return isBatched(policy)
      ? this.#askBatch(question, policy)
      : askOne(question, policy, (_question, decision) => decision);
  }

  #askBatch(question: PolicyQuestion, policy: BatchedPolicy): BatchedDecision {
    const decisions = this.#decisionsOf(question);
    const batch = decisions.batch ?? this.#openBatch(decisions, question);
    return batch.ask(question.name, policy, question.input);
  }

  #openBatch(decisions: Decisions, { execution }: PolicyQuestion): PolicyBatch {
    const batch = new PolicyBatch(this.#clock, execution?.reportPolicyError, () => {
      decisions.batch = undefined;
    });
    decisions.batch = batch;
    return batch;
  }

  #keep(question: PolicyQuestion, policy: DecidingPolicy | BatchedPolicy): KeptDecision {
    const { name, input, execution } = question;
    // Without a gate, nothing says where an event of a subscription or a field of a mutation ends.
    if (execution === undefined && input.info.operation.operation !== 'query') {
      return this.#ask(question, policy);
    }
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
    if (key === undefined) return this.#ask(question, policy);
    const { kept } = this.#decisionsOf(question);
    const known = kept.get(name) ?? new Map<unknown, KeptDecision>();
    kept.set(name, known);
    const decision = known.get(key) ?? this.#ask(question, policy);
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

function isBatched<Other extends PolicyDefinition>(
  policy: Other | BatchedPolicy,
): policy is BatchedPolicy {
  return typeof policy === 'object' && 'batched' in policy;
}

/**
 * Asks a policy about one input.
 *
 * @param finish Called with the decision: in one promise, as a list can have thousands of them.
 */
function askOne<Result>(
  question: PolicyQuestion,
  policy: Exclude<PolicyDefinition, BatchedPolicy>,
  finish: (question: PolicyQuestion, decision: Decision) => Result,
): Result | Promise<Result> {
  const { name, execution } = question;
  const settle = (result: unknown): Result =>
    finish(question, readResult(result, name, execution?.reportPolicyError));
  const fail = (error: unknown): Result => finish(question, deny(question, error));
  try {
    const result = callPolicy(question, policy);
    return isThenable(result) ? Promise.resolve(result).then(settle, fail) : settle(result);
  } catch (error) {
    return fail(error);
  }
}

function callPolicy(question: PolicyQuestion, policy: Exclude<PolicyDefinition, BatchedPolicy>) {
  const { name, input, execution, filters } = question;
  if (typeof policy === 'function') return policy(input);
  if (!isFilterPolicy(policy)) return policy.decide(input);
  if (filters === undefined) return false;
  return decideByFilter(name, policy, input, filters, execution?.reportPolicyError);
}

function deny({ name, execution }: PolicyQuestion, error: unknown): Decision {
  execution?.reportPolicyError?.(error, name);
  return accessDenied;
}
