import {
  IndexedDbDPoPStore,
  InMemoryWebStorage,
  UserManager,
  WebStorageStateStore,
} from 'oidc-client-ts';
import type { Scheme, SessionSettings } from './session.ts';

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

/** The redirect URI, which must be registered at the issuer. */
export function callbackUrl(): string {
  return new URL('graphiql/callback', document.baseURI).href;
}

/** In the state of a sign-in after which its window stays open, for the next one. */
export const keepPopup = 'more';
