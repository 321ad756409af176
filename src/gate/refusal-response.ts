import type { ExecutionResult, GraphQLError } from 'graphql';
import type { AuthError } from '../authentication/auth-error.ts';
import { type AuthScheme, statusOf } from '../authentication/auth-error-reasons.ts';
import type { ChallengeContent } from '../authentication/challenge.ts';
import { errorHeaders } from '../authentication/error-headers.ts';
import type { Viewer } from '../authentication/viewer.ts';
import type { UnmetRequirement } from '../authorization/rules/unmet.ts';
import type { ResponseHead } from '../shared/response-head.ts';
import { UntracedGraphQLError } from '../shared/untraced-graphql-error.ts';
import type { Challenges } from './challenges.ts';

/** A refused request or operation, as plain data: what a server responds with. */
export interface RefusalResponse extends ResponseHead {
  readonly kind: 'refused';
  readonly errors: readonly GraphQLError[];
  /** The scheme of the refused credentials. */
  readonly scheme?: AuthScheme | undefined;
  /** Who sent it, if the credentials were verified before a rate limit refused the request. */
  readonly viewer?: Viewer;
  /** Present if everything was refused during execution. */
  readonly data?: null;
}

/** A refusal as the result of an execution, for where its status and headers have been sent. */
export function toResult({ errors, data }: RefusalResponse): ExecutionResult {
  return { errors, ...(data === null ? { data } : {}) };
}

/**
 * Characters of the scopes, or of the authentication context classes, in a challenge. Longer lists
 * are omitted: clients and proxies limit headers, and some of the scopes would only lead to the
 * next refusal.
 */
const maxListLength = 2_000;

/** Creates the response to credentials that cannot be used. */
export function refuseCredentials(error: AuthError, challenges: Challenges): RefusalResponse {
  const { code, reason, status, scheme, message } = error;
  const headers = errorHeaders(error, challenges.schemes, (content) => challenges.write(content));
  const requestError = new UntracedGraphQLError(message, { extensions: { code, reason } });
  return { kind: 'refused', status, headers, scheme, errors: [requestError] };
}

/** Creates the response to a request that an unexpected error prevents, whose message is not for clients. */
export function refuseUnexpected(): RefusalResponse {
  const error = new UntracedGraphQLError('Unexpected error.', {
    extensions: { code: 'INTERNAL_SERVER_ERROR' },
  });
  return { kind: 'refused', status: 500, headers: {}, errors: [error] };
}

/** Seconds after which a policy that could not decide can be asked again. */
const retryAfter = '1';

/**
 * Creates the status and the challenge for unmet rules: authentication comes before step-up, step-up
 * before scopes (RFC 6750 §3.1, RFC 9470 §3). If all that is unmet is policies that cannot decide, there
 * is nothing to challenge.
 *
 * @param scope The smallest set of scopes that is sufficient for all of them.
 * @param scheme The scheme of the token that was sent.
 */
export function refuseRules(
  unmet: readonly UnmetRequirement[],
  scope: string | undefined,
  scheme: AuthScheme,
  challenges: Challenges,
): ResponseHead {
  const respond = (
    code: 'UNAUTHENTICATED' | 'FORBIDDEN',
    content: ChallengeContent,
  ): ResponseHead => ({
    status: statusOf[code],
    headers: { 'WWW-Authenticate': challenges.write(content) },
  });
  if (unmet.every(({ kind }) => kind === 'unavailable')) {
    return { status: statusOf.SERVICE_UNAVAILABLE, headers: { 'Retry-After': retryAfter } };
  }
  const required = scope === undefined || scope.length > maxListLength ? {} : { scope };

  if (unmet.some(({ kind }) => kind === 'authentication')) {
    return respond('UNAUTHENTICATED', { ...required, scheme: challenges.schemes });
  }
  const stepUp = unmet.filter((one) => one.kind === 'step-up');
  if (stepUp.length > 0) {
    return respond('UNAUTHENTICATED', {
      ...stepUpParameters(stepUp),
      scheme,
      error: 'insufficient_user_authentication',
      errorDescription: 'A stronger or more recent sign-in is required.',
    });
  }
  if (unmet.some(({ kind }) => kind === 'scope')) {
    return respond('FORBIDDEN', {
      ...required,
      scheme,
      error: 'insufficient_scope',
      errorDescription: 'The access token is missing a scope that this operation requires.',
    });
  }
  return respond('FORBIDDEN', { scheme: challenges.schemes });
}

function stepUpParameters(unmet: readonly (UnmetRequirement & { kind: 'step-up' })[]) {
  const classes = unmet.flatMap(({ acr }) => (acr ? [acr] : []));
  const common = classes[0]?.filter((value) => classes.every((acr) => acr.includes(value)));
  // If no class is sufficient for all selections, each is required by one of them.
  const acrValues = common?.length === 0 ? [...new Set(classes.flat())] : common;
  // Not `Math.min(...all)`: clients choose how many there are, and arguments are on the stack.
  const maxAge = unmet.reduce(
    (least, one) => Math.min(least, one.maxAge ?? Number.POSITIVE_INFINITY),
    Number.POSITIVE_INFINITY,
  );
  return {
    ...(acrValues && acrValues.join(' ').length <= maxListLength ? { acrValues } : {}),
    ...(Number.isFinite(maxAge) ? { maxAge } : {}),
  };
}
