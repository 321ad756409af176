import { type ExecutionResult, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { ServerLog } from './log.ts';

/**
 * Keeps the aborts of requests whose clients went away out of the log of errors. The signal of the
 * request decides, not the name of the error: what a resolver itself aborted, or what timed out, is
 * an error as any other.
 */
export function useAbandonedRequests({ abandon }: Pick<ServerLog, 'abandon'>): Plugin {
  const look = (request: Request | undefined, { errors }: ExecutionResult): void => {
    if (!errors || request?.signal.aborted !== true) return;
    for (const error of errors) {
      const cause = causeOf(error);
      if (cause instanceof Error && cause.name === 'AbortError') abandon(cause);
    }
  };
  return {
    onExecute: ({ context }) => ({
      onExecuteDone({ result }) {
        if (!isStream(result)) look(context.request, result);
      },
    }),
  };
}

function isStream(result: object): result is AsyncIterable<unknown> {
  return Symbol.asyncIterator in result;
}

function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError != null
    ? causeOf(error.originalError)
    : error;
}
