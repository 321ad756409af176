import { outcomeName } from '../gate/step-outcome.ts';
import type { StreamEndReason } from '../streams/stream-error.ts';
import type { RequestEnd, RequestRecord } from './request-record.ts';

/** How a request ended, in one word. */
export type RequestOutcome =
  | 'completed'
  /** With errors, and with data. */
  | 'partial'
  /** With errors, and without data. */
  | 'errors'
  | 'refused'
  /** Because of an unexpected error, or of what the server lacks. */
  | 'failed'
  /** Not served, such as an invalid operation, or variables that do not fit. */
  | 'rejected'
  /** The client has gone. */
  | 'aborted'
  /** Why a stream ended, unless it was complete. */
  | StreamEndReason;

/** Says how a request ended: the same in the log and in metrics. */
export function requestOutcome(
  { outcome }: RequestRecord,
  { status = 0, isAborted }: RequestEnd,
): RequestOutcome {
  if (isAborted) return 'aborted';
  if (outcome?.kind === 'refused' || outcome?.kind === 'rejected') return outcome.kind;
  if (status >= 500) return 'failed';
  switch (outcome?.kind) {
    case 'completed':
    case 'failed':
      return outcomeName(outcome);
    case 'ended':
      return outcome.reason === 'complete' ? 'completed' : outcome.reason;
    case 'authenticated':
      // No valid operation followed. The status is 200 if the client prefers `application/json`.
      return 'rejected';
    default:
      return status < 400 ? 'completed' : 'rejected';
  }
}
