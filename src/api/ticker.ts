import type { Clock } from '../shared/clock.ts';

/** Options for `createTicker`. */
export interface TickerOptions {
  readonly clock: Clock;
  /** Milliseconds between two ticks. Default: 1000. */
  readonly intervalMs?: number;
}

/**
 * Creates streams of the current time: at once, then at each interval. All streams share one timer,
 * which runs only while there are any. A slow reader skips ticks, since only the latest matters.
 */
export function createTicker({
  clock,
  intervalMs = 1000,
}: TickerOptions): () => AsyncIterableIterator<Date> {
  const listeners = new Set<() => void>();
  let cancel = (): void => {};
  const tick = (): void => {
    cancel = clock.setTimer(intervalMs, tick);
    for (const listener of listeners) listener();
  };

  return () => {
    let isDue = true;
    let wake = (): void => {};
    const listener = (): void => {
      isDue = true;
      wake();
    };
    if (listeners.size === 0) cancel = clock.setTimer(intervalMs, tick);
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
