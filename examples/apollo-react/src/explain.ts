import { ErrorResponse } from 'oidc-client-ts';
import type { GraphqlFault } from './answer.ts';
import { IssuerUnavailableError, SessionEndedError } from './auth.ts';
import { settings } from './settings.ts';

const wrongAudience = `check VITE_AUDIENCE (${settings.audience}), and what the API expects`;

/** Why a sign-in failed or ended, and the mend: one plain sentence. */
export function explainSession(problem: unknown): string {
  if (problem instanceof SessionEndedError) return 'Your sign-in has ended: sign in again.';
  if (!window.isSecureContext) {
    return 'Browsers let apps sign in over https or on localhost only: open this one at such an address.';
  }
  if (problem instanceof IssuerUnavailableError) {
    return `The issuer cannot be reached at ${settings.issuer}: start it, or check VITE_ISSUER.`;
  }
  if (!(problem instanceof ErrorResponse)) {
    return 'The sign-in could not be finished: start it again from here.';
  }
  // Auth0 names an unknown API in words only.
  const isAudience = problem.error_description?.startsWith('Service not found') ?? false;
  if (problem.error === 'invalid_target' || isAudience) {
    return `The issuer knows no such API: ${wrongAudience}.`;
  }
  if (problem.error === 'access_denied') {
    return 'The sign-in was cancelled: nothing has changed, and you can start it again.';
  }
  return `The issuer refused the sign-in (${problem.error}): check VITE_CLIENT_ID (${settings.clientId}), and what the issuer lets it do.`;
}

/** Why no answer came from the API, and the mend: one plain sentence. */
export function explainFailure(failure: unknown): string {
  if (failure instanceof IssuerUnavailableError) return explainSession(failure);
  // All that fetch says of a server that is down, of a wrong address and of a forbidden origin.
  if (failure instanceof TypeError) {
    return `The API cannot be reached at ${settings.endpoint}: start it, check VITE_ENDPOINT, or allow ${window.location.origin} in its ALLOWED_ORIGINS.`;
  }
  return `What answered at ${settings.endpoint} is not this API: check VITE_ENDPOINT.`;
}

/** Why the API refused a field or the whole request, and the mend: one plain sentence. */
export function explainRefusal({ message, extensions = {} }: GraphqlFault): string {
  const { code, reason, scope } = extensions;
  if (typeof reason === 'string') return tokenFaults[reason] ?? message;
  if (code === 'UNAUTHENTICATED') return 'This is for people who are signed in.';
  if (code !== 'FORBIDDEN') return message;
  if (typeof scope === 'string') return `Your sign-in lacks ${scope}.`;
  return 'Your account may not have this: ask whoever runs the API.';
}

// The token is a new one when these are shown: the client has renewed it by then.
const clock =
  'The API finds a token that was just issued out of its time: set the clocks of the API and of the issuer right.';

const tokenFaults: Readonly<Record<string, string>> = {
  token_expired: clock,
  token_not_yet_valid: clock,
  token_audience: `The token is for another API: ${wrongAudience}.`,
  token_not_jws: `The issuer gave a token that is for nobody in particular: ${wrongAudience}.`,
  token_issuer: `The API does not trust this issuer: check VITE_ISSUER (${settings.issuer}), and what the API expects.`,
};
