/** A clock that goes only when told to. */
export interface TestClock {
  /** The current time, for options named `now`. */
  readonly now: () => Date;
  /** The current time as claims write it. */
  readonly seconds: () => number;
  /** Goes on by so many seconds; back, where negative. */
  readonly advance: (seconds: number) => void;
}

export function createTestClock(start = new Date('2026-11-05T12:00:00Z')): TestClock {
  let time = start.getTime();
  return {
    now: () => new Date(time),
    seconds: () => time / 1000,
    advance: (seconds) => {
      time += seconds * 1000;
    },
  };
}
