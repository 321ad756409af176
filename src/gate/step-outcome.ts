import type { ExecutionResult } from 'graphql';
import type { Viewer } from '../authentication/viewer.ts';
import type { StreamEndReason } from '../streams/stream-error.ts';
import type { RefusalResponse } from './refusal-response.ts';

/** How a step ended. */
export type StepOutcome =
  | { readonly kind: 'authenticated'; readonly viewer: Viewer }
  /** An operation may be executed, at least in part. */
  | { readonly kind: 'allowed' }
  | RefusedStep
  /** An operation was not executed because of how it was sent: its variables do not fit, for example. */
  | { readonly kind: 'rejected'; readonly errors: number }
  /** The operation has a result. `isPartial`: it has errors, and data beside them. */
  | { readonly kind: 'completed'; readonly errors: number; readonly isPartial: boolean }
  /** The execution gave a stream, which is a step of its own. */
  | { readonly kind: 'stream' }
  /** A stream ended: by itself or by its client, or for another reason. `failed` if its source threw. */
  | {
      readonly kind: 'ended';
      readonly results: number;
      readonly reason: 'complete' | StreamEndReason;
    }
  /** Something threw: not a refusal, but an unexpected error. */
  | { readonly kind: 'failed'; readonly error: unknown };

/** A step that ended with a refusal. */
export interface RefusedStep {
  readonly kind: 'refused';
  /** The HTTP status; over WebSocket, the one that it would be. */
  readonly status: number;
  /** As in `extensions.code` of the first error. */
  readonly code: string | undefined;
  /** As in `extensions.reason` of the first error. */
  readonly reason: string | undefined;
  /** Of an authentication: who sent the request, if it was a rate limit that refused it after that. */
  readonly viewer?: Viewer;
}

/** The outcome of a step that was refused. */
export function refusedStep({ status, errors, viewer }: RefusalResponse): RefusedStep {
  const { code, reason } = errors[0]?.extensions ?? {};
  return {
    kind: 'refused',
    status,
    code: typeof code === 'string' ? code : undefined,
    reason: typeof reason === 'string' ? reason : undefined,
    ...(viewer === undefined ? {} : { viewer }),
  };
}

/** The outcome of an execution that has a result. */
export function completedStep({ data, errors = [] }: ExecutionResult): StepOutcome {
  // Request errors (GraphQL §7.1.2): there is no data, and no field that they belong to.
  if (data === undefined && errors.length > 0 && errors.every(({ path }) => path === undefined)) {
    return { kind: 'rejected', errors: errors.length };
  }
  return {
    kind: 'completed',
    errors: errors.length,
    isPartial: errors.length > 0 && data != null,
  };
}

/** An outcome in one word of a closed set, for logs, labels of metrics and attributes of spans. */
export function outcomeName<Outcome extends StepOutcome>(
  outcome: Outcome,
): Outcome['kind'] | 'partial' | 'errors' {
  if (outcome.kind !== 'completed' || outcome.errors === 0) return outcome.kind;
  return outcome.isPartial ? 'partial' : 'errors';
}
