import { type Clock, systemClock, type TimeSource } from '../../src/shared/clock.ts';

/** A clock that goes only when told to. */
export interface TestClock {
  /** The current time. */
  readonly now: () => Date;
  /** The current time as claims write it. */
  readonly seconds: () => number;
  /** Goes on by so many seconds; back, where negative. */
  readonly advance: (seconds: number) => void;
}

/** A clock that also runs what is due on the way. */
export interface TestTimers extends TestClock {
  /** Runs once, when the clock has gone on by so many milliseconds. */
  readonly setTimer: (milliseconds: number, run: () => void) => () => void;
  /** How many wait to be run. */
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
