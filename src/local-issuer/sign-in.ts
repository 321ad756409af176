import * as client from 'openid-client';
import { CookieJar } from './cookie-jar.ts';
import { browserClient } from './local-client.ts';

/** Whom to sign in as, and what to ask for. */
export interface SignInOptions {
  /** The local issuer's identifier. */
  readonly issuer: string;
  /** The login name. */
  readonly user: string;
  /** Space-delimited; empty for none. Default: every scope that this person has. */
  readonly scope?: string;
  /** Default: the local API's identifier. */
  readonly audience?: string;
  /** In seconds, 1 to 86400: how long the access token is valid. Default: the issuer's own. */
  readonly lifetime?: number;
  /** Default `local-spa`. */
  readonly clientId?: string;
  /** Authentication context classes of which one will do, space-delimited (RFC 9470 §4). */
  readonly acrValues?: string;
  /** Seconds for which an earlier sign-in is recent enough (RFC 9470 §4). */
  readonly maxAge?: number;
  /** The key to which the tokens are to be bound (RFC 9449). Default: none, for Bearer tokens. */
  readonly keyPair?: client.CryptoKeyPair;
  /** On loopback, without a query; nothing needs to listen there. */
  readonly redirectUri?: string;
  readonly fetch?: typeof fetch;
}

/** The local issuer did not sign the person in. */
export class SignInError extends Error {
  override readonly name = 'SignInError';
}

/** More redirects than a sign-in takes. */
const mostRedirects = 10;

/**
 * Signs in at the local issuer without a browser: authorization code with PKCE, following its
 * redirects and posting its login form as the page does.
 *
 * @throws SignInError when the login page does not lead back; errors of openid-client when the issuer
 *   refuses.
 */
export async function signInAs({
  issuer,
  user,
  scope: givenScope,
  audience,
  lifetime,
  acrValues,
  maxAge,
  keyPair,
  clientId = browserClient.clientId,
  redirectUri = 'http://localhost/callback',
  fetch: customFetch = fetch,
}: SignInOptions): Promise<client.TokenEndpointResponse & client.TokenEndpointResponseHelpers> {
  const configuration = await client.discovery(
    new URL(issuer),
    clientId,
    undefined,
    client.None(),
    {
      // The local issuer speaks http, on loopback.
      execute: [client.allowInsecureRequests],
      // Its bodies are forms.
      [client.customFetch]: (url, { body, signal, ...options }) =>
        customFetch(url, {
          ...options,
          ...(body instanceof URLSearchParams ? { body } : {}),
          ...(signal === undefined ? {} : { signal }),
        }),
    },
  );
  const scope = givenScope ?? scopesOf(user, configuration.serverMetadata());
  const target = new URL(redirectUri);
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const expectedState = client.randomState();
  // How somebody is to sign in is a question of OpenID Connect, which oidc-provider wants to be named.
  const isStepUp = acrValues !== undefined || maxAge !== undefined;
  const requested =
    isStepUp && !scope.split(' ').includes('openid') ? `openid ${scope}`.trim() : scope;
  const authorizationUrl = client.buildAuthorizationUrl(configuration, {
    redirect_uri: target.href,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    ...(requested === '' ? {} : { scope: requested }),
    ...(audience === undefined ? {} : { audience }),
    ...(acrValues === undefined ? {} : { acr_values: acrValues }),
    ...(maxAge === undefined ? {} : { max_age: String(maxAge) }),
  });
  const callback = await visit(authorizationUrl, target, user, customFetch);
  return client.authorizationCodeGrant(
    configuration,
    callback,
    { pkceCodeVerifier, expectedState, ...(maxAge === undefined ? {} : { maxAge }) },
    lifetime === undefined ? {} : { lifetime: String(lifetime) },
    keyPair === undefined ? {} : { DPoP: client.getDPoPHandle(configuration, keyPair) },
  );
}

/** Every scope of a person, as the issuer's metadata says; none for a person that it does not list. */
function scopesOf(name: string, { test_users: users }: client.ServerMetadata): string {
  if (!Array.isArray(users)) return '';
  for (const user of users) {
    if (typeof user !== 'object' || user === null || Array.isArray(user)) continue;
    if (user['name'] === name && Array.isArray(user['scopes'])) return user['scopes'].join(' ');
  }
  return '';
}

/** Goes from page to page, as a browser would, until one leads to the client. */
async function visit(
  start: URL,
  target: URL,
  user: string,
  customFetch: typeof fetch,
): Promise<URL> {
  const jar = new CookieJar();
  let url = start;
  let body: URLSearchParams | undefined;
  for (let step = 0; step < mostRedirects; step += 1) {
    const response = await customFetch(url, {
      redirect: 'manual',
      headers: { cookie: jar.header(), accept: 'text/html' },
      ...(body === undefined ? {} : { method: 'POST', body }),
    });
    await response.body?.cancel();
    jar.store(response.headers);
    const location = response.headers.get('location');
    if (location !== null) {
      url = new URL(location, url);
      body = undefined;
      if (url.origin === target.origin && url.pathname === target.pathname) return url;
    } else if (response.status === 200 && body === undefined) {
      // The login page; its form is posted back to where it stands.
      body = new URLSearchParams({ login: user });
    } else {
      throw new SignInError(
        `The local issuer did not sign in ${JSON.stringify(user)} (status ${response.status}).`,
      );
    }
  }
  throw new SignInError('The local issuer redirects in circles.');
}
