import { useSyncExternalStore } from 'react';
import { getSession, type Session, subscribe } from './auth.ts';

/** The session, rendered again whenever it changes. */
export function useSession(): Session {
  return useSyncExternalStore(subscribe, getSession);
}
