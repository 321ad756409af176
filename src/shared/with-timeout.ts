import { unrefTimer } from './clock.ts';

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
): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timedOut = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(message)), milliseconds);
    unrefTimer(timer);
  });
  try {
    return await Promise.race([promise, timedOut]);
  } finally {
    clearTimeout(timer);
  }
}
