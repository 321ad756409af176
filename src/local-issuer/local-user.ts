import { LocalIssuerError } from './local-issuer-error.ts';

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

/** A person as the issuer is given them; what is missing follows from the name. */
export type LocalUserInput = Pick<LocalUser, 'name' | 'scopes'> & Partial<LocalUser>;

/** @throws LocalIssuerError for a name that is empty or used twice. */
export function completeUsers(inputs: readonly LocalUserInput[]): readonly LocalUser[] {
  const names = new Set<string>();
  return inputs.map(({ name, scopes, displayName, email }) => {
    if (name === '' || names.has(name)) {
      const message = `The local issuer cannot start: each test user needs a name of their own, and ${JSON.stringify(name)} is ${name === '' ? 'none' : 'used twice'}.`;
      throw new LocalIssuerError('option', message);
    }
    names.add(name);
    return {
      name,
      displayName: displayName ?? name.charAt(0).toUpperCase() + name.slice(1),
      email: email ?? `${name}@localhost`,
      scopes: [...new Set(scopes)],
    };
  });
}
