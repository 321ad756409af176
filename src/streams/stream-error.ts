import { GraphQLError } from 'graphql';
import { AuthError } from '../authentication/auth-error.ts';
import type { ResponseHead } from '../shared/response-head.ts';

/** Why a stream was not begun, or was ended. */
export type StreamEnd = 'token_expired' | 'stopping' | 'too_many_of_viewer' | 'too_many_in_all';

/** Seconds after which a client may try again. */
const retryAfter = '1';

const unavailable: ResponseHead = { status: 503, headers: { 'Retry-After': retryAfter } };

/** What clients are told: fixed sentences, each with the mend. */
const ends: Readonly<
  Record<
    Exclude<StreamEnd, 'token_expired'>,
    { code: string; sentence: string; http: ResponseHead }
  >
> = {
  stopping: {
    code: 'SERVICE_UNAVAILABLE',
    sentence: 'The server is stopping: subscribe again.',
    http: unavailable,
  },
  too_many_of_viewer: {
    code: 'TOO_MANY_STREAMS',
    sentence: 'You have too many streams open: end one first.',
    http: { status: 429, headers: {} },
  },
  too_many_in_all: {
    code: 'SERVICE_UNAVAILABLE',
    sentence: 'The server has too many streams open: try again in a moment.',
    http: unavailable,
  },
};

/** The error of a stream that goes on no longer, as its last result has it. */
export function streamError(end: StreamEnd): GraphQLError {
  if (end === 'token_expired') {
    const { message, code, reason } = new AuthError(end);
    return new GraphQLError(message, { extensions: { code, reason } });
  }
  const { code, sentence } = ends[end];
  return new GraphQLError(sentence, { extensions: { code, reason: end } });
}

/** The same for a stream that is not begun, with the HTTP answer. */
export function refusedStream(end: Exclude<StreamEnd, 'token_expired'>) {
  return { errors: [streamError(end)], extensions: { http: ends[end].http } };
}
