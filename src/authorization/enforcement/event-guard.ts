import { defaultFieldResolver } from 'graphql';
import { isAsyncIterable, isThenable } from '../../shared/type-guards.ts';
import type { Resolver } from '../operation/guard.ts';
import { type Execution, executionOf } from './execution.ts';
import { markHandled } from './handled-promise.ts';
import { nullIfOmitted, omitted } from './map-values.ts';

/** How many events of a subscription can wait for the executor. Beyond that, they are resolved again. */
const maxResolved = 100;

/**
 * Leaves out events of a subscription field. Executors respond to every event, so what an event resolves
 * to is decided before they get it. It is kept until they resolve the event, if the subscription passed a
 * gate; otherwise they resolve it again, with its policies.
 */
export class EventGuard {
  #resolve: Resolver = defaultFieldResolver;
  readonly #resolved = new WeakMap<Execution, Map<unknown, unknown>>();

  /** @param resolve Returns `omitted` for an event that is left out. */
  guardResolve(resolve: Resolver): Resolver {
    this.#resolve = resolve;
    return (event, args, context, info) => {
      const execution = executionOf(info);
      const resolved = execution && this.#resolved.get(execution);
      if (!resolved?.has(event)) return nullIfOmitted(resolve(event, args, context, info));
      const value = resolved.get(event);
      resolved.delete(event);
      return value;
    };
  }

  guardSubscribe(subscribe: Resolver): Resolver {
    return (source, args, context, info) => {
      const execution = executionOf(info);
      const resolved = new Map<unknown, unknown>();
      if (execution) this.#resolved.set(execution, resolved);
      const isLeftOut = async (event: unknown): Promise<boolean> => {
        // What is decided about an event is not kept for the next one.
        execution?.beginEvent();
        const value = attempt(() => this.#resolve(event, args, context, { ...info }));
        const settled = isThenable(value) ? await settledValue(value) : value;
        if (settled === omitted) return true;
        if (resolved.size >= maxResolved) resolved.clear();
        if (execution) resolved.set(event, value);
        return false;
      };
      const filter = (events: unknown): unknown =>
        isAsyncIterable(events) ? filterEvents(events, isLeftOut) : events;
      const events: unknown = subscribe(source, args, context, info);
      return isThenable(events) ? markHandled(events).then(filter) : filter(events);
    };
  }
}

/** The result of a function, or a rejection with what it threw. */
function attempt(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return markHandled(Promise.reject(error));
  }
}

/** Undefined for a rejection, which the executor reports. */
const settledValue = (promise: PromiseLike<unknown>): Promise<unknown> =>
  markHandled(promise).then(
    (value) => value,
    () => undefined,
  );

/** Not a generator: those cannot be ended while they wait for an event. */
function filterEvents(
  events: AsyncIterable<unknown>,
  isLeftOut: (event: unknown) => Promise<boolean>,
): AsyncIterableIterator<unknown> {
  const iterator = events[Symbol.asyncIterator]();
  return {
    async next() {
      for (;;) {
        const result = await iterator.next();
        if (result.done || !(await isLeftOut(result.value))) return result;
      }
    },
    async return() {
      return (await iterator.return?.()) ?? { done: true, value: undefined };
    },
    async throw(error) {
      if (iterator.throw) return iterator.throw(error);
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
