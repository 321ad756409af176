import type { ExceededLimit } from '../limits/operation-limiter.ts';
import { LimitError } from '../shared/limit-error.ts';
import type { RefusalResponse } from './refusal-response.ts';

/** The HTTP status of an operation that exceeds a limit: the same for every viewer. */
export const limitStatus = 400;

/** Creates the response to an operation that exceeds limits. */
export function refuseLimits(exceeded: readonly ExceededLimit[]): RefusalResponse {
  return {
    kind: 'refused',
    status: limitStatus,
    headers: {},
    errors: exceeded.map((one) => new LimitError(one)),
  };
}
