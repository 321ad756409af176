import { ErrorResponse } from 'oidc-client-ts';
import type { SignInSettings } from '../sign-in-settings.ts';
import type { AccessProblem } from './access-problem.ts';
import type { Credentials } from './authorized-fetch.ts';
import type { OperationRequest } from './page-state.ts';
import type { Account, SignInRequest } from './session.ts';

/** A message in the bar, with an optional action. */
export interface Message {
  readonly text: string;
  /** A sign-in that would fix the problem, or an operation to run. */
  readonly action?:
    | { readonly label: string; readonly request: SignInRequest }
    | { readonly label: string; readonly operation: OperationRequest };
}

/** How an operation ended. */
export interface Outcome {
  readonly credentials: Credentials;
  readonly problem: AccessProblem | undefined;
  /** Whether the problem came with a result of a stream. */
  readonly isStream: boolean;
}

/** A sign-in that was asked for, because something was refused. */
export interface AskedSignIn {
  readonly account: Account;
  readonly request: SignInRequest;
}

const clockSkew =
  "The clocks of this computer, the API and the issuer don't match. Sync them and sign in again.";

/**
 * The message after an operation; undefined if it succeeded.
 *
 * @param asked The sign-in that led to the current account, if it was asked for.
 */
export function describeOutcome(
  { credentials, problem, isStream }: Outcome,
  settings: SignInSettings,
  asked?: AskedSignIn,
): Message | undefined {
  if (credentials === 'header') {
    return {
      text: 'Used the Authorization header from the Headers tab instead of your sign-in.',
    };
  }
  switch (problem?.kind) {
    case undefined:
      return undefined;
    case 'sign-in':
      // The bar has a sign-in button already, and it requests every scope.
      return settings.clientId === null ? undefined : { text: 'Sign in to run this.' };
    case 'scope': {
      const missing = problem.request.scopes ?? [];
      if (asked && missing.every((scope) => asked.request.scopes?.includes(scope))) {
        return describeNotGranted(asked.account, missing, settings);
      }
      const scopes = missing.join(' ');
      return {
        text: `Missing scope: ${scopes}`,
        action: { label: `Sign in with ${scopes}`, request: problem.request },
      };
    }
    case 'step-up':
      return {
        text: `This requires ${describeStepUp(problem.request)}.`,
        action: { label: 'Sign in again', request: problem.request },
      };
    case 'denied':
      return { text: "This account isn't allowed to access this. Try another account." };
    case 'credentials':
      if (isStream && problem.reason === 'token_expired') return streamExpiredMessage;
      return describeRejectedCredentials(problem.reason, settings);
  }
}

/** The message after a sign-in with scopes that the account was not granted. */
export function describeNotGranted(
  { name }: Pick<Account, 'name'>,
  scopes: readonly string[],
  { testUsers }: Pick<SignInSettings, 'testUsers'>,
): Message {
  const missing = scopes.join(' ');
  if (testUsers.length === 0) {
    return { text: `The issuer did not grant ${missing} to this account.` };
  }
  const able = testUsers.find((user) => scopes.every((scope) => user.scopes.includes(scope)));
  if (!able) return { text: `${name} cannot be granted ${missing}. No test user can.` };
  return {
    text: `${name} cannot be granted ${missing}. Try ${able.displayName}.`,
    action: { label: `Run as ${able.displayName}`, request: { user: able.name } },
  };
}

function describeStepUp({ acr, maxAge }: SignInRequest): string {
  const parts = [
    ...(acr ? [`with the authentication class ${acr.join(' or ')}`] : []),
    ...(maxAge === undefined ? [] : [`at most ${duration(maxAge)} old`]),
  ];
  return `a sign-in ${parts.join(', ')}`;
}

function duration(seconds: number): string {
  if (seconds >= 120) return `${Math.floor(seconds / 60)} minutes`;
  return seconds === 1 ? '1 second' : `${seconds} seconds`;
}

function describeRejectedCredentials(
  reason: string,
  { audience, issuer }: SignInSettings,
): Message {
  const texts: Readonly<Record<string, string>> = {
    token_audience: `The token is for another API. Have the issuer issue tokens for ${audience ?? 'this API'}, then sign in again.`,
    token_not_jws: `The issuer's token is not for this API. Register the API ${audience ?? ''} with the issuer, then sign in again.`,
    token_issuer: `The token is not from ${issuer}. Set the issuer exactly as in its tokens.`,
    token_expired: clockSkew,
    token_not_yet_valid: clockSkew,
    proof_time: clockSkew,
    keys_unavailable: `The API can't reach ${issuer}. Check that it is running, then run this again.`,
    token_signature: "The issuer's signing keys have changed. Sign in again.",
  };
  const text = Object.hasOwn(texts, reason) ? texts[reason] : undefined;
  return {
    text: text ?? 'The API rejected the token; the response says why. Sign in again.',
    action: { label: 'Sign in again', request: {} },
  };
}

const canceled = 'The sign-in was canceled.';

/**
 * The text after a sign-in that failed.
 *
 * @param error The error of oidc-client-ts.
 */
export function describeSignInError(
  error: unknown,
  { issuer, clientId, audience, endpoint }: SignInSettings,
  callback: string,
): string {
  const message = error instanceof Error ? error.message : '';
  if (error instanceof ErrorResponse) {
    // Auth0 has no code for an unknown audience.
    if (error.error === 'invalid_target' || /service not found/i.test(message)) {
      return `The issuer doesn't know the API ${audience ?? ''}. Register it there, or set the audience to its identifier.`;
    }
    return error.error === 'access_denied'
      ? canceled
      : `The issuer rejected the sign-in (${error.error}). Check the client ${clientId} there.`;
  }
  if (/sign-in was aborted/.test(message)) return canceled;
  if (/disposed window|blocked/.test(message)) {
    return 'The browser blocked the sign-in window. Allow popups for this page, then sign in again.';
  }
  if (/closed/i.test(message)) {
    return `The sign-in window was closed. If it showed an error, add ${callback} to the allowed callback URLs of ${clientId}.`;
  }
  if (/secure contexts/.test(message)) {
    return `Browsers allow sign-in over https and on localhost only. Open ${endpoint} instead.`;
  }
  return `Can't reach the issuer at ${issuer}. Check that it is running and the URL is correct, then sign in again.`;
}

/** For a stream that ended with its token, which could not be renewed. */
const streamExpiredMessage: Message = {
  text: 'The subscription ended with its token. Sign in again to continue.',
  action: { label: 'Sign in again', request: { keepAccount: true } },
};

/** For a token that expired and could not be renewed. */
export const sessionExpiredMessage: Message = {
  text: 'Your session has expired. Sign in again.',
  action: { label: 'Sign in again', request: { keepAccount: true } },
};
