import type { ExecutionResult, GraphQLError } from 'graphql';
import { type AuthError, type AuthScheme, statusOf } from '../authentication/auth-error.ts';
import { buildChallenge } from '../authentication/challenge.ts';
import type { Viewer } from '../authentication/viewer.ts';
import type { UnmetRequirement } from '../authorization/rules/unmet.ts';
import type { ResponseHead } from '../shared/response-head.ts';
import { UntracedGraphQLError } from '../shared/untraced-graphql-error.ts';

/** A refused request or operation, as plain data: what a server responds with. */
export interface RefusalResponse extends ResponseHead {
  readonly kind: 'refused';
  readonly errors: readonly GraphQLError[];
  /** The scheme of the refused credentials. */
  readonly scheme?: AuthScheme | undefined;
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

/** The parts of a challenge that are the same for every refusal. */
export interface ChallengeSettings {
  readonly realm: string;
  readonly resourceMetadata?: string;
  /** The accepted schemes; a challenge without an error names all of them. */
  readonly schemes: readonly AuthScheme[];
  /** The accepted algorithms of DPoP proofs. */
  readonly dpopAlgorithms?: readonly string[];
}

/** The scheme of the viewer's token: one that is bound to a key was sent with a DPoP proof. */
export function schemeOf(viewer: Viewer): AuthScheme {
  const isBound =
    viewer.kind === 'authenticated' &&
    Object.hasOwn(viewer.claims, 'cnf') &&
    viewer.claims['cnf'] !== null;
  return isBound ? 'DPoP' : 'Bearer';
}

/** Creates the response to credentials that cannot be used. */
export function refuseCredentials(error: AuthError, settings: ChallengeSettings): RefusalResponse {
  const headers: Record<string, string> = {};
  if (error.retryAfter !== undefined) headers['Retry-After'] = String(error.retryAfter);
  const base = { ...parameters(settings), scheme: error.scheme };
  if (error.error !== undefined) {
    const errorParameters = { error: error.error, errorDescription: error.message };
    headers['WWW-Authenticate'] = buildChallenge({ ...base, ...errorParameters });
  } else if (error.code === 'UNAUTHENTICATED') {
    headers['WWW-Authenticate'] = buildChallenge(base);
  }
  const { code, reason, status } = error;
  const requestError = new UntracedGraphQLError(error.message, { extensions: { code, reason } });
  return { kind: 'refused', status, headers, scheme: error.scheme, errors: [requestError] };
}

/**
 * Creates the status and the challenge for unmet rules: authentication comes before step-up, step-up
 * before scopes (RFC 6750 §3.1, RFC 9470 §3).
 *
 * @param scope The smallest set of scopes that is sufficient for all of them.
 * @param scheme The scheme of the token that was sent.
 */
export function refuseRules(
  unmet: readonly UnmetRequirement[],
  scope: string | undefined,
  scheme: AuthScheme,
  settings: ChallengeSettings,
): ResponseHead {
  const base = parameters(settings);
  const respond = (
    code: 'UNAUTHENTICATED' | 'FORBIDDEN',
    challenge: Parameters<typeof buildChallenge>[0],
  ): ResponseHead => ({
    status: statusOf[code],
    headers: { 'WWW-Authenticate': buildChallenge(challenge) },
  });
  const required = scope === undefined || scope.length > maxListLength ? {} : { scope };

  if (unmet.some(({ kind }) => kind === 'authentication')) {
    return respond('UNAUTHENTICATED', { ...base, ...required, scheme: settings.schemes });
  }
  const stepUp = unmet.filter((one) => one.kind === 'step-up');
  if (stepUp.length > 0) {
    return respond('UNAUTHENTICATED', {
      ...base,
      ...stepUpParameters(stepUp),
      scheme,
      error: 'insufficient_user_authentication',
      errorDescription: 'A stronger or more recent sign-in is required.',
    });
  }
  if (unmet.some(({ kind }) => kind === 'scope')) {
    return respond('FORBIDDEN', {
      ...base,
      ...required,
      scheme,
      error: 'insufficient_scope',
      errorDescription: 'The access token is missing a scope that this operation requires.',
    });
  }
  return respond('FORBIDDEN', { ...base, scheme: settings.schemes });
}

function stepUpParameters(unmet: readonly (UnmetRequirement & { kind: 'step-up' })[]) {
  const classes = unmet.flatMap(({ acr }) => (acr ? [acr] : []));
  const common = classes[0]?.filter((value) => classes.every((acr) => acr.includes(value)));
  // If no class is sufficient for all selections, each is required by one of them.
  const acrValues = common?.length === 0 ? [...new Set(classes.flat())] : common;
  const maxAge = Math.min(...unmet.map((one) => one.maxAge ?? Number.POSITIVE_INFINITY));
  return {
    ...(acrValues && acrValues.join(' ').length <= maxListLength ? { acrValues } : {}),
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
