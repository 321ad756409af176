/**
 * Lets a stream go when its client goes. Yoga does so once it sends the response, and not for
 * clients that were gone before.
 */
export function releaseWithRequest(results: AsyncIterable<unknown>, signal: AbortSignal): void {
  const release = (): void => void results[Symbol.asyncIterator]().return?.();
  if (signal.aborted) release();
  else signal.addEventListener('abort', release, { once: true });
}
