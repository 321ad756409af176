import type { PageSettings } from '../../page-settings.ts';
import type { Account } from '../session.ts';

/** Who can run operations: they have signed in in this tab, or can at the local issuer. */
export interface KnownUser {
  readonly name: string;
  readonly subject: string;
}

/** The test users, and the other accounts of this tab. Who has the name of another also has the subject. */
export function knownUsers(
  { testUsers }: Pick<PageSettings, 'testUsers'>,
  accounts: readonly Account[],
): readonly KnownUser[] {
  const others = accounts.filter(({ subject }) => testUsers.every(({ name }) => name !== subject));
  const users: readonly KnownUser[] = [
    ...testUsers.map(({ name, displayName }) => ({ name: displayName, subject: name })),
    ...others.map(({ name, subject }) => ({ name, subject })),
  ];
  const isUnique = (name: string): boolean => users.filter((one) => one.name === name).length === 1;
  return users.map(({ name, subject }) => ({
    name: isUnique(name) ? name : `${name} (${subject})`,
    subject,
  }));
}
