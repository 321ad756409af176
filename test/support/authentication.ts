import { AuthError } from '../../src/authentication/auth-error.ts';
import type {
  AuthenticationRequest,
  Authenticator,
} from '../../src/authentication/authenticator.ts';
import { createAuthenticator } from '../../src/authentication/authenticator.ts';
import type { AuthenticatorOptions } from '../../src/authentication/authenticator-options.ts';
import type { Viewer } from '../../src/authentication/viewer.ts';
import type { TestIssuer } from './tokens.ts';

/** A request as the API receives it, with raw headers if given. */
export function requestWith(
  authorization: string | undefined,
  overrides: { readonly url?: string; readonly rawHeaders?: readonly string[] } = {},
): AuthenticationRequest {
  return {
    method: 'POST',
    url: '/graphql',
    headers: new Headers(authorization === undefined ? {} : { authorization }),
    ...overrides,
  };
}

export const bearer = (token: string): AuthenticationRequest => requestWith(`Bearer ${token}`);

/** An authenticator that trusts a test issuer. */
export const authenticatorFor = (
  issuer: TestIssuer,
  options: Partial<AuthenticatorOptions> = {},
): Authenticator =>
  createAuthenticator({
    issuer: issuer.issuer,
    audience: issuer.audience,
    fetch: issuer.fetch,
    clock: issuer.clock,
    ...options,
  });

/** Resolves to the viewer or the `AuthError`. Rejects for any other error. */
export async function outcomeOf(viewer: Promise<Viewer>): Promise<Viewer | AuthError> {
  try {
    return await viewer;
  } catch (error) {
    if (error instanceof AuthError) return error;
    throw error;
  }
}

/** Resolves to the expected `AuthError`. */
export async function refusalOf(viewer: Promise<unknown>): Promise<AuthError> {
  try {
    await viewer;
  } catch (error) {
    if (error instanceof AuthError) return error;
    throw error;
  }
  throw new Error('Nothing was refused.');
}
