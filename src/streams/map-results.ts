import type { ExecutionResult } from 'graphql';

/** What a result of a stream is replaced with; the stream ends after the last one. */
export interface MappedResult<Result> {
  readonly result: Result;
  readonly isLast?: boolean;
}

/**
 * Maps the results of a stream. The source is released when the mapped stream ends.
 *
 * @param onError Called with what the source throws, before that is passed on. What it throws is
 *   passed on instead.
 */
export function mapResults<Result>(
  source: AsyncIterable<Result>,
  map: (result: Result) => MappedResult<Result>,
  onError: (error: unknown) => void = () => {},
): AsyncIterableIterator<Result> {
  const iterator = source[Symbol.asyncIterator]();
  let hasEnded = false;

  async function readNext(): Promise<IteratorResult<Result>> {
    try {
      return await iterator.next();
    } catch (error) {
      onError(error);
      throw error;
    }
  }

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (hasEnded) return { done: true, value: undefined };
      const next = await readNext();
      if (next.done) return next;
      const { result, isLast = false } = map(next.value);
      if (isLast) {
        hasEnded = true;
        await iterator.return?.();
      }
      return { done: false, value: result };
    },
    async return() {
      hasEnded = true;
      await iterator.return?.();
      return { done: true, value: undefined };
    },
  };
}

/** A later part of an incremental result, as Yoga sends it. */
export interface LatePart extends ExecutionResult {
  readonly incremental: readonly (ExecutionResult & { readonly path?: readonly unknown[] })[];
}

/** Whether a result is a later part of an incremental one. */
export function isLatePart(part: ExecutionResult): part is LatePart {
  return 'incremental' in part && Array.isArray(part.incremental);
}
