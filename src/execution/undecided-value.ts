import { isPromise } from '@graphql-tools/utils';
import type { GraphQLResolveInfo } from 'graphql';
import type { Undecided } from '../authorization/enforcement/undecided.ts';
import type { DecisionListener } from '../authorization/rules/policy-batch.ts';
import type { Complete } from './complete-value.ts';
import { endTurn, inNextTurn, type Path, type Run } from './run.ts';
import { type Container, type Outcome, Unfinished } from './unfinished.ts';

/**
 * A value that a batched policy decides about: what a field resolves to, or whether an object is of its
 * type.
 */
export class UndecidedValue extends Unfinished implements Container, DecisionListener {
  readonly #undecided: Undecided<unknown>;
  readonly #complete: Complete;
  readonly #path: Path;
  readonly #info: GraphQLResolveInfo;
  #next: 'settle' | 'wait' | 'complete' | 'settled' = 'settle';
  /** What the guarded function returned. */
  #result: unknown;

  constructor(
    undecided: Undecided<unknown>,
    complete: Complete,
    path: Path,
    info: GraphQLResolveInfo,
    run: Run,
  ) {
    super(run);
    this.#undecided = undecided;
    this.#complete = complete;
    this.#path = path;
    this.#info = info;
    undecided.addListener(this);
  }

  get isHandled(): boolean {
    return this.#undecided.isHandled;
  }

  onDecided(isFirst: boolean): void {
    if (isFirst) endTurn(this.run);
    inNextTurn(this.run, this);
  }

  override advance(): void {
    const next = this.#next;
    if (next === 'settle') this.#continue();
    else if (next === 'complete') this.#completeWith(this.#result);
    else if (next === 'settled') super.advance();
    else this.#wait('complete');
  }

  #wait(next: 'wait' | 'complete'): void {
    this.#next = next;
    inNextTurn(this.run, this);
  }

  /** What it is completed with, perhaps from the container of its own. */
  receive(_index: number, outcome: Outcome): void {
    this.#end(outcome);
  }

  #continue(): void {
    let result: unknown;
    let isLater: boolean;
    try {
      result = this.#undecided.settle();
      isLater = isPromise(result);
    } catch (error) {
      this.#end({ kind: 'failed', error }, this.isHandled ? 2 : 1);
      return;
    }
    if (isLater) this.#completeLater(result);
    else {
      this.#result = result;
      this.#wait(this.isHandled ? 'wait' : 'complete');
    }
  }

  #completeLater(result: unknown): void {
    endTurn(this.run);
    const settled = new Promise((resolve) => resolve(result));
    (this.isHandled ? settled.then((later) => later) : settled).then(
      (later) => {
        endTurn(this.run);
        this.#completeWith(later);
      },
      (error) => {
        endTurn(this.run);
        this.#end({ kind: 'failed', error });
      },
    );
  }

  #completeWith(result: unknown): void {
    let value: unknown;
    let isLater: boolean;
    try {
      value = this.#complete(result, this.#path, this.#info, this.run);
      isLater = isPromise(value);
    } catch (error) {
      this.#end({ kind: 'failed', error });
      return;
    }
    if (value instanceof Unfinished) value.placeIn(this, 0);
    else if (isLater) this.#endLater(value);
    else this.#end({ kind: 'finished', value });
  }

  #endLater(value: unknown): void {
    endTurn(this.run);
    queueMicrotask(() =>
      Promise.resolve(value).then(
        (later) => {
          endTurn(this.run);
          this.#end({ kind: 'finished', value: later });
        },
        (error) => {
          endTurn(this.run);
          this.#end({ kind: 'failed', error });
        },
      ),
    );
  }

  #end(outcome: Outcome, turns = 0): void {
    this.#next = 'settled';
    this.settle(outcome, turns);
  }
}
