import { type Clock, systemClock, type TimeSource } from '../../src/shared/clock.ts';

/** A clock that only the test moves. */
export interface TestClock {
  /** The current time. */
  readonly now: () => Date;
  /** The current time in seconds since the epoch, as in claims. */
  readonly seconds: () => number;
  /** Moves the clock by this number of seconds, which can be negative. */
  readonly advance: (seconds: number) => void;
}

/** A clock with timers, which run when the clock passes them. */
export interface TestTimers extends TestClock {
  /** Runs the function after this number of milliseconds; returns how to cancel. */
  readonly setTimer: (milliseconds: number, run: () => void) => () => void;
  /** The number of pending timers. */
  readonly waiting: () => number;
}

/** A clock with this time, and the system's timers. */
export function withSystemTimers({ now }: TimeSource): Clock {
  return { ...systemClock, now };
}

export function createTestClock(start = new Date('2026-11-05T12:00:00Z')): TestTimers {
  let time = start.getTime();
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  return {
    now: () => new Date(time),
    seconds: () => time / 1000,
    advance: (seconds) => {
      const end = time + seconds * 1000;
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        timers.delete(next);
        time = Math.max(time, next.at);
        next.run();
      }
      time = end;
    },
    setTimer: (milliseconds, run) => {
      const timer = { at: time + milliseconds, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    waiting: () => timers.size,
  };
}
