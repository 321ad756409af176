/** What becomes of one result of a stream; after the last one the stream ends. */
export interface MappedResult<Result> {
  readonly result: Result;
  readonly isLast?: boolean;
}

/** A stream of changed results. Its source is released when it ends, however that is. */
export function mapResults<Result>(
  source: AsyncIterable<Result>,
  change: (result: Result) => MappedResult<Result>,
): AsyncIterableIterator<Result> {
  const iterator = source[Symbol.asyncIterator]();
  let isOver = false;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (isOver) return { done: true, value: undefined };
      const next = await iterator.next();
      if (next.done) return next;
      const { result, isLast = false } = change(next.value);
      if (isLast) {
        isOver = true;
        await iterator.return?.();
      }
      return { done: false, value: result };
    },
    async return() {
      isOver = true;
      await iterator.return?.();
      return { done: true, value: undefined };
    },
  };
}
