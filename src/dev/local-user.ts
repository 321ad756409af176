/** A ready-made person whom anyone at the login page may sign in as. */
export interface LocalUser {
  /** The login name, and the claim `sub`. */
  readonly name: string;
  /** How the login page calls them. */
  readonly displayName: string;
  readonly email: string;
  /** Every scope this person may be granted, whatever is requested. */
  readonly scopes: readonly string[];
}

/** The scopes of the API as it comes. */
export const defaultScopes: readonly string[] = ['read:messages', 'write:messages', 'admin:write'];

/** The login names, for programs that sign in without the login page. */
export const localUserNames = ['manager', 'administrator', 'guest'] as const;

type LocalUserName = (typeof localUserNames)[number];

/**
 * The people of an API that knows these scopes: the manager may read (every scope that begins with
 * `read:`), the administrator may do everything, the guest nothing.
 */
export function localUsersFor(scopes: readonly string[]): readonly LocalUser[] {
  const scopesOf: Record<LocalUserName, readonly string[]> = {
    manager: scopes.filter((scope) => scope.startsWith('read:')),
    administrator: scopes,
    guest: [],
  };
  return localUserNames.map((name) => ({
    name,
    displayName: name.charAt(0).toUpperCase() + name.slice(1),
    email: `${name}@localhost`,
    scopes: scopesOf[name],
  }));
}
