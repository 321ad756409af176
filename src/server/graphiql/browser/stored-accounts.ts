import { User } from 'oidc-client-ts';
import { isObject } from './is-object.ts';

/** The accounts of a tab, which its session storage keeps over a reload. */
export interface StoredAccounts {
  /** The subject of the current one. */
  readonly current: string | undefined;
  readonly users: readonly User[];
}

const key = 'graphiql-accounts';

/** Reads the accounts of this tab: none if they cannot be read, so that the page can be used. */
export function readAccounts(): StoredAccounts {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(key) ?? 'null');
    if (isObject(stored) && Array.isArray(stored['users'])) {
      const { current } = stored;
      return {
        current: typeof current === 'string' ? current : undefined,
        users: stored['users'].map(readUser),
      };
    }
  } catch {}
  return { current: undefined, users: [] };
}

/** @throws {Error} If it is not a user with a token. */
function readUser(text: string): User {
  const user = User.fromStorageString(text);
  if (typeof user.profile?.sub !== 'string' || typeof user.access_token !== 'string') {
    throw new Error('A stored user is not complete.');
  }
  return user;
}

/** Stores the accounts of this tab in place of what is stored. */
export function storeAccounts({ current, users }: StoredAccounts): void {
  const texts = users.map((user) => user.toStorageString());
  if (texts.length === 0) sessionStorage.removeItem(key);
  else sessionStorage.setItem(key, JSON.stringify({ current, users: texts }));
}
