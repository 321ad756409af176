import type { ExceededLimit } from '../limits/operation-limiter.ts';
import { UntracedGraphQLError } from '../shared/untraced-graphql-error.ts';
import type { RefusalResponse } from './refusal-response.ts';

/** `extensions.code` of the error of an operation that exceeds a limit. */
export const limitErrorCode = 'OPERATION_LIMIT_EXCEEDED';

/** The HTTP status of an operation that exceeds a limit: the same for every viewer. */
export const limitStatus = 400;

/** A limit that an operation exceeds, as a request error. */
export class LimitError extends UntracedGraphQLError {
  constructor({ limit, max, actual, message }: ExceededLimit) {
    super(message, { extensions: { code: limitErrorCode, limit, max, actual } });
  }
}

/** Creates the response to an operation that exceeds limits. */
export function refuseLimits(exceeded: readonly ExceededLimit[]): RefusalResponse {
  return {
    kind: 'refused',
    status: limitStatus,
    headers: {},
    errors: exceeded.map((one) => new LimitError(one)),
  };
}
