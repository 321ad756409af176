import { ErrorResponse } from 'oidc-client-ts';
import { IssuerUnavailableError, requirementOf, SessionExpiredError } from './auth.ts';
import type { GraphqlError } from './result.ts';
import { settings } from './settings.ts';

const checkAudience = `Check VITE_AUDIENCE (${settings.audience}) and the audience that the API expects.`;

/** Why a sign-in failed or ended, and how to fix it. */
export function explainSessionProblem(problem: unknown): string {
  if (problem instanceof SessionExpiredError) return 'Your session has expired. Sign in again.';
  if (!window.isSecureContext) {
    return 'Browsers allow sign-in over https or on localhost only. Open this app at such an address.';
  }
  if (problem instanceof IssuerUnavailableError) {
    return `Can't reach the issuer at ${settings.issuer}. Check that it is running and that VITE_ISSUER is correct.`;
  }
  if (!(problem instanceof ErrorResponse)) {
    return 'The sign-in could not be completed. Sign in again.';
  }
  // Auth0 reports an unknown API in the description only.
  const isUnknownApi = problem.error_description?.startsWith('Service not found') ?? false;
  if (problem.error === 'invalid_target' || isUnknownApi) {
    return `The issuer does not know this API. ${checkAudience}`;
  }
  if (problem.error === 'access_denied') {
    return 'The sign-in was canceled. Nothing has changed.';
  }
  return `The issuer rejected the sign-in (${problem.error}). Check VITE_CLIENT_ID (${settings.clientId}) and the settings of this client at the issuer.`;
}

/** Why there is no response from the API, and how to fix it. */
export function explainFailure(failure: unknown): string {
  if (failure instanceof IssuerUnavailableError) return explainSessionProblem(failure);
  // fetch does not distinguish between a server that is down, a wrong URL and a forbidden origin.
  if (failure instanceof TypeError) {
    return `Can't reach the API at ${settings.endpoint}. Check that it is running, that VITE_ENDPOINT is correct, and that ALLOWED_ORIGINS of the API includes ${window.location.origin}.`;
  }
  return `The response from ${settings.endpoint} is not GraphQL. Check VITE_ENDPOINT.`;
}

/** Why a field or the whole request is not allowed, and how to fix it. */
export function explainError(error: GraphqlError): string {
  const { message, extensions = {} } = error;
  const { code, reason, scope } = extensions;
  if (typeof reason === 'string') return tokenProblems[reason] ?? message;
  const { acrValues, maxAge } = requirementOf([error]);
  if (acrValues !== undefined || maxAge !== undefined) return message;
  if (code === 'UNAUTHENTICATED') return 'Sign-in required.';
  if (code === 'FORBIDDEN' && typeof scope === 'string') return `Missing scope: ${scope}.`;
  return message;
}

// When these are shown, the client has already renewed the token.
const checkClocks =
  "The clocks of the API and the issuer don't match: the API finds a new token expired or not yet valid. Set both clocks.";

const tokenProblems: Readonly<Record<string, string>> = {
  token_expired: checkClocks,
  token_not_yet_valid: checkClocks,
  token_audience: `The token is for another API. ${checkAudience}`,
  token_not_jws: `The issuer issued a token without an audience. ${checkAudience}`,
  token_issuer: `The API does not trust this issuer. Check VITE_ISSUER (${settings.issuer}) and the issuer that the API expects.`,
};
