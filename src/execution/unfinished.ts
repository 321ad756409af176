import { createHandled } from '../authorization/enforcement/handled-promise.ts';
import { endTurn, inNextTurn, type Run, type Step } from './run.ts';

/** An object or a list of the response in which values are missing. */
export interface Container<Value = unknown> {
  /**
   * Must not throw.
   *
   * @param index Of the field among those that are selected, or of the item.
   */
  receive(index: number, outcome: Outcome<Value>, from: Unfinished<Value>): void;
}

/** What a promise would resolve to, or reject with. */
export type Outcome<Value = unknown> =
  | { readonly kind: 'finished'; readonly value: Value }
  | { readonly kind: 'failed'; readonly error: unknown };

/**
 * A value of the response that waits for batched policies alone. The object or list around it has it filled
 * in, so that no promises are made for each field of each item. To everything else, it is a promise.
 *
 * It takes as many microtasks as the promises of Yoga's executor, but continues in each of them with all
 * others: errors arise in the same order, and as many of them before the response is complete.
 */
export abstract class Unfinished<Value = unknown> implements PromiseLike<Value>, Step {
  /** Whether the promise in its place is one whose rejection needs no handler. Those take longer. */
  abstract readonly isHandled: boolean;
  nextStep: Step | undefined;
  protected readonly run: Run;
  #container: Container<Value> | undefined;
  #index = 0;
  #settlePromise: ((outcome: Outcome<Value>) => void) | undefined;
  #outcome: Outcome<Value> | undefined;
  #turns = 0;

  constructor(run: Run) {
    this.run = run;
  }

  /** Says where the value belongs: to be called at once, instead of `then`. */
  placeIn(container: Container<Value>, index: number): void {
    this.#container = container;
    this.#index = index;
  }

  // biome-ignore lint/suspicious/noThenProperty: what cannot fill in a value waits for it.
  then<Fulfilled = Value, Rejected = never>(
    onFulfilled?: ((value: Value) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    const create = this.isHandled ? createHandled<Value> : createPromise<Value>;
    return create((resolve, reject) => {
      this.#settlePromise = (outcome) =>
        outcome.kind === 'finished' ? resolve(outcome.value) : reject(outcome.error);
    }).then(onFulfilled, onRejected);
  }

  advance(): void {
    if (this.#turns === 0) {
      if (this.#outcome) this.#container?.receive(this.#index, this.#outcome, this);
      return;
    }
    this.#turns -= 1;
    this.#proceed();
  }

  /** Settles after so many microtasks. Only the first outcome counts. */
  protected settle(outcome: Outcome<Value>, turns: number): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.#turns = turns;
    this.#proceed();
  }

  #proceed(): void {
    if (this.#turns > 0 || this.#container) inNextTurn(this.run, this);
    else if (this.#outcome) {
      this.#settlePromise?.(this.#outcome);
      endTurn(this.run);
    }
  }
}

function createPromise<Value>(
  settle: (resolve: (value: Value) => void, reject: (reason: unknown) => void) => void,
): Promise<Value> {
  return new Promise(settle);
}

/** An object or a list that is finished as soon as all of its values are. */
export abstract class UnfinishedContainer<Value> extends Unfinished<Value> implements Container {
  #missing = 0;

  /** The value, in which others are filled in. */
  protected abstract readonly value: Value;

  protected abstract put(index: number, value: unknown): void;

  /** Returns what takes the place of a value that failed, or throws what the container fails with. */
  protected abstract recover(index: number, error: unknown): unknown;

  /** The microtasks that the promise of the container takes after that of its last value. */
  protected abstract turnsAfter(last: Unfinished): number;

  /** Has an unfinished value filled in. */
  protected expect(index: number, value: Unfinished): void {
    this.#missing += 1;
    value.placeIn(this, index);
  }

  /** How many values were expected, and are not there yet. */
  protected get missing(): number {
    return this.#missing;
  }

  receive(index: number, outcome: Outcome, from: Unfinished): void {
    try {
      const value =
        outcome.kind === 'finished' ? outcome.value : this.recover(index, outcome.error);
      this.put(index, value);
      this.#missing -= 1;
      if (this.#missing > 0) return;
    } catch (error) {
      this.settle({ kind: 'failed', error }, this.turnsAfter(from));
      return;
    }
    this.settle({ kind: 'finished', value: this.value }, this.turnsAfter(from));
  }
}
