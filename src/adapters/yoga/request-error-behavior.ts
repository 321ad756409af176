import { GraphQLError } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import { type ErrorBehavior, isErrorBehavior } from '../../shared/error-behavior.ts';
import { isObject } from '../../shared/type-guards.ts';

/** The parameters of an operation without `onError`, which Yoga does not know, and what it was. */
export interface SeparatedParams {
  readonly params: GraphQLParams;
  readonly onError: ErrorBehavior;
}

/**
 * Separates `onError` from the parameters of an operation: a member of the JSON body or, of a GET
 * request, a parameter of its query string, which Yoga does not read.
 *
 * @throws {GraphQLError} 400 if it is neither `NULL` nor `PROPAGATE`.
 */
export function separateErrorBehavior(params: GraphQLParams, request: Request): SeparatedParams {
  if (request.method === 'GET') return { params, onError: readErrorBehavior(inQuery(request.url)) };
  if (!isObject(params) || !('onError' in params)) return { params, onError: 'PROPAGATE' };
  const { onError, ...rest } = params;
  return { params: rest, onError: readErrorBehavior(onError) };
}

/**
 * Reads a value of `onError`. Default `PROPAGATE`.
 *
 * @throws {GraphQLError} 400 if it is neither `NULL` nor `PROPAGATE`.
 */
export function readErrorBehavior(value: unknown): ErrorBehavior {
  if (value === undefined || value === null) return 'PROPAGATE';
  if (isErrorBehavior(value)) return value;
  throw new GraphQLError('"onError" must be "NULL" or "PROPAGATE".', {
    extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
  });
}

/** Several values make a list, which is rejected. */
function inQuery(url: string): unknown {
  const start = url.indexOf('?');
  if (start === -1) return undefined;
  const values = new URLSearchParams(url.slice(start + 1)).getAll('onError');
  return values.length > 1 ? values : values[0];
}
