import { GraphQLError } from 'graphql';
import { type AuthError, type AuthScheme, statusOf } from '../authentication/auth-error.ts';
import { buildChallenge } from '../authentication/challenge.ts';
import type { Viewer } from '../authentication/viewer.ts';
import type { Missing } from '../authorization/missing.ts';

/** How a refusal is told over HTTP. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

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

/** Credentials that cannot be used: the request error, with its status and challenge. */
export function refusedCredentials(error: AuthError, settings: ChallengeSettings): GraphQLError {
  const headers: Record<string, string> = {};
  if (error.retryAfter !== undefined) headers['Retry-After'] = String(error.retryAfter);
  const base = { ...parameters(settings), scheme: error.scheme };
  if (error.error !== undefined) {
    const complaint = { error: error.error, errorDescription: error.message };
    headers['WWW-Authenticate'] = buildChallenge({ ...base, ...complaint });
  } else if (error.code === 'UNAUTHENTICATED') {
    headers['WWW-Authenticate'] = buildChallenge(base);
  }
  return new GraphQLError(error.message, {
    extensions: {
      code: error.code,
      reason: error.reason,
      http: { status: error.status, headers } satisfies HttpAnswer,
    },
  });
}

/**
 * The one place that turns refused rules into a status and a challenge: authentication before
 * rights (RFC 6750 §3.1, RFC 9470 §3).
 *
 * @param scope The smallest set of scopes that would do for all of them.
 * @param scheme The scheme of the token that was sent.
 */
export function refusedRules(
  missing: readonly Missing[],
  scope: string | undefined,
  scheme: AuthScheme,
  settings: ChallengeSettings,
): HttpAnswer {
  const base = parameters(settings);
  const answer = (
    code: 'UNAUTHENTICATED' | 'FORBIDDEN',
    challenge: Parameters<typeof buildChallenge>[0],
  ): HttpAnswer => ({
    status: statusOf[code],
    headers: { 'WWW-Authenticate': buildChallenge(challenge) },
  });
  const asked = scope === undefined ? {} : { scope };

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
      errorDescription: 'A stronger or more recent sign-in is needed.',
    });
  }
  if (missing.some(({ kind }) => kind === 'scope')) {
    return answer('FORBIDDEN', {
      ...base,
      ...asked,
      scheme,
      error: 'insufficient_scope',
      errorDescription: 'The access token lacks a scope that this operation needs.',
    });
  }
  return answer('FORBIDDEN', { ...base, scheme: settings.schemes });
}

function stepUpParameters(missing: readonly (Missing & { kind: 'step-up' })[]) {
  const classes = missing.flatMap(({ acr }) => (acr ? [acr] : []));
  const inAll = classes[0]?.filter((value) => classes.every((acr) => acr.includes(value)));
  // Where no class serves for all selections, each is needed by one of them.
  const acrValues = inAll?.length === 0 ? [...new Set(classes.flat())] : inAll;
  const maxAge = Math.min(...missing.map((one) => one.maxAge ?? Number.POSITIVE_INFINITY));
  return {
    ...(acrValues ? { acrValues } : {}),
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
