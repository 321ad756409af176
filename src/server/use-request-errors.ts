import type { ExecutionResult, GraphQLError } from 'graphql';
import { handleStreamOrSingleExecutionResult, type Plugin } from 'graphql-yoga';
import { type DirectPlugin, servedDirectly } from '../adapters/node/direct-plugin.ts';
import { causeOf } from '../gate/mask-errors.ts';
import type { ServerLogger } from './logger.ts';
import type { RequestRecords } from './request-records.ts';

/** The context of an operation. Over WebSocket, it has no request of Fetch. */
interface OperationContext {
  readonly request?: { readonly signal?: AbortSignal };
}

/**
 * Tells the log in which request the errors of a result arose, before they are masked. Aborts of requests
 * whose clients have gone are logged at debug level only. The signal of the request decides, not the name
 * of the error: what a resolver aborted itself, or what timed out, is an ordinary error.
 *
 * @param requests Finds the IDs of requests. Undefined: lines of errors have none.
 */
export function useRequestErrors(
  { abandon, attribute }: Pick<ServerLogger, 'abandon' | 'attribute'>,
  requests: Pick<RequestRecords, 'idOf'> | undefined,
): Plugin & DirectPlugin {
  function note(context: OperationContext, result: ExecutionResult): void {
    const errors = errorsOf(result);
    if (errors.length === 0) return;
    const id = requests?.idOf(context);
    const isAborted = context.request?.signal?.aborted === true;
    for (const error of errors) {
      const cause = causeOf(error);
      if (isAborted && cause instanceof Error && cause.name === 'AbortError') abandon(cause);
      attribute(cause, id);
    }
  }

  return {
    // Errors are not served directly.
    ...servedDirectly,
    onExecute: ({ context }) => ({
      onExecuteDone: (done) =>
        handleStreamOrSingleExecutionResult(done, ({ result }) => note(context, result)),
    }),
    onSubscribe: ({ args: { contextValue } }) => ({
      onSubscribeResult: (subscribed) =>
        handleStreamOrSingleExecutionResult(subscribed, ({ result }) => note(contextValue, result)),
    }),
  };
}

/** The errors of a result, those of late parts included. */
function errorsOf({
  errors = [],
  incremental = [],
}: ExecutionResult & {
  readonly incremental?: readonly Pick<ExecutionResult, 'errors'>[];
}): readonly GraphQLError[] {
  return incremental.length === 0
    ? errors
    : [...errors, ...incremental.flatMap((part) => part.errors ?? [])];
}
