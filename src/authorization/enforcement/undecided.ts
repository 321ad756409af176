import type { DecisionListener } from '../rules/policy-batch.ts';
import type { PendingResult, PolicyResult } from '../rules/policy-decider.ts';
import { markHandled } from './handled-promise.ts';

/**
 * What a guard returns to compiled operations while a batched policy has not decided. They continue many
 * of them in one microtask, without a promise for each. Others get a promise.
 */
export class Undecided<Value> implements PromiseLike<Value> {
  readonly #result: PendingResult;
  readonly #settle: (result: PolicyResult) => Value | PromiseLike<Value>;
  /** Whether the rejection of the promise needs no handler. */
  readonly isHandled: boolean;

  /** @param settle Returns or throws what the guarded function is to return or throw. Called once. */
  constructor(
    result: PendingResult,
    settle: (result: PolicyResult) => Value | PromiseLike<Value>,
    isHandled: boolean,
  ) {
    this.#result = result;
    this.#settle = settle;
    this.isHandled = isHandled;
  }

  /** Called when it is decided, as if in the order of promises. */
  addListener(listener: DecisionListener): void {
    this.#result.addListener(listener);
  }

  /** Continues what was guarded. To be called once, when it is decided. */
  settle(): Value | PromiseLike<Value> {
    return this.#settle(this.#result.take());
  }

  toPromise(): Promise<Value> {
    const promise = this.#result.then(this.#settle);
    return this.isHandled ? markHandled(promise) : promise;
  }

  // biome-ignore lint/suspicious/noThenProperty: executors wait for it.
  then<Fulfilled = Value, Rejected = never>(
    onFulfilled?: ((value: Value) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.toPromise().then(onFulfilled, onRejected);
  }
}
