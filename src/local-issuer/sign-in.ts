import * as client from 'openid-client';
import { browserClient } from './clients-and-users.ts';

/** Options for `signInAs`. */
export interface SignInOptions {
  /** The local issuer's identifier. */
  readonly issuer: string;
  /** The login name. */
  readonly user: string;
  /** Space-delimited; empty for none. Default: every scope that the user has. */
  readonly scope?: string;
  /** Default: the local API's identifier. */
  readonly audience?: string;
  /** Lifetime of the access token in seconds, 1 to 86400. Default: the issuer's. */
  readonly lifetime?: number;
  /** Default `local-spa`. */
  readonly clientId?: string;
  /** Acceptable authentication context classes, space-delimited (RFC 9470 §4). */
  readonly acrValues?: string;
  /** Maximum age of an earlier sign-in, in seconds (RFC 9470 §4). */
  readonly maxAge?: number;
  /** The key to bind the tokens to (RFC 9449). Default: none, for Bearer tokens. */
  readonly keyPair?: client.CryptoKeyPair;
  /** On loopback, without a query. Nothing has to listen there. */
  readonly redirectUri?: string;
  readonly fetch?: typeof fetch;
}

/** The local issuer rejected the sign-in. */
export class SignInError extends Error {
  override readonly name = 'SignInError';
}

const maxRedirects = 10;

/**
 * Signs in to the local issuer without a browser: authorization code with PKCE, following redirects
 * and posting the login form.
 *
 * @throws SignInError if the login page does not redirect back, or an error of openid-client if the
 *   issuer returns one.
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
      // The local issuer uses http, on loopback.
      execute: [client.allowInsecureRequests],
      // openid-client's own type of body is wider; here every body is a form.
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
  // acr_values and max_age belong to OpenID Connect, so oidc-provider requires openid with them.
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
  const callback = await followRedirects(authorizationUrl, target, user, customFetch);
  return client.authorizationCodeGrant(
    configuration,
    callback,
    { pkceCodeVerifier, expectedState, ...(maxAge === undefined ? {} : { maxAge }) },
    lifetime === undefined ? {} : { lifetime: String(lifetime) },
    keyPair === undefined ? {} : { DPoP: client.getDPoPHandle(configuration, keyPair) },
  );
}

/** Every scope of a test user, from the issuer's metadata; empty for an unknown user. */
function scopesOf(name: string, { test_users: users }: client.ServerMetadata): string {
  if (!Array.isArray(users)) return '';
  for (const user of users) {
    if (typeof user !== 'object' || user === null || Array.isArray(user)) continue;
    if (user['name'] === name && Array.isArray(user['scopes'])) return user['scopes'].join(' ');
  }
  return '';
}

/** Follows redirects and submits the login form, until the client's redirect URI. */
async function followRedirects(
  start: URL,
  target: URL,
  user: string,
  customFetch: typeof fetch,
): Promise<URL> {
  const jar = new CookieJar();
  let url = start;
  let body: URLSearchParams | undefined;
  for (let step = 0; step < maxRedirects; step += 1) {
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
      // The login page, whose form is posted to its own URL.
      body = new URLSearchParams({ login: user });
    } else {
      throw new SignInError(
        `The local issuer rejected the sign-in of ${JSON.stringify(user)} (status ${response.status}).`,
      );
    }
  }
  throw new SignInError('The local issuer redirected too many times.');
}

/** The cookies of one origin: as much of RFC 6265 as a sign-in requires. */
export class CookieJar {
  readonly #cookies = new Map<string, string>();

  /** Applies the Set-Cookie headers of a response. */
  store(headers: Headers): void {
    for (const header of headers.getSetCookie()) {
      const [pair = ''] = header.split(';', 1);
      const separator = pair.indexOf('=');
      const name = pair.slice(0, separator).trim();
      const value = pair.slice(separator + 1).trim();
      // An empty value deletes the cookie.
      if (value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }

  /** The value of the Cookie header. Ignores paths: every cookie is sent. */
  header(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }
}
