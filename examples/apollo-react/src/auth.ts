import { ErrorResponse, type User, UserManager, WebStorageStateStore } from 'oidc-client-ts';
import { settings } from './settings.ts';

/** Who is signed in, and what went wrong with it last. */
export interface Session {
  readonly user: User | null;
  readonly problem?: unknown;
}

/** The issuer did not answer, or not as an issuer does. Who is signed in stays so. */
export class IssuerUnavailableError extends Error {}

/** The issuer would not renew the access token: somebody has to sign in. */
export class SessionEndedError extends Error {}

// The tab's own storage: tokens outlive a reload, are not shared with other tabs, and end with this
// one. localStorage would keep them for days; memory would ask for a sign-in after each reload. No
// storage keeps them from a script that gets into this page.
const storage = new WebStorageStateStore({ store: window.sessionStorage });

const home = new URL(import.meta.env.BASE_URL, window.location.origin).href;

// What is asked for at every sign-in. Many issuers renew tokens with offline_access only.
const usualScope = 'openid profile offline_access read:messages';

// Authorization code with PKCE, by redirect: it works where popups and other sites' cookies are
// blocked.
const manager = new UserManager({
  authority: settings.issuer,
  client_id: settings.clientId,
  redirect_uri: home,
  post_logout_redirect_uri: home,
  scope: usualScope,
  // Without an audience, many issuers give a token that is for themselves.
  extraQueryParams: { audience: settings.audience },
  userStore: storage,
  stateStore: storage,
  // Renewed when a request needs it; a tab that nobody uses does not stay signed in for ever.
  automaticSilentRenew: false,
  requestTimeoutInSeconds: 10,
});

let session: Session = { user: null };
const listeners = new Set<() => void>();

/** The session as it is: one object until it changes, so that React can compare. */
export function getSession(): Session {
  return session;
}

/** Calls back after each change, until the returned function is called. */
export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Finishes a sign-in that leads back here. To be awaited once, before anything is rendered. */
export async function restoreSession(): Promise<void> {
  let problem: unknown;
  const parameters = new URLSearchParams(window.location.search);
  if (parameters.has('state')) {
    let place: unknown;
    if (parameters.has('code') || parameters.has('error')) {
      const isOurs = (await storage.get(parameters.get('state') ?? '')) !== null;
      try {
        place = (await manager.signinRedirectCallback()).state;
      } catch (error) {
        // A sign-in that was never begun here, or is over already, says nothing of the issuer.
        problem = isOurs ? asProblem(error) : error;
        place = error instanceof ErrorResponse ? error.state : undefined;
      }
    }
    // The code is used up: it belongs neither into the history nor into a bookmark.
    window.history.replaceState(null, '', home + (typeof place === 'string' ? place : ''));
  }
  change({ user: await manager.getUser(), problem });
}

/** Leads to the issuer and back to where the person is, asking for a further scope if need be. */
export async function signIn(furtherScope = ''): Promise<void> {
  const { user } = session;
  const scopes = `${usualScope} ${user?.scope ?? ''} ${furtherScope}`.split(' ').filter(Boolean);
  change({ user });
  try {
    await manager.signinRedirect({
      scope: [...new Set(scopes)].join(' '),
      state: window.location.hash,
      // Else the issuer, which knows the person, would send them back at once with what they had.
      ...(user === null ? {} : { prompt: 'login' }),
    });
  } catch (error) {
    change({ user, problem: asProblem(error) });
  }
}

/** Signs out here and at the issuer; else the next sign-in would bring the same person back. */
export async function signOut(): Promise<void> {
  let problem: unknown;
  try {
    await manager.signoutRedirect();
  } catch (error) {
    problem = asProblem(error);
  }
  change({ user: await manager.getUser(), problem });
}

/** The access token, renewed if its time is over; undefined when nobody is signed in. */
export async function accessToken(): Promise<string | undefined> {
  if (session.user?.expired) await renew();
  return session.user?.access_token;
}

let renewal: Promise<void> | undefined;

/**
 * Renews the access token, once for all requests that need it at the same time. Afterwards it is
 * another one, or nobody is signed in any more.
 *
 * @param refused The token that the API refused; nothing happens if it has been renewed since.
 * @throws IssuerUnavailableError when the issuer cannot be asked.
 */
export function renew(refused?: string): Promise<void> {
  renewal ??= renewNow(refused).finally(() => {
    renewal = undefined;
  });
  return renewal;
}

async function renewNow(refused: string | undefined): Promise<void> {
  const { user } = session;
  if (user === null || (!user.expired && user.access_token !== refused)) return;
  try {
    // Without a refresh token the library would try a hidden frame, which browsers give no cookies.
    const renewed = user.refresh_token ? await manager.signinSilent() : null;
    if (renewed !== null) return change({ user: renewed });
  } catch (error) {
    // Only the issuer's own word ends the session, not a bad connection.
    if (!(error instanceof ErrorResponse)) throw asProblem(error);
  }
  await manager.removeUser();
  change({ user: null, problem: new SessionEndedError() });
}

function change(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

/** Tells a silent issuer from a silent API: fetch throws the same for both. */
function asProblem(error: unknown): unknown {
  return error instanceof ErrorResponse ? error : new IssuerUnavailableError('', { cause: error });
}
