import { type Clock, systemClock } from './clock.ts';

/** A promise has not settled in time. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

/**
 * Waits for a promise, but not longer than so many milliseconds. The timer does not keep the process alive.
 *
 * Not done: whatever is being waited for is not canceled.
 *
 * @throws {TimeoutError} With the message, if it takes longer.
 */
export async function withTimeout<Result>(
  promise: PromiseLike<Result>,
  milliseconds: number,
  message: string,
  clock: Pick<Clock, 'setTimer'> = systemClock,
): Promise<Result> {
  let cancel = (): void => {};
  const timedOut = new Promise<never>((_, reject) => {
    cancel = clock.setTimer(milliseconds, () => reject(new TimeoutError(message)));
  });
  try {
    return await Promise.race([promise, timedOut]);
  } finally {
    cancel();
  }
}
