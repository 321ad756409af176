import type { GraphQLError } from 'graphql';
import { AuthError } from '../authentication/auth-error.ts';
import type { ResponseHead } from '../shared/response-head.ts';
import { UntracedGraphQLError } from '../shared/untraced-graphql-error.ts';

/** Why a stream was rejected or terminated, for a reason that concerns the viewer or a limit. */
export type StreamRefusalReason =
  | 'token_expired'
  | 'token_revoked'
  | 'revocation_unavailable'
  | 'too_many_of_viewer'
  | 'too_many_in_all';

/** Why a stream was terminated, for a reason that concerns the token of its viewer. */
export type TokenEndReason = Exclude<StreamRefusalReason, 'too_many_of_viewer' | 'too_many_in_all'>;

/** Why a stream was rejected or terminated, as clients see it in `extensions.reason`. */
export type StreamEndReason = StreamRefusalReason | 'stopping';

/** The values of `extensions.code`. */
export type StreamErrorCode = 'UNAUTHENTICATED' | 'TOO_MANY_STREAMS' | 'SERVICE_UNAVAILABLE';

/** The reasons for which a stream is not started. */
export type StreamRejectionReason = Exclude<StreamEndReason, TokenEndReason>;

/** A subscription that is not started. */
export interface RejectedStream extends ResponseHead {
  readonly kind: 'rejected';
  readonly errors: readonly GraphQLError[];
}

interface StreamRejection extends ResponseHead {
  readonly code: StreamErrorCode;
  readonly message: string;
}

const unavailable: ResponseHead = { status: 503, headers: { 'Retry-After': '1' } };

const rejections: Readonly<Record<StreamRejectionReason, StreamRejection>> = {
  stopping: {
    code: 'SERVICE_UNAVAILABLE',
    message: 'The server is shutting down. Subscribe again.',
    ...unavailable,
  },
  too_many_of_viewer: {
    code: 'TOO_MANY_STREAMS',
    message: 'Too many open streams. Close one first.',
    status: 429,
    headers: {},
  },
  too_many_in_all: {
    code: 'SERVICE_UNAVAILABLE',
    message: 'The server has too many open streams. Try again shortly.',
    ...unavailable,
  },
};

/** The error in the final result of a terminated stream. */
export function streamError(reason: StreamEndReason): GraphQLError {
  const { message } = isTokenEnd(reason) ? new AuthError(reason) : rejections[reason];
  return new UntracedGraphQLError(message, {
    extensions: { code: streamErrorCode(reason), reason },
  });
}

/** The `extensions.code` of that error. */
export function streamErrorCode(reason: StreamEndReason): StreamErrorCode {
  return isTokenEnd(reason) ? tokenEndCodes[reason] : rejections[reason].code;
}

const tokenEndCodes: Readonly<Record<TokenEndReason, StreamErrorCode>> = {
  token_expired: 'UNAUTHENTICATED',
  token_revoked: 'UNAUTHENTICATED',
  revocation_unavailable: 'SERVICE_UNAVAILABLE',
};

const isTokenEnd = (reason: StreamEndReason): reason is TokenEndReason => reason in tokenEndCodes;

/** Rejects a subscription before its source is started. */
export function rejectStream(reason: StreamRejectionReason): RejectedStream {
  const { status, headers } = rejections[reason];
  return { kind: 'rejected', status, headers, errors: [streamError(reason)] };
}
