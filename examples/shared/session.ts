import { ErrorResponse, type User, UserManager, WebStorageStateStore } from 'oidc-client-ts';
import { useSyncExternalStore } from 'react';
import { settings } from './settings.ts';

/** Who is signed in, and the last problem with it. */
export interface Session {
  readonly user: User | null;
  readonly problem?: unknown;
}

/** The issuer did not respond, or not like an issuer. The user stays signed in. */
export class IssuerUnavailableError extends Error {}

/** The issuer did not renew the access token: the user has to sign in again. */
export class SessionExpiredError extends Error {}

// sessionStorage: tokens survive a reload, are not shared with other tabs, and are deleted when the
// tab is closed. localStorage would keep them for days; in memory, each reload would require a
// sign-in. No storage protects them from a script that is injected into this page.
const storage = new WebStorageStateStore({ store: window.sessionStorage });

const home = new URL(import.meta.env.BASE_URL, window.location.origin).href;

// Requested at every sign-in. Many issuers issue refresh tokens with offline_access only.
const defaultScope = 'openid profile offline_access read:messages';

// Authorization code with PKCE, by redirect: it works where popups and third-party cookies are
// blocked.
const manager = new UserManager({
  authority: settings.issuer,
  client_id: settings.clientId,
  redirect_uri: home,
  post_logout_redirect_uri: home,
  scope: defaultScope,
  // Without an audience, many issuers issue tokens for themselves only.
  extraQueryParams: { audience: settings.audience },
  userStore: storage,
  stateStore: storage,
  // Tokens are renewed when a request needs one, so an unused tab does not stay signed in forever.
  automaticSilentRenew: false,
  requestTimeoutInSeconds: 10,
});

let session: Session = { user: null };
const listeners = new Set<() => void>();

/** The current session. It is the same object until it changes. */
export function getSession(): Session {
  return session;
}

/** The current session; components render again when it changes. */
export function useSession(): Session {
  return useSyncExternalStore(subscribe, getSession);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Completes a sign-in that redirected here. Await it once, before rendering. */
export async function restoreSession(): Promise<void> {
  let problem: unknown;
  const parameters = new URLSearchParams(window.location.search);
  if (parameters.has('state')) {
    let hash: unknown;
    if (parameters.has('code') || parameters.has('error')) {
      const isKnown = (await storage.get(parameters.get('state') ?? '')) !== null;
      try {
        hash = (await manager.signinRedirectCallback()).state;
      } catch (error) {
        // A sign-in that was not started here, or has already ended, is not the issuer's problem.
        problem = isKnown ? asProblem(error) : error;
        hash = error instanceof ErrorResponse ? error.state : undefined;
      }
    }
    // Keep the code, which is used up now, out of history and bookmarks.
    window.history.replaceState(null, '', home + (typeof hash === 'string' ? hash : ''));
  }
  setSession({ user: await manager.getUser(), problem });
}

/** Redirects to the issuer and back to the same place, requesting additional scopes if needed. */
export async function signIn(additionalScope = ''): Promise<void> {
  const { user } = session;
  const scopes = `${defaultScope} ${user?.scope ?? ''} ${additionalScope}`
    .split(' ')
    .filter(Boolean);
  setSession({ user });
  try {
    await manager.signinRedirect({
      scope: [...new Set(scopes)].join(' '),
      state: window.location.hash,
      // Otherwise the issuer would redirect back at once, with the same user and scopes.
      ...(user === null ? {} : { prompt: 'login' }),
    });
  } catch (error) {
    setSession({ user, problem: asProblem(error) });
  }
}

/** Signs out here and at the issuer, so that the next sign-in can be another user's. */
export async function signOut(): Promise<void> {
  let problem: unknown;
  try {
    await manager.signoutRedirect();
  } catch (error) {
    problem = asProblem(error);
  }
  setSession({ user: await manager.getUser(), problem });
}

/** The access token, renewed if it has expired, or undefined if no one is signed in. */
export async function accessToken(): Promise<string | undefined> {
  if (session.user?.expired) await renew();
  return session.user?.access_token;
}

let renewal: Promise<void> | undefined;

/**
 * Renews the access token, once for all concurrent requests that need it. Afterwards there is a
 * new token, or no one is signed in.
 *
 * @param rejected The token that the API rejected. If it has been renewed since, nothing happens.
 * @throws {IssuerUnavailableError} If the issuer cannot be reached.
 */
export function renew(rejected?: string): Promise<void> {
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
    const renewed = user.refresh_token ? await manager.signinSilent() : null;
    if (renewed !== null) return setSession({ user: renewed });
  } catch (error) {
    // Only an error from the issuer ends the session, not a failed connection.
    if (!(error instanceof ErrorResponse)) throw asProblem(error);
  }
  await manager.removeUser();
  setSession({ user: null, problem: new SessionExpiredError() });
}

function setSession(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

/** Marks failures to reach the issuer: fetch throws the same error for the API. */
function asProblem(error: unknown): unknown {
  return error instanceof ErrorResponse ? error : new IssuerUnavailableError('', { cause: error });
}
