import { createTestClock, type TestClock } from '../support/clock.ts';

/** A clock that goes by itself: libraries that make proofs look at the system's. */
export function createRunningClock(): TestClock {
  let ahead = 0;
  const now = () => new Date(Date.now() + ahead);
  return {
    ...createTestClock(),
    now,
    seconds: () => Math.floor(now().getTime() / 1000),
    advance: (seconds) => {
      ahead += seconds * 1000;
    },
  };
}
