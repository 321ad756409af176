import { type Clock, systemClock } from './clock.ts';

/**
 * Waits for a promise, but not longer than so many milliseconds. The timer does not keep the process alive.
 *
 * Not done: whatever is being waited for is not canceled.
 *
 * @throws {Error} with the message, if it takes longer
 */
export async function withTimeout<Result>(
  promise: PromiseLike<Result>,
  milliseconds: number,
  message: string,
  clock: Pick<Clock, 'setTimer'> = systemClock,
): Promise<Result> {
  let cancel = (): void => {};
  const timedOut = new Promise<never>((_, reject) => {
    cancel = clock.setTimer(milliseconds, () => reject(new Error(message)));
  });
  try {
    return await Promise.race([promise, timedOut]);
  } finally {
    cancel();
  }
}
