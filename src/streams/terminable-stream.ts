/** A stream that can be terminated from outside, whatever its source is doing. */
export interface TerminableStream<Result> extends AsyncIterableIterator<Result> {
  /**
   * Gives readers a final result, then ends, and releases the source immediately.
   *
   * @returns Whether it had not ended before.
   */
  terminate(finalResult: Result): boolean;
  return(): Promise<IteratorResult<Result>>;
}

/** Hooks of a terminable stream. */
export interface StreamHooks {
  /** Called before each result is passed on; can terminate the stream instead. */
  readonly onResult: () => void;
  /** Called once, however the stream ends. */
  readonly onEnd: () => void;
}

/**
 * Makes a stream terminable. Readers never wait for a source that has been released: a generator
 * that is waiting for something ends later, when that has arrived.
 */
export function createTerminableStream<Result>(
  source: AsyncIterable<Result>,
  { onResult, onEnd }: StreamHooks,
): TerminableStream<Result> {
  const iterator = source[Symbol.asyncIterator]();
  const readers = new Set<(result: IteratorResult<Result>) => void>();
  let pendingFinal: Result | undefined;
  let hasEnded = false;

  const end = (): boolean => {
    if (hasEnded) return false;
    hasEnded = true;
    onEnd();
    return true;
  };
  const releaseSource = (): void => {
    Promise.resolve(iterator.return?.()).catch(() => {});
  };
  const takeFinal = (): IteratorResult<Result> => {
    if (pendingFinal === undefined) return { done: true, value: undefined };
    const value = pendingFinal;
    pendingFinal = undefined;
    return { done: false, value };
  };
  const settleReaders = (): void => {
    for (const resolve of readers) resolve(takeFinal());
    readers.clear();
  };

  return {
    [Symbol.asyncIterator]() {
      return this;
    },

    next() {
      if (hasEnded) return Promise.resolve(takeFinal());
      return new Promise((resolve, reject) => {
        readers.add(resolve);
        iterator.next().then(
          (result) => {
            onResult();
            if (!readers.delete(resolve)) return;
            if (result.done) end();
            resolve(result);
          },
          (error) => {
            if (!readers.delete(resolve)) return;
            // The error can come from something between, and the source still be open.
            if (end()) releaseSource();
            reject(error);
          },
        );
      });
    },

    terminate(finalResult) {
      if (!end()) return false;
      pendingFinal = finalResult;
      settleReaders();
      releaseSource();
      return true;
    },

    return() {
      pendingFinal = undefined;
      if (end()) {
        settleReaders();
        releaseSource();
      }
      return Promise.resolve({ done: true, value: undefined });
    },
  };
}
