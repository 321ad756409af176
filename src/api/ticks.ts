import type { Clock } from '../shared/clock.ts';

/** Milliseconds between two ticks. */
const pace = 1000;

/**
 * The time, at once and then each second, for as many as listen. One timer serves all of them, and
 * none runs for nobody. Whoever is slow misses ticks: old ones are of no use.
 */
export function createTicks(clock: Clock): () => AsyncIterableIterator<Date> {
  const listeners = new Set<() => void>();
  let cancel = (): void => {};
  const tick = (): void => {
    cancel = clock.setTimer(pace, tick);
    for (const listener of listeners) listener();
  };

  return () => {
    let isDue = true;
    let wake = (): void => {};
    const listener = (): void => {
      isDue = true;
      wake();
    };
    if (listeners.size === 0) cancel = clock.setTimer(pace, tick);
    listeners.add(listener);

    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      async next() {
        while (!isDue && listeners.has(listener)) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        if (!listeners.has(listener)) return { done: true, value: undefined };
        isDue = false;
        return { done: false, value: clock.now() };
      },
      async return() {
        if (listeners.delete(listener) && listeners.size === 0) cancel();
        wake();
        return { done: true, value: undefined };
      },
    };
  };
}
