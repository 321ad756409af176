/** The same results, with the first one changed. */
export function mapFirst<Result>(
  results: AsyncIterable<Result>,
  change: (first: Result) => Result,
): AsyncIterableIterator<Result> {
  const iterator = results[Symbol.asyncIterator]();
  let isFirst = true;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const result = await iterator.next();
      if (result.done || !isFirst) return result;
      isFirst = false;
      return { done: false, value: change(result.value) };
    },
    async return() {
      await iterator.return?.();
      return { done: true, value: undefined };
    },
  };
}
