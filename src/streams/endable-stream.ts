/** A stream that can be ended from outside, whatever its source is doing. */
export interface EndableStream<Result> extends AsyncIterableIterator<Result> {
  /** Gives the last result to whoever reads, then ends, and lets the source go at once. */
  end(last: Result): void;
  return(): Promise<IteratorResult<Result>>;
}

/**
 * Makes a stream endable. Readers never wait for a source that has been let go: where it is a
 * generator that waits for something, it ends when that has come.
 *
 * @param watch `onResult` is called before a result is given out, and may end the stream instead;
 *   `onEnd` once, however the stream ends.
 */
export function endableStream<Result>(
  source: AsyncIterable<Result>,
  { onResult, onEnd }: { readonly onResult: () => void; readonly onEnd: () => void },
): EndableStream<Result> {
  const iterator = source[Symbol.asyncIterator]();
  const readers = new Set<(result: IteratorResult<Result>) => void>();
  let last: Result | undefined;
  let isOver = false;

  const finish = (): boolean => {
    if (isOver) return false;
    isOver = true;
    onEnd();
    return true;
  };
  const release = (): void => {
    Promise.resolve(iterator.return?.()).catch(() => {});
  };
  const takeLast = (): IteratorResult<Result> => {
    if (last === undefined) return { done: true, value: undefined };
    const value = last;
    last = undefined;
    return { done: false, value };
  };
  const answerReaders = (): void => {
    for (const answer of readers) answer(takeLast());
    readers.clear();
  };

  return {
    [Symbol.asyncIterator]() {
      return this;
    },

    next() {
      if (isOver) return Promise.resolve(takeLast());
      return new Promise((resolve, reject) => {
        readers.add(resolve);
        iterator.next().then(
          (result) => {
            onResult();
            if (!readers.delete(resolve)) return;
            if (result.done) finish();
            resolve(result);
          },
          (error) => {
            if (!readers.delete(resolve)) return;
            finish();
            reject(error);
          },
        );
      });
    },

    end(result) {
      if (!finish()) return;
      last = result;
      answerReaders();
      release();
    },

    return() {
      last = undefined;
      if (finish()) {
        answerReaders();
        release();
      }
      return Promise.resolve({ done: true, value: undefined });
    },
  };
}
