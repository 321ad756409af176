import type { ExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql';
import { asRefusalError } from '../../authorization/rules/refusal.ts';
import { noStore } from '../../gate/common-headers.ts';
import { formatErrors } from '../../gate/format-result.ts';
import type { AllowedExecution, FinishedExecution } from '../../gate/gate.ts';
import type { RefusalResponse } from '../../gate/refusal-response.ts';
import type { ResponseHead } from '../../shared/response-head.ts';
import { UntracedGraphQLError } from '../../shared/untraced-graphql-error.ts';
import type { ApolloHead, ApolloResponse } from './apollo-auth-plugin.ts';

type Headers = ResponseHead['headers'];

export function setHeaders(http: ApolloHead, headers: Headers): void {
  for (const [name, value] of Object.entries(headers)) http.headers.set(name, value);
}

/** Sets status and challenge. The operations of a batch share them: the highest status is sent. */
export function setRefusedHead(http: ApolloHead, { status, headers }: ResponseHead): void {
  setHeaders(http, noStore);
  if (http.status !== undefined && http.status > status) return;
  http.status = status;
  setHeaders(http, headers);
}

/** The first error of a refusal, to throw. With headers, it sets the status too. */
export function toRequestError(refusal: RefusalResponse, headers?: Headers): GraphQLError {
  const [first] = refusal.errors;
  const error = new UntracedGraphQLError(first?.message ?? 'Access denied.', {
    path: first?.path,
    extensions: { ...first?.extensions },
  });
  // With includeStacktraceInErrorResponses, Apollo sends it.
  Object.assign(error, { stack: undefined });
  if (headers === undefined) return error;
  // Apollo copies them. It accepts any map, so its own class need not be loaded.
  const lowerCased = Object.entries({ ...refusal.headers, ...headers }).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  );
  Object.assign(error.extensions, {
    http: { status: refusal.status, headers: new Map(lowerCased) },
  });
  return error;
}

/** Puts a refusal into a response that has its status already. */
export function sendRefusal(response: ApolloResponse, refusal: RefusalResponse): void {
  replaceBody(response, formatErrors(refusal.errors, false), refusal.data);
}

/**
 * Finishes an execution: its refusals get their places in the response, and their status if they leave
 * nothing else. What `formatError` made of other errors stays.
 *
 * @param errors The errors of the execution, in the order of those of the response.
 */
export async function finishResponse(
  response: ApolloResponse,
  errors: readonly GraphQLError[],
  { finish }: AllowedExecution,
): Promise<FinishedExecution> {
  const { body } = response;
  const sent = body.kind === 'single' ? body.singleResult : body.initialResult;
  const result: ExecutionResult = {
    ...(sent.data === undefined ? {} : { data: sent.data }),
    errors,
    // Later parts cannot be taken back.
    ...(body.kind === 'incremental' ? { hasNext: true } : {}),
  };
  const finished = finish(result);
  const byApollo = new Map(errors.map((error, index) => [error, sent.errors?.[index]]));
  const format = (all: readonly GraphQLError[], hasData: boolean) =>
    formatErrors(all, hasData).map((own, index) => {
      const error = all[index];
      const isOther = error !== undefined && asRefusalError(error) === undefined;
      return (isOther ? byApollo.get(error) : undefined) ?? own;
    });

  if (finished.kind === 'refused') {
    setRefusedHead(response.http, finished);
    replaceBody(response, format(finished.errors, false), finished.data);
    if (body.kind === 'incremental') {
      await body.subsequentResults[Symbol.asyncIterator]().return?.();
    }
  } else if (finished.result !== result && finished.result.errors !== undefined) {
    sent.errors = format(finished.result.errors, true);
    setHeaders(response.http, noStore);
  }
  return finished;
}

/** Replaces a result that is not that of an execution. Returns whether there was one. */
export function rejectForeignResult(response: ApolloResponse): boolean {
  const { body, http } = response;
  // Without data, it is an error of the request.
  if (body.kind === 'single' && body.singleResult.data === undefined) return false;
  http.status = 500;
  replaceBody(response, [
    { message: 'Unexpected error.', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
  ]);
  return true;
}

function replaceBody(
  response: ApolloResponse,
  errors: readonly GraphQLFormattedError[],
  data?: null,
): void {
  const singleResult = { errors, ...(data === null ? { data } : {}) };
  response.body = { kind: 'single', singleResult };
}
