/** A person whom the local issuer signs in without a password, for development and tests. */
export interface TestUser {
  /** The login name, and the claim `sub`. */
  readonly name: string;
  /** What this user is allowed, given every scope that a rule of the schema names. */
  readonly scopes: (listScopes: readonly string[]) => readonly string[];
  /** Default: the name, capitalized. */
  readonly displayName?: string;
  /** Default: the name at localhost. */
  readonly email?: string;
}

/**
 * The test users. By default their scopes follow from the schema; a list of your own works too,
 * such as `scopes: () => ['books:read']`. A scope that no rule names is granted as well.
 */
export const testUsers: readonly TestUser[] = [
  { name: 'manager', scopes: readingScopes },
  { name: 'administrator', scopes: (listScopes) => listScopes },
  { name: 'guest', scopes: () => [] },
];

/**
 * The scopes that say they are for reading: `read:messages`, `books:read`, `Files.Read.All`. Where
 * none does, the first half, so that the manager is allowed more than the guest.
 */
export function readingScopes(listScopes: readonly string[]): readonly string[] {
  const reading = listScopes.filter((scope) =>
    scope
      .split(/[^A-Za-z]+|(?<=[a-z])(?=[A-Z])/)
      .some((word) => ['read', 'reader', 'readonly', 'view'].includes(word.toLowerCase())),
  );
  return reading.length > 0 ? reading : listScopes.slice(0, Math.ceil(listScopes.length / 2));
}
