import { useSyncExternalStore } from 'react';
import { createAuth, type Session } from './auth.ts';
import { settings } from './settings.ts';
import { sendHashes } from './trusted-documents.ts';

/** Sign-in and tokens of this app. */
export const auth = createAuth({
  ...settings,
  redirectUri: new URL(import.meta.env.BASE_URL, window.location.origin).href,
  // Many issuers issue refresh tokens with offline_access only.
  scope: 'openid profile offline_access read:messages',
});

/** `fetch` for the API, with the access token. */
export const apiFetch = settings.trustedDocuments === 'on' ? sendHashes(auth.fetch) : auth.fetch;

/** The current session; components render again when it changes. */
export function useSession(): Session {
  return useSyncExternalStore(auth.onChange, auth.getSession);
}
