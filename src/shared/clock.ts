/** The time, and timers. The one type of every option named `clock`. */
export interface Clock {
  readonly now: () => Date;
  /**
   * Calls `run` once, after so many milliseconds: at most 1,000,000. Must not keep the process
   * alive.
   *
   * @returns A function that cancels the timer.
   */
  readonly setTimer: (milliseconds: number, run: () => void) => () => void;
}

/** The part of a clock that compares times and needs no timers. */
export type TimeSource = Pick<Clock, 'now'>;

/** The system's clock and timers. */
export const systemClock: Clock = {
  now: () => new Date(),
  setTimer(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    unrefTimer(timer);
    return () => clearTimeout(timer);
  },
};

/** Lets the process end before a timer has run. Where timers are numbers, there is no process to end. */
export function unrefTimer(timer: ReturnType<typeof setTimeout> | number): void {
  if (typeof timer === 'object') timer.unref();
}

/** Timers of Node are limited to 24.8 days, and pause while the machine sleeps: look again. */
const maxTimerMs = 1_000_000;

/**
 * Calls `run` once at a time, however distant; immediately if it is in the past or invalid.
 *
 * @returns A function that cancels it.
 */
export function scheduleAt(time: Date, run: () => void, clock: Clock): () => void {
  let cancel = (): void => {};
  const wait = (): void => {
    const left = time.getTime() - clock.now().getTime();
    if (left > 0) cancel = clock.setTimer(Math.min(left, maxTimerMs), wait);
    else run();
  };
  wait();
  return () => cancel();
}
