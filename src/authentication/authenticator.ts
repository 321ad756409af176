import { type AccessToken, type AccessTokenRules, verifyAccessToken } from './access-token.ts';
import { AuthError } from './auth-error.ts';
import { type AuthenticatorOptions, resolveAuthenticatorOptions } from './authenticator-options.ts';
import { type CredentialsSource, readCredentials } from './credentials.ts';
import { createIssuerKeys } from './issuer-keys.ts';
import { ownMember } from './json-object.ts';
import { readScopes } from './scopes.ts';
import { type AuthenticatedViewer, anonymous, type Viewer } from './viewer.ts';

/** What of an HTTP request is authenticated. A `Request` fits as it is. */
export interface AuthenticationRequest extends CredentialsSource {
  readonly method: string;
}

/** Finds out who is asking. */
export interface Authenticator {
  /**
   * Turns the credentials of a request into a viewer. Call it once per request. A request without
   * credentials is anonymous; one whose credentials cannot be used is refused, never anonymous.
   *
   * Not checked: whether the token has been revoked, or used before (RFC 7009, RFC 6750 §5.3).
   *
   * @throws {AuthError} with a status of 400, 401 or 503
   */
  authenticate(request: AuthenticationRequest): Promise<Viewer>;
  /** Whether the keys of every issuer have been had once. */
  ready(): boolean;
  /**
   * Fetches the keys of every issuer that has none yet. While an issuer is out of reach it fetches
   * seldom, however often it is called, so a readiness probe may call it each time.
   *
   * @throws {AuthError} `keys_unavailable`
   */
  warmUp(): Promise<void>;
}

/**
 * Creates an authenticator for access tokens that are JWTs (RFC 9068, RFC 6750). Nothing is fetched
 * before the first token comes, or `warmUp` is called.
 *
 * @throws {TypeError} names each option that is wrong and says what a right value is
 */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const settings = resolveAuthenticatorOptions(options);
  const issuers = new Map(
    settings.issuers.map((issuer) => [issuer, createIssuerKeys({ ...settings, issuer })]),
  );
  const rules: AccessTokenRules = { ...settings, issuers };
  const keysOfAll = [...issuers.values()];

  return {
    async authenticate(request) {
      const credentials = readCredentials(request);
      if (credentials.kind === 'none') return anonymous;
      const token = await verifyAccessToken(credentials.token, rules);
      if (token.confirmation.kind === 'key') throw new AuthError('token_bound');
      return viewerOf(token);
    },
    ready: () => keysOfAll.every((keys) => keys.wereHad()),
    async warmUp() {
      await Promise.all(keysOfAll.map((keys) => keys.keysFor(undefined)));
    },
  };
}

function viewerOf({ subject, issuer, claims, expiresAt }: AccessToken): AuthenticatedViewer {
  const clientId = [ownMember(claims, 'client_id'), ownMember(claims, 'azp')].find(
    (name) => typeof name === 'string',
  );
  return {
    kind: 'authenticated',
    subject,
    issuer,
    ...(clientId === undefined ? {} : { clientId }),
    scopes: readScopes(claims),
    claims,
    expiresAt,
  };
}
