/**
 * A promise whose rejection needs no handler, like those of all promises derived from it.
 *
 * If an item of a list throws while it is completed, executors abandon the promises of the other items.
 * When those reject later, the rejection is unhandled, which ends a Node process. A refusal is an expected
 * result and must not do that. Promises that the executor creates itself, such as for the fields of an
 * object, are not covered: so where a refusal would propagate beyond its own field, it rejects instead of
 * throwing, and no promise is left behind that could reject later.
 */
class HandledPromise<Value> extends Promise<Value> {
  // biome-ignore lint/suspicious/noThenProperty: this is a promise.
  override then<Fulfilled = Value, Rejected = never>(
    onFulfilled?: ((value: Value) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    const next = super.then(onFulfilled, onRejected);
    ignoreRejection(next);
    return next;
  }
}

/** Wraps a promise: its rejection, and those of promises derived from it, count as handled. */
export function markHandled<Value>(promise: PromiseLike<Value>): Promise<Value> {
  return createHandled((resolve) => resolve(promise));
}

/** Creates a promise whose rejection, and those of promises derived from it, count as handled. */
export function createHandled<Value>(
  settle: (
    resolve: (value: Value | PromiseLike<Value>) => void,
    reject: (reason: unknown) => void,
  ) => void,
): Promise<Value> {
  const handled = new HandledPromise<Value>(settle);
  ignoreRejection(handled);
  return handled;
}

/** Returns a rejected promise that counts as handled. */
export function rejectHandled(reason: Error): Promise<never> {
  return createHandled<never>((_resolve, reject) => reject(reason));
}

/**
 * If a value is a promise: its rejection counts as handled. Uses the built-in `then`: that of HandledPromise
 * would recurse, and those of database clients run a query each time.
 */
export function ignoreRejection(value: unknown): void {
  if (value instanceof Promise) Promise.prototype.then.call(value, undefined, () => {});
}
