import {
  ErrorResponse,
  IndexedDbDPoPStore,
  type SigninRedirectArgs,
  type User,
  UserManager,
  WebStorageStateStore,
} from 'oidc-client-ts';

// Everything about tokens, in one file that depends on oidc-client-ts alone: copy it as it is.

/** How access tokens are sent: as Bearer tokens, or bound to a key of this browser (RFC 9449). */
export type Scheme = 'Bearer' | 'DPoP';

export interface AuthSettings {
  /** The issuer, exactly as in the `iss` claim of its tokens. */
  readonly issuer: string;
  /** A public client: without a secret. */
  readonly clientId: string;
  /** The identifier of the API. Without it, many issuers issue tokens for themselves only. */
  readonly audience: string;
  /** The URL of the API. No other URL gets the token. */
  readonly endpoint: string;
  /** Where the issuer redirects back to: a page of this app, which calls `restore`. */
  readonly redirectUri: string;
  /** Requested at every sign-in. */
  readonly scope: string;
}

/** Who is signed in, and the last problem with it. */
export interface Session {
  readonly user: User | null;
  /** Of the token, or of the next one if no one is signed in. */
  readonly scheme: Scheme;
  readonly problem?: unknown;
}

/** What a sign-in has to bring. */
export interface Requirement {
  /** Scopes that are missing, separated by spaces. */
  readonly scope?: string;
  /** Acceptable authentication context classes, separated by spaces (RFC 9470). */
  readonly acrValues?: string;
  /** The maximum age of the authentication, in seconds (RFC 9470). */
  readonly maxAge?: number;
}

/** The issuer did not respond, or not like an issuer. The user stays signed in. */
export class IssuerUnavailableError extends Error {}

/** The issuer did not renew the access token: the user has to sign in again. */
export class SessionExpiredError extends Error {}

/** What the API requires, from the challenge of a 401 or 403 (RFC 6750, 9449 and 9470). */
export function readChallenge(headers: Headers): Requirement & { readonly error?: string } {
  const challenge = headers.get('WWW-Authenticate') ?? '';
  // There can be one challenge for Bearer and one for DPoP, with the same parameters.
  const read = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(challenge)?.[1];
  const age = read('max_age');
  return {
    error: read('error'),
    scope: read('scope'),
    acrValues: read('acr_values'),
    maxAge: age === undefined ? age : Number(age),
  };
}

/** What the API requires, from GraphQL errors: if a part of a query is allowed, there is no challenge. */
export function requirementOf(errors: readonly { readonly extensions?: object }[]): Requirement {
  const required: { scope?: unknown; acr?: unknown; maxAge?: unknown }[] = errors.map(
    ({ extensions = {} }) => extensions,
  );
  const scopes = required.flatMap(({ scope }) =>
    typeof scope === 'string' ? scope.split(' ') : [],
  );
  const classes = required.flatMap(({ acr }) => (Array.isArray(acr) ? acr.map(String) : []));
  const ages = required.flatMap(({ maxAge }) => (typeof maxAge === 'number' ? maxAge : []));
  return {
    scope: [...new Set(scopes)].join(' ') || undefined,
    acrValues: [...new Set(classes)].join(' ') || undefined,
    maxAge: ages.length > 0 ? Math.min(...ages) : undefined,
  };
}

/** Signs in with the authorization code flow and PKCE, and sends the access token to the API. */
export function createAuth({
  issuer,
  clientId,
  audience,
  endpoint,
  redirectUri,
  scope: defaultScope,
}: AuthSettings) {
  // sessionStorage: tokens survive a reload, are not shared with other tabs, and are deleted when the
  // tab is closed. localStorage would keep them for days; in memory, each reload would require a
  // sign-in. No storage protects them from a script that is injected into this page.
  const { sessionStorage } = window;
  const store = new WebStorageStateStore({ store: sessionStorage });
  const options = {
    authority: issuer,
    client_id: clientId,
    redirect_uri: redirectUri,
    post_logout_redirect_uri: redirectUri,
    extraQueryParams: { audience },
    userStore: store,
    stateStore: store,
    // Tokens are renewed when a request needs one, so an unused tab does not stay signed in forever.
    automaticSilentRenew: false,
    requestTimeoutInSeconds: 10,
  };
  const managers: Readonly<Record<Scheme, UserManager>> = {
    Bearer: new UserManager(options),
    DPoP: new UserManager({
      ...options,
      // The key stays in the browser: scripts can use it, but not read it.
      dpop: { bind_authorization_code: false, store: new IndexedDbDPoPStore() },
    }),
  };

  let session: Session = { user: null, scheme: 'Bearer' };
  let renewal: Promise<void> | undefined;
  /** The latest nonce for proofs (RFC 9449 §9). */
  let nonce: string | undefined;
  const listeners = new Set<() => void>();

  function setSession(user: User | null, problem?: unknown, scheme = session.scheme): void {
    session = { user, scheme: user ? schemeOf(user) : scheme, problem };
    remember(session.scheme);
    for (const listener of listeners) listener();
  }

  // For the way back from the issuer.
  function remember(scheme: Scheme): void {
    if (scheme === 'DPoP') sessionStorage.setItem('scheme', scheme);
    else sessionStorage.removeItem('scheme');
  }

  /** Completes a sign-in that redirected here. Await it once, before rendering. */
  async function restore(): Promise<void> {
    const scheme = sessionStorage.getItem('scheme') === 'DPoP' ? 'DPoP' : 'Bearer';
    const parameters = new URLSearchParams(window.location.search);
    const state = parameters.get('state');
    let problem: unknown;
    let hash: unknown;
    if (state !== null) {
      if (parameters.has('code') || parameters.has('error')) {
        const isKnown = (await store.get(state)) !== null;
        try {
          hash = (await managers[scheme].signinRedirectCallback()).state;
        } catch (error) {
          // A sign-in that was not started here, or has already ended, is not the issuer's problem.
          problem = isKnown ? asProblem(error) : error;
          hash = error instanceof ErrorResponse ? error.state : undefined;
        }
      }
      // Keep the code, which is used up now, out of history and bookmarks.
      window.history.replaceState(null, '', redirectUri + (typeof hash === 'string' ? hash : ''));
    }
    // Both managers have the same storage.
    setSession(await managers[scheme].getUser(), problem, scheme);
  }

  /**
   * Signs in, and returns to the same place: by redirect, because browsers block popups and third-party
   * cookies. Scopes that the user has already are requested again.
   */
  function signIn({ scope, acrValues, maxAge }: Requirement = {}): Promise<void> {
    return redirect(session.scheme, {
      scope,
      acr_values: acrValues,
      max_age: maxAge,
      // Otherwise the issuer would redirect back at once, with the same user and scopes.
      ...(session.user && { prompt: 'login' }),
    });
  }

  /** Sets how tokens are sent. A user who is signed in gets a new one from the issuer, without a prompt. */
  async function switchTo(scheme: Scheme): Promise<void> {
    if (session.user) await redirect(scheme, {});
    else setSession(null, undefined, scheme);
  }

  async function redirect(scheme: Scheme, request: SigninRedirectArgs): Promise<void> {
    const { user } = session;
    setSession(user);
    remember(scheme);
    const scopes = [defaultScope, user?.scope, request.scope].join(' ').split(' ').filter(Boolean);
    const scope = [...new Set(scopes)].join(' ');
    try {
      await managers[scheme].signinRedirect({ ...request, scope, state: window.location.hash });
    } catch (error) {
      setSession(user, asProblem(error));
    }
  }

  /** Signs out here and at the issuer, so that the next sign-in can be another user's. */
  async function signOut(): Promise<void> {
    const manager = managers[session.scheme];
    const problem = await manager.signoutRedirect().catch(asProblem);
    setSession(await manager.getUser(), problem);
  }

  /**
   * Renews the access token, once for all concurrent requests that need it. Afterwards there is a
   * new token, or no one is signed in.
   *
   * @param rejected The token that the API rejected. If it has been renewed since, nothing happens.
   * @throws {IssuerUnavailableError} If the issuer cannot be reached.
   */
  function renew(rejected?: string): Promise<void> {
    renewal ??= renewNow(rejected).finally(() => {
      renewal = undefined;
    });
    return renewal;
  }

  async function renewNow(rejected: string | undefined): Promise<void> {
    const { user } = session;
    if (user === null || (!user.expired && user.access_token !== rejected)) return;
    try {
      // Without a refresh token the library would use an iframe, where browsers block cookies.
      const renewed = user.refresh_token ? await managers[schemeOf(user)].signinSilent() : null;
      if (renewed !== null) return setSession(renewed);
    } catch (error) {
      // Only an error from the issuer ends the session, not a failed connection.
      if (!(error instanceof ErrorResponse)) throw asProblem(error);
    }
    await expire(user);
  }

  async function expire(user: User): Promise<void> {
    await managers[schemeOf(user)].removeUser();
    setSession(null, new SessionExpiredError());
  }

  // The headers of a request with a token that has not expired; none if no one is signed in.
  async function authorization(method: string): Promise<Readonly<Record<string, string>>> {
    if (session.user?.expired) await renew();
    const { user } = session;
    if (user === null) return {};
    const scheme = schemeOf(user);
    const headers = { Authorization: `${scheme} ${user.access_token}` };
    if (scheme === 'Bearer') return headers;
    const proof = await managers.DPoP.dpopProof(endpoint, user, method, nonce);
    if (proof !== undefined) return { ...headers, DPoP: proof };
    // The key is gone: another tab has signed out.
    await expire(user);
    return {};
  }

  /** `fetch` for the API: sends the access token, and renews it once if the API rejects it. */
  async function authorizedFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init);
    if (request.url !== new URL(endpoint).href) return fetch(request);
    const send = async (): Promise<readonly [Response, token: string | undefined]> => {
      const headers = new Headers(request.headers);
      const added = await authorization(request.method);
      for (const [name, value] of Object.entries(added)) headers.set(name, value);
      // Not always a Request: its body would be sent as a stream, without a length.
      const target = input instanceof Request ? request.clone() : input;
      const response = await fetch(target, { ...init, headers });
      nonce = response.headers.get('DPoP-Nonce') ?? nonce;
      return [response, added['Authorization']?.split(' ')[1]];
    };
    const [response, token] = await send();
    if (response.status !== 401 || token === undefined) return response;
    const { error = 'invalid_token' } = readChallenge(response.headers);
    if (error !== 'invalid_token' && error !== 'use_dpop_nonce') return response;
    if (error === 'invalid_token') await renew(token);
    return (await send())[0];
  }

  return {
    /** The current session. It is the same object until it changes. */
    getSession: () => session,
    /** Calls a function at each change of the session. Returns a function that ends it. */
    onChange(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    restore,
    signIn,
    switchTo,
    signOut,
    renew,
    authorization,
    fetch: authorizedFetch,
  };
}

function schemeOf({ token_type: type }: User): Scheme {
  return type.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer';
}

/** Marks failures to reach the issuer: fetch throws the same error for the API. */
function asProblem(error: unknown): unknown {
  return error instanceof ErrorResponse ? error : new IssuerUnavailableError('', { cause: error });
}
