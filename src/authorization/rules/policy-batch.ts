import type { Clock } from '../../shared/clock.ts';
import { nextTick } from '../../shared/node-modules.ts';
import { isThenable } from '../../shared/type-guards.ts';
import { withTimeout } from '../../shared/with-timeout.ts';
import type { PolicyInput, ReportPolicyError } from './policies.ts';
import type { BatchedPolicy } from './policy-definition.ts';

/** Inputs in one call of a batched policy, unless `maxBatchSize` says otherwise. */
const defaultBatchSize = 1_000;

/** Milliseconds until a batched policy denies, unless `timeoutMs` says otherwise. */
const defaultTimeoutMs = 5_000;

/** What one tick asked a policy. */
interface Question {
  readonly policy: BatchedPolicy;
  readonly inputs: PolicyInput[];
  /** What it returned, in the order of the inputs. */
  results: readonly unknown[];
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

  /** @param close Called when the tick ends: what is asked later belongs to another batch. */
  constructor(clock: Clock, report: ReportPolicyError | undefined, close: () => void) {
    this.#clock = clock;
    this.#report = report;
    this.#decided = new Promise<void>(afterMicrotasks).then(() => {
      close();
      return this.#decide();
    });
  }

  /**
   * Asks a policy.
   *
   * @param read Reads what it returned: false if it failed, which is reported once for a call. Must not throw.
   */
  ask<Result>(
    name: string,
    policy: BatchedPolicy,
    input: PolicyInput,
    read: (result: unknown) => Result,
  ): Promise<Result> {
    let question = this.#questions.get(name);
    if (question === undefined) {
      question = { policy, inputs: [], results: [] };
      this.#questions.set(name, question);
    }
    const asked = question;
    const index = asked.inputs.push(input) - 1;
    return this.#decided.then(() => read(asked.results[index]));
  }

  async #decide(): Promise<void> {
    const questions = Array.from(this.#questions, async ([name, question]) => {
      const { policy, inputs } = question;
      const { maxBatchSize = defaultBatchSize } = policy;
      const calls: Promise<readonly unknown[]>[] = [];
      for (let start = 0; start < inputs.length; start += maxBatchSize) {
        calls.push(this.#call(name, policy, inputs.slice(start, start + maxBatchSize)));
      }
      question.results = (await Promise.all(calls)).flat();
    });
    await Promise.all(questions);
  }

  async #call(
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
