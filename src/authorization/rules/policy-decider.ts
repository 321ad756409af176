import type { GraphQLResolveInfo } from 'graphql';
import type { AuthenticatedViewer } from '../../authentication/viewer.ts';
import type { Clock } from '../../shared/clock.ts';
import { isThenable } from '../../shared/type-guards.ts';
import {
  decideByFilter,
  type FilterPolicy,
  type FilterUse,
  isFilterPolicy,
} from './filter-policies.ts';
import type { PolicyInput, ReportPolicyError } from './policies.ts';
import { PolicyBatch } from './policy-batch.ts';
import type { BatchedPolicy, DecidingPolicy, PolicyDefinition } from './policy-definition.ts';
import { accessDenied, type PolicyDenial, readDecision } from './policy-denial.ts';

/** A decision that has been read. */
type Decision = true | PolicyDenial;

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

/** Asks policies: one at a time, in batches, or not again. */
export class PolicyDecider {
  readonly #policies: ReadonlyMap<string, PolicyDefinition>;
  readonly #clock: Clock;
  readonly #decisions = new WeakMap<object, WeakMap<AuthenticatedViewer, Decisions>>();

  constructor(policies: ReadonlyMap<string, PolicyDefinition>, clock: Clock) {
    this.#policies = policies;
    this.#clock = clock;
  }

  /** Never throws or rejects: what a policy throws is reported, and denies. */
  decide(question: PolicyQuestion): Decision | Promise<Decision> {
    const { name, input } = question;
    const policy = this.#policies.get(name);
    if (policy === undefined) return accessDenied;
    if (typeof policy === 'function') return settle(question, () => policy(input));
    if (isFilterPolicy(policy)) return settle(question, () => askFilter(question, policy));
    const decide = () => settle(question, () => this.#ask(question, policy));
    return policy.memo === undefined ? decide() : this.#keep(question, policy, decide);
  }

  #ask(question: PolicyQuestion, policy: DecidingPolicy | BatchedPolicy): unknown {
    const { name, input, execution } = question;
    if ('decide' in policy) return policy.decide(input);
    const decisions = this.#decisionsOf(question);
    decisions.batch ??= new PolicyBatch(this.#clock, execution?.reportPolicyError, () => {
      decisions.batch = undefined;
    });
    return decisions.batch.ask(name, policy, input);
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
    const byViewer = this.#decisions.get(owner) ?? new WeakMap<AuthenticatedViewer, Decisions>();
    this.#decisions.set(owner, byViewer);
    const decisions = byViewer.get(viewer) ?? { kept: new Map() };
    byViewer.set(viewer, decisions);
    return decisions;
  }
}

function askFilter({ name, input, execution, filters }: PolicyQuestion, policy: FilterPolicy) {
  if (filters === undefined) return false;
  return decideByFilter(name, policy, input, filters, execution?.reportPolicyError);
}

/** Reads what a policy returned. */
function settle(question: PolicyQuestion, run: () => unknown): Decision | Promise<Decision> {
  const read = (result: unknown): Decision => {
    try {
      return readDecision(result);
    } catch (error) {
      return deny(question, error);
    }
  };
  try {
    const result = run();
    if (!isThenable(result)) return read(result);
    return Promise.resolve(result).then(read, (error: unknown) => deny(question, error));
  } catch (error) {
    return deny(question, error);
  }
}

function deny({ name, execution }: PolicyQuestion, error: unknown): PolicyDenial {
  execution?.reportPolicyError?.(error, name);
  return accessDenied;
}
