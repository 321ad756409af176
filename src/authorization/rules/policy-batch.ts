import type { Clock } from '../../shared/clock.ts';
import { nextTick } from '../../shared/node-modules.ts';
import { isThenable } from '../../shared/type-guards.ts';
import { withTimeout } from '../../shared/with-timeout.ts';
import type { PolicyInput, ReportPolicyError } from './policies.ts';
import type { BatchedPolicy } from './policy-definition.ts';
import { accessDenied, type Decision, readDecision } from './policy-denial.ts';

/** Inputs in one call of a batched policy, unless `maxBatchSize` says otherwise. */
const defaultBatchSize = 1_000;

/** Milliseconds until a batched policy denies, unless `timeoutMs` says otherwise. */
const defaultTimeoutMs = 5_000;

/** What one tick asked a policy. */
interface Question {
  readonly policy: BatchedPolicy;
  /** None as soon as it is decided. */
  inputs: PolicyInput[];
  /** In the order of the inputs. Undefined until it is decided. */
  decisions: readonly Decision[] | undefined;
}

export interface DecisionListener {
  /**
   * Called when the batch is decided. Must not throw.
   *
   * @param isFirst Whether this is the first call in a microtask.
   */
  onDecided(isFirst: boolean): void;
}

/**
 * Everything that batched policies are asked in one tick of an execution. All decisions are delivered
 * together: if resolvers continued one after the other, their DataLoaders would load in several batches.
 */
export class PolicyBatch {
  readonly #questions = new Map<string, Question>();
  readonly #decided: Promise<void>;
  readonly #clock: Clock;
  readonly #report: ReportPolicyError | undefined;
  /** Those that were added last, without a promise in between. */
  #listeners: DecisionListener[] | undefined;

  /** @param close Called when the tick ends: what is asked later belongs to another batch. */
  constructor(clock: Clock, report: ReportPolicyError | undefined, close: () => void) {
    this.#clock = clock;
    this.#report = report;
    this.#decided = new Promise<void>(afterMicrotasks).then(() => {
      close();
      return this.#decide();
    });
  }

  ask(name: string, policy: BatchedPolicy, input: PolicyInput): BatchedDecision {
    let question = this.#questions.get(name);
    if (question === undefined) {
      question = { policy, inputs: [], decisions: undefined };
      this.#questions.set(name, question);
    }
    return new BatchedDecision(this, question, question.inputs.push(input) - 1);
  }

  /** Resolves when everything is decided. */
  whenDecided(): Promise<void> {
    this.#listeners = undefined;
    return this.#decided;
  }

  /**
   * Adds a listener. Listeners and those who wait for the promise continue in the order in which they came,
   * but many listeners take one microtask.
   */
  addListener(listener: DecisionListener): void {
    if (this.#listeners === undefined) {
      const listeners: DecisionListener[] = [];
      this.#listeners = listeners;
      this.#decided.then(() => {
        this.#listeners = undefined;
        for (const one of listeners) one.onDecided(one === listeners[0]);
      });
    }
    this.#listeners.push(listener);
  }

  async #decide(): Promise<void> {
    const questions = [...this.#questions];
    const results = await Promise.all(questions.map((asked) => this.#call(...asked)));
    for (const [index, [name, question]] of questions.entries()) {
      const { [index]: all = [] } = results;
      question.decisions = all.map((result) => readResult(result, name, this.#report));
      // What is remembered of a decision must not keep them.
      question.inputs = [];
    }
  }

  async #call(name: string, { policy, inputs }: Question): Promise<readonly unknown[]> {
    const { maxBatchSize = defaultBatchSize } = policy;
    const calls: Promise<readonly unknown[]>[] = [];
    for (let start = 0; start < inputs.length; start += maxBatchSize) {
      calls.push(this.#callOnce(name, policy, inputs.slice(start, start + maxBatchSize)));
    }
    return (await Promise.all(calls)).flat();
  }

  async #callOnce(
    name: string,
    policy: BatchedPolicy,
    inputs: readonly PolicyInput[],
  ): Promise<readonly unknown[]> {
    const { length } = inputs;
    const { timeoutMs = defaultTimeoutMs } = policy;
    try {
      const result: unknown = policy.batched(inputs);
      const decisions = isThenable(result)
        ? await withTimeout(result, timeoutMs, describeTimeout(timeoutMs), this.#clock)
        : result;
      if (Array.isArray(decisions) && decisions.length === length) return readList(decisions);
      const found = Array.isArray(decisions) ? `${decisions.length} decisions` : 'no list';
      throw new TypeError(
        `A batched policy returned ${found} for ${length} inputs: it must return one decision for each. It denies without a reason.`,
      );
    } catch (error) {
      this.#report?.(error, name);
      return new Array(length).fill(false);
    }
  }
}

/** What a batch decides about one input. */
export class BatchedDecision {
  readonly batch: PolicyBatch;
  readonly #question: Question;
  readonly #index: number;

  constructor(batch: PolicyBatch, question: Question, index: number) {
    this.batch = batch;
    this.#question = question;
    this.#index = index;
  }

  /** Undefined until it is decided. */
  get decision(): Decision | undefined {
    return this.#question.decisions?.[this.#index];
  }
}

/** Reads what a policy returned. What is not a decision denies, and is reported. */
export function readResult(
  result: unknown,
  name: string,
  report: ReportPolicyError | undefined,
): Decision {
  try {
    return readDecision(result);
  } catch (error) {
    report?.(error, name);
    return accessDenied;
  }
}

/**
 * Copies decisions, without holes: `flat` would skip those, and move the decisions behind them.
 *
 * @throws {TypeError} If they are promises.
 */
function readList(decisions: readonly unknown[]): readonly unknown[] {
  const promises = decisions.filter(isThenable);
  if (promises.length === 0) return Array.from(decisions);
  for (const promise of promises) Promise.resolve(promise).catch(() => {});
  throw new TypeError(
    'A batched policy returned a list of promises. It denies without a reason. Return a promise of the list: Promise.all(…).',
  );
}

const describeTimeout = (milliseconds: number): string =>
  `A batched policy took longer than ${milliseconds} ms. It denies without a reason. Make it faster, or raise its timeoutMs.`;

/** Calls a function when the promises that are settled by now have been handled, as DataLoaders do. */
function afterMicrotasks(run: () => void): void {
  Promise.resolve().then(() => (nextTick ? nextTick(run) : setTimeout(run, 0)));
}
