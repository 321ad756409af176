import { type ExecutionResult, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type DirectPlugin, servedDirectly } from '../adapters/node/direct-plugin.ts';
import { asRefusalError } from '../authorization/rules/refusal.ts';
import { isAsyncIterable } from '../shared/type-guards.ts';

/**
 * Lets errors of resolvers set the status and headers of a response (`extensions.http`) only if there is
 * nothing else in it. Yoga would let one error decide beside the data of other fields.
 */
export function useErrorStatus(): Plugin & DirectPlugin {
  return {
    // It hands results with such errors over to Yoga.
    ...servedDirectly,

    // After errors have been masked, which can give them a status.
    onExecutionResult({ result, setResult }) {
      if (!result || isAsyncIterable(result)) return;
      if (!result.errors?.some(hasStatus) || hasFailed(result)) return;
      setResult({ ...result, errors: result.errors.map(withoutStatus) });
    },
  };
}

/** Whether there is no data, or each root field is null because of an error. */
function hasFailed({ data, errors = [] }: ExecutionResult): boolean {
  const failed = new Set(errors.map(({ path }) => path?.[0]));
  return Object.entries(data ?? {}).every(([key, value]) => value === null && failed.has(key));
}

const hasStatus = (error: GraphQLError): boolean =>
  'http' in error.extensions && asRefusalError(error) === undefined;

function withoutStatus(error: GraphQLError): GraphQLError {
  if (!hasStatus(error)) return error;
  const { http: _http, ...extensions } = error.extensions;
  const { message, nodes, path, originalError } = error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    path: path ?? null,
    originalError: originalError ?? null,
    extensions,
  });
}
