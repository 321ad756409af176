/** Time, for what must happen at a certain moment. */
export interface Clock {
  readonly now: () => Date;
  /**
   * Runs once, after so many milliseconds, a million at most at a time. Must not keep the process
   * alive.
   *
   * @returns What cancels it.
   */
  readonly after: (milliseconds: number, run: () => void) => () => void;
}

/** The time alone, for what compares times and waits for none. */
export type TimeSource = Pick<Clock, 'now'>;

/** The system's clock and timers. */
export const systemClock: Clock = {
  now: () => new Date(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/**
 * Milliseconds after which the time is looked at again. Node's timers reach no further than 24.8
 * days, and stand still with the machine.
 */
const longestWait = 1_000_000;

/**
 * Runs once at a time, however far away; at once where it has passed, or is none.
 *
 * @returns What cancels it.
 */
export function runAt(time: Date, run: () => void, clock: Clock): () => void {
  let cancel = (): void => {};
  const wait = (): void => {
    const left = time.getTime() - clock.now().getTime();
    if (left > 0) cancel = clock.after(Math.min(left, longestWait), wait);
    else run();
  };
  wait();
  return () => cancel();
}
