import {
  IndexedDbDPoPStore,
  InMemoryWebStorage,
  type User,
  UserManager,
  WebStorageStateStore,
} from 'oidc-client-ts';
import type { Scheme, SessionSettings, SignInRequest } from './session.ts';

/** What signs one account in and renews its tokens. It keeps the tokens in memory only. */
export function createUserManager(
  { issuer, metadataUrl, clientId }: SessionSettings,
  scheme: Scheme,
): UserManager {
  return new UserManager({
    authority: issuer,
    ...(metadataUrl === null ? {} : { metadataUrl }),
    client_id: clientId,
    redirect_uri: callbackUrl(),
    popup_redirect_uri: callbackUrl(),
    response_type: 'code',
    userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
    stateStore: new WebStorageStateStore({ store: sessionStorage }),
    automaticSilentRenew: false,
    // All bound accounts of the browser share one key.
    ...(scheme === 'DPoP'
      ? { dpop: { bind_authorization_code: false, store: new IndexedDbDPoPStore() } }
      : {}),
  });
}

/** Options for `signInByPopup`. */
export interface PopupOptions {
  /** Whom the issuer suggests. */
  readonly hint: string | undefined;
  /** Cancels the sign-in. */
  readonly signal: AbortSignal;
  /** Whether the window stays open, for the next sign-in: browsers would block a second window. */
  readonly keepsOpen: boolean;
}

/**
 * Signs in, in a popup.
 *
 * @throws The error of oidc-client-ts; see `describeSignInError`.
 */
export function signInByPopup(
  manager: UserManager,
  { audience, identityScopes, scopes }: SessionSettings,
  request: SignInRequest,
  { hint, signal, keepsOpen }: PopupOptions,
): Promise<User> {
  const requested = new Set([...identityScopes, ...scopes, ...(request.scopes ?? [])]);
  const isSilent = request.keepAccount || (request.user !== undefined && !isStepUp(request));
  return manager.signinPopup({
    scope: [...requested].join(' '),
    ...(isSilent ? {} : { prompt: 'login' }),
    ...(hint === undefined ? {} : { login_hint: hint }),
    ...(request.acr ? { acr_values: request.acr.join(' ') } : {}),
    ...(request.maxAge === undefined ? {} : { max_age: request.maxAge }),
    ...(audience === null ? {} : { extraQueryParams: { audience } }),
    ...(keepsOpen ? { url_state: keepPopup } : {}),
    popupAbortOnClose: true,
    popupSignal: signal,
    popupWindowTarget: popup,
    popupWindowFeatures: { width: 520, height: 720 },
  });
}

/** Closes the window that a sign-in has kept open. */
export function closePopup(): void {
  window.open('', popup)?.close();
}

/** Whether it requires another authentication of the same account. */
export function isStepUp({ acr, maxAge }: SignInRequest): boolean {
  return acr !== undefined || maxAge !== undefined;
}

/** The redirect URI, which must be registered at the issuer. */
export function callbackUrl(): string {
  return new URL('graphiql/callback', document.baseURI).href;
}

/** In the state of a sign-in after which its window stays open, for the next one. */
export const keepPopup = 'more';

/** The name of the window in which users sign in. */
const popup = 'graphiql-sign-in';
