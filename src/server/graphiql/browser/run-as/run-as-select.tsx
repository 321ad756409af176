import type { ReactNode } from 'react';
import { usePage, usePageState } from '../use-page.ts';
import { knownUsers } from './known-users.ts';
import './run-as.css';

/** The values of the select that are not accounts, which have a prefix. */
const signedOut = 'signed-out';
const another = 'another';
const userPrefix = 'user:';

/** Who runs the operations: signed out, a test user, an account of this tab, or another one. */
export function RunAsSelect(): ReactNode {
  const page = usePage();
  const { account, accounts, cancelSignIn } = usePageState();
  const isWaiting = cancelSignIn !== undefined;
  const change = (value: string): void => {
    if (isWaiting) return;
    if (value === signedOut) page.runAs('signed out');
    else if (value === another) page.runAs('another');
    else page.runAs({ user: value.slice(userPrefix.length) });
  };
  return (
    <label className="run-as">
      Run as
      <select
        value={account ? userPrefix + account.subject : signedOut}
        onChange={({ target }) => change(target.value)}
        {...(isWaiting ? { 'aria-disabled': true } : {})}
      >
        <option value={signedOut}>Signed out</option>
        {knownUsers(page.settings, accounts).map(({ subject, name }) => (
          <option key={subject} value={userPrefix + subject}>
            {name}
          </option>
        ))}
        {page.session && <option value={another}>Another account…</option>}
      </select>
    </label>
  );
}
