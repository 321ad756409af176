import { describe, expect, it } from 'vitest';
import type { StepOutcome } from '../../src/gate/step-outcome.ts';
import { requestOutcome } from '../../src/server/request-outcome.ts';
import { RequestRecord } from '../../src/server/request-record.ts';

describe('how a request ended, in the log and in metrics', () => {
  const end = { status: 200, isAborted: false, durationMs: 1 };
  const completed = (errors: number, isPartial: boolean): StepOutcome => ({
    kind: 'completed',
    errors,
    isPartial,
  });
  const ended = (reason: 'complete' | 'token_expired'): StepOutcome => ({
    kind: 'ended',
    results: 1,
    reason,
  });
  const refused = (status: number): StepOutcome => ({
    kind: 'refused',
    status,
    code: undefined,
    reason: undefined,
  });

  it.each<[string, StepOutcome | undefined, Partial<typeof end>, string]>([
    ['a result', completed(0, false), {}, 'completed'],
    ['data and errors', completed(1, true), {}, 'partial'],
    ['errors only', completed(1, false), {}, 'errors'],
    ['an unexpected error', { kind: 'failed', error: new Error() }, { status: 500 }, 'failed'],
    ['an error after the result', completed(0, false), { status: 500 }, 'failed'],
    ['a refusal', refused(403), { status: 403 }, 'refused'],
    ['a refusal without an issuer', refused(503), { status: 503 }, 'refused'],
    [
      'an invalid operation',
      { kind: 'authenticated', viewer: { kind: 'anonymous' } },
      {},
      'rejected',
    ],
    ['variables that do not fit', { kind: 'rejected', errors: 1 }, { status: 400 }, 'rejected'],
    ['no operation', undefined, { status: 404 }, 'rejected'],
    ['a health check', undefined, {}, 'completed'],
    ['a health check while it is not ready', undefined, { status: 503 }, 'failed'],
    ['a stream', ended('complete'), {}, 'completed'],
    ['a stream whose token has expired', ended('token_expired'), {}, 'token_expired'],
    ['a client that has gone', completed(0, false), { isAborted: true }, 'aborted'],
  ])('%s', (_, outcome, changes, expected) => {
    const record = new RequestRecord('http', { id: 'id-of-client' }, 0);
    record.outcome = outcome;
    expect(requestOutcome(record, { ...end, ...changes })).toBe(expected);
  });
});
