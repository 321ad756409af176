import { type ExecutionResult, GraphQLError } from 'graphql';
import { type AuthError, type AuthScheme, statusOf } from '../authentication/auth-error.ts';
import { buildChallenge } from '../authentication/challenge.ts';
import type { Viewer } from '../authentication/viewer.ts';
import type { UnmetRequirement } from '../authorization/rules/unmet.ts';
import type { ResponseHead } from '../shared/response-head.ts';

/** A refused request or operation, as plain data: what a server responds with. */
export interface RefusalResponse extends ResponseHead {
  readonly kind: 'refused';
  readonly errors: readonly GraphQLError[];
  /** The scheme of credentials that cannot be used. */
  readonly scheme?: AuthScheme | undefined;
  /** There where execution had begun, and everything was refused then. */
  readonly data?: null;
}

/** A refusal as the result of an execution, for where its status and headers have been sent. */
export function toResult({ errors, data }: RefusalResponse): ExecutionResult {
  return { errors, ...(data === null ? { data } : {}) };
}

/**
 * Characters of the scopes, or of the authentication context classes, that a challenge names. More
 * are left out whole: clients and proxies bound the headers of a response, and a part of the
 * scopes would only lead to the next refusal.
 */
const maxNamed = 2_000;

/** What every challenge says of this API. */
export interface ChallengeSettings {
  readonly realm: string;
  readonly resourceMetadata?: string;
  /** The schemes that are accepted; a challenge without an error names them all. */
  readonly schemes: readonly AuthScheme[];
  /** The algorithms that are accepted in DPoP proofs. */
  readonly dpopAlgorithms?: readonly string[];
}

/** The scheme that the viewer's token came with: one that is bound to a key came with a proof. */
export function schemeOf(viewer: Viewer): AuthScheme {
  const isBound =
    viewer.kind === 'authenticated' &&
    Object.hasOwn(viewer.claims, 'cnf') &&
    viewer.claims['cnf'] !== null;
  return isBound ? 'DPoP' : 'Bearer';
}

/** The response to credentials that cannot be used. */
export function refuseCredentials(error: AuthError, settings: ChallengeSettings): RefusalResponse {
  const headers: Record<string, string> = {};
  if (error.retryAfter !== undefined) headers['Retry-After'] = String(error.retryAfter);
  const base = { ...parameters(settings), scheme: error.scheme };
  if (error.error !== undefined) {
    const complaint = { error: error.error, errorDescription: error.message };
    headers['WWW-Authenticate'] = buildChallenge({ ...base, ...complaint });
  } else if (error.code === 'UNAUTHENTICATED') {
    headers['WWW-Authenticate'] = buildChallenge(base);
  }
  const { code, reason, status } = error;
  const requestError = new GraphQLError(error.message, { extensions: { code, reason } });
  return { kind: 'refused', status, headers, scheme: error.scheme, errors: [requestError] };
}

/**
 * The one place that turns refused rules into a status and a challenge: authentication before
 * rights (RFC 6750 §3.1, RFC 9470 §3).
 *
 * @param scope The smallest set of scopes that would do for all of them.
 * @param scheme The scheme of the token that was sent.
 */
export function refuseRules(
  missing: readonly UnmetRequirement[],
  scope: string | undefined,
  scheme: AuthScheme,
  settings: ChallengeSettings,
): ResponseHead {
  const base = parameters(settings);
  const answer = (
    code: 'UNAUTHENTICATED' | 'FORBIDDEN',
    challenge: Parameters<typeof buildChallenge>[0],
  ): ResponseHead => ({
    status: statusOf[code],
    headers: { 'WWW-Authenticate': buildChallenge(challenge) },
  });
  const asked = scope === undefined || scope.length > maxNamed ? {} : { scope };

  if (missing.some(({ kind }) => kind === 'authentication')) {
    return answer('UNAUTHENTICATED', { ...base, ...asked, scheme: settings.schemes });
  }
  const stepUp = missing.filter((one) => one.kind === 'step-up');
  if (stepUp.length > 0) {
    return answer('UNAUTHENTICATED', {
      ...base,
      ...stepUpParameters(stepUp),
      scheme,
      error: 'insufficient_user_authentication',
      errorDescription: 'A stronger or more recent sign-in is required.',
    });
  }
  if (missing.some(({ kind }) => kind === 'scope')) {
    return answer('FORBIDDEN', {
      ...base,
      ...asked,
      scheme,
      error: 'insufficient_scope',
      errorDescription: 'The access token is missing a scope that this operation requires.',
    });
  }
  return answer('FORBIDDEN', { ...base, scheme: settings.schemes });
}

function stepUpParameters(missing: readonly (UnmetRequirement & { kind: 'step-up' })[]) {
  const classes = missing.flatMap(({ acr }) => (acr ? [acr] : []));
  const inAll = classes[0]?.filter((value) => classes.every((acr) => acr.includes(value)));
  // Where no class serves for all selections, each is needed by one of them.
  const acrValues = inAll?.length === 0 ? [...new Set(classes.flat())] : inAll;
  const maxAge = Math.min(...missing.map((one) => one.maxAge ?? Number.POSITIVE_INFINITY));
  return {
    ...(acrValues && acrValues.join(' ').length <= maxNamed ? { acrValues } : {}),
    ...(Number.isFinite(maxAge) ? { maxAge } : {}),
  };
}

function parameters({ realm, resourceMetadata, dpopAlgorithms }: ChallengeSettings) {
  return {
    realm,
    ...(resourceMetadata === undefined ? {} : { resourceMetadata }),
    ...(dpopAlgorithms === undefined ? {} : { dpopAlgorithms }),
  };
}
