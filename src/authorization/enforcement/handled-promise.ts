/**
 * A promise whose rejection needs no handler, nor that of any promise made from it.
 *
 * Executors leave the other items of a list to themselves when one throws while it is completed:
 * what those reject with later, nobody handles, and that ends a Node process. A refusal is an
 * answer and no accident, so it must not. What the executor itself makes of several promises, as of
 * the fields of an object, is its own again: so refusals do not throw at once where they would end
 * more than their own field, and leave nothing behind to be rejected later.
 */
class HandledPromise<Value> extends Promise<Value> {
  // biome-ignore lint/suspicious/noThenProperty: it is a promise.
  override then<Fulfilled = Value, Rejected = never>(
    onFulfilled?: ((value: Value) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    const next = super.then(onFulfilled, onRejected);
    ignoreRejection(next);
    return next;
  }
}

/** The same promise, quiet. */
export function markHandled<Value>(promise: PromiseLike<Value>): Promise<Value> {
  const quiet = new HandledPromise<Value>((resolve) => resolve(promise));
  ignoreRejection(quiet);
  return quiet;
}

/** A quiet promise that is rejected. */
export function rejectHandled(reason: Error): Promise<never> {
  const quiet = new HandledPromise<never>((_resolve, reject) => reject(reason));
  ignoreRejection(quiet);
  return quiet;
}

/** By way of the built-in method: HandledPromise's own would have the result marked in turn. */
function ignoreRejection(promise: Promise<unknown>): void {
  Promise.prototype.then.call(promise, undefined, () => {});
}
