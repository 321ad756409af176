import { GraphQLError } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import { type ErrorBehavior, isErrorBehavior } from '../../shared/error-behavior.ts';
import { isObject } from '../../shared/type-guards.ts';
import type { RequestRecords } from './request-records.ts';

/** The parameters of an operation without `onError`, which Yoga does not know, and what it was. */
interface SeparatedParams {
  readonly params: GraphQLParams;
  readonly onError: ErrorBehavior;
}

/** Finds what field errors do in each operation, if its client decides. */
export class RequestErrorBehaviors {
  readonly #records: RequestRecords;
  /** The contexts in which an operation is being, or has been, executed. */
  readonly #begun = new WeakSet<object>();

  constructor(records: RequestRecords) {
    this.#records = records;
  }

  /**
   * Notes what the client wants, and returns the parameters without it.
   *
   * @throws {GraphQLError} 400 if it is neither `NULL` nor `PROPAGATE`.
   */
  separate(params: GraphQLParams, request: Request, context: object): GraphQLParams {
    const separated = separateErrorBehavior(params, request);
    this.#records.bind(context, request);
    const operation = this.#records.operation(context);
    if (operation !== undefined) operation.onError = separated.onError;
    return separated.params;
  }

  /**
   * What field errors do in an execution that begins. Those that resolvers start in the same context
   * propagate errors: their results are not for the client.
   */
  begin(context: unknown): ErrorBehavior {
    if (!isObject(context) || this.#begun.has(context)) return 'PROPAGATE';
    this.#begun.add(context);
    // Operations over WebSocket have no record; their parameters are as they were sent.
    const { onError } = this.#records.operation(context) ?? {};
    const params = isObject(context['params']) ? context['params'] : {};
    return onError ?? readErrorBehavior(params['onError']);
  }
}

/**
 * Separates `onError` from the parameters of an operation: a member of the JSON body or, of a GET
 * request, a parameter of its query string, which Yoga does not read.
 *
 * @throws {GraphQLError} 400 if it is neither `NULL` nor `PROPAGATE`.
 */
function separateErrorBehavior(params: GraphQLParams, request: Request): SeparatedParams {
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
function readErrorBehavior(value: unknown): ErrorBehavior {
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
