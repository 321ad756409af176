import { type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import { type Plugin, processRegularResult } from 'graphql-yoga';
import { anonymous } from '../../authentication/viewer.ts';
import { type CachedResults, hasWantedErrors } from '../../gate/cached-results.ts';
import { formatErrors } from '../../gate/format-result.ts';
import { mapResults } from '../../streams/map-results.ts';
import { cancelOnAbort, isStream } from '../../streams/streams.ts';
import type { AuthContext } from './auth-options.ts';
import { jsonNotAcceptable, streamNotAcceptable } from './content-negotiation.ts';
import type { RequestRecords } from './request-records.ts';

/** What the check of results needs. */
export interface AuthorizedResultsOptions {
  readonly records: RequestRecords;
  readonly cached: CachedResults;
  /** The schema of a context: requests can have different ones. */
  readonly schemaOf: (context: object) => GraphQLSchema | undefined;
  readonly logError: (message: string) => void;
}

/**
 * Sends no result to a viewer for whom it was not made: neither one that a plugin supplied instead
 * of an execution, nor one that replaced the result of an execution. Goes behind every other
 * plugin, so that what they have made of a request and of its result is final.
 */
export function useAuthorizedResults(options: AuthorizedResultsOptions): Plugin<AuthContext> {
  const { records, cached, schemaOf, logError } = options;

  function rejectResult(): ExecutionResult {
    logError(
      'A plugin supplied a result that was not authorized for this request; it was not sent. A response cache needs the session of useAuth: useResponseCache({ session: auth.session }).',
    );
    const error = new GraphQLError('Unexpected error.', {
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
    });
    return { errors: [error], extensions: { http: { status: 500 } } };
  }

  return {
    onParams({ request, context, params }) {
      records.bind(context, request);
      const operation = records.operation(context);
      if (operation !== undefined) operation.params = params;
    },

    onExecutionResult({ request, result, context, setResult }) {
      const record = records.of(request);
      if (!result || record === undefined) return;
      const { viewer } = record;
      const operation = records.operation(context);
      const onError = operation?.onError ?? 'PROPAGATE';
      const isAuthorized = isStream(result)
        ? operation?.isAllowed === true
        : (hasData(result) && operation?.data === result.data) ||
          (hasWantedErrors(result, onError) &&
            (!hasData(result) ||
              (cached.isFor(result, viewer) && operation?.isAllowed) ||
              cached.isSendable(
                result,
                operation?.params,
                schemaOf({ ...context, request, params: operation?.params }),
                viewer,
              )));

      let final: ExecutionResult | AsyncIterable<ExecutionResult> = result;
      if (!isAuthorized) {
        if (isStream(result)) result[Symbol.asyncIterator]().return?.();
        record.isCacheable = false;
        final = rejectResult();
      } else if (isStream(result)) {
        // Its later results are not known yet.
        record.isCacheable = false;
        cancelOnAbort(result, request.signal);
        final = mapResults(result, (part) =>
          cached.isFor(part, viewer) === false
            ? { result: { ...rejectResult(), hasNext: false }, isLast: true }
            : { result: withFormattedErrors(part) },
        );
      } else if ('errors' in result && result.errors !== undefined) {
        if (result.extensions?.http) record.isCacheable = false;
        final = withFormattedErrors(result);
      }
      record.approved.add(final);
      setResult(final);
    },

    onResultProcess({ request, result, resultProcessor, setResult, setResultProcessor }) {
      const record = records.of(request);
      const viewer = record?.viewer ?? anonymous;
      const isReplaced = [result]
        .flat()
        .some(
          (one) =>
            !record?.approved.has(one) &&
            (isStream(one) || hasData(one)) &&
            cached.isFor(one, viewer) !== true,
        );
      if (isReplaced) setResult(rejectResult());
      if (resultProcessor) return;
      if (isStream(result)) {
        // No one will read it.
        result[Symbol.asyncIterator]().return?.();
        setResult(streamNotAcceptable());
      } else if (!('errors' in result)) setResult(jsonNotAcceptable());
      setResultProcessor(processRegularResult, 'application/json');
    },
  };
}

/** The same result, with the errors as clients get them. */
function withFormattedErrors<Result extends ExecutionResult>(result: Result): Result {
  const { errors } = result;
  if (errors === undefined) return result;
  const formatted = formatErrors(errors, result.data != null);
  const stringify = (shown: object): string => JSON.stringify({ ...shown, errors: formatted });
  return { ...result, stringify };
}

function hasData(result: object): result is { readonly data: object } {
  return 'data' in result && typeof result.data === 'object' && result.data !== null;
}
