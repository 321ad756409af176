import { isThenable } from './type-guards.ts';

/**
 * Makes a function that reports something, such as to a log, safe to call. What it throws or rejects with
 * is dropped: it must not change what is responded, or end the process from the background.
 *
 * @param report undefined: nothing is reported
 */
export function safeReport<Details extends readonly unknown[]>(
  report: ((...details: Details) => unknown) | undefined,
): (...details: Details) => void {
  return (...details) => {
    try {
      const returned = report?.(...details);
      // Not `instanceof Promise`: other realms and libraries have their own.
      if (isThenable(returned)) Promise.resolve(returned).catch(() => {});
    } catch {
      // Dropped, as described above.
    }
  };
}
