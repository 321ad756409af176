import { expect, test } from 'vitest';
import { knownUsers } from '../../../src/server/graphiql/browser/run-as/known-users.ts';

const account = (subject: string, name: string) => ({
  subject,
  name,
  token: undefined,
  scopes: undefined,
  expiresAt: undefined,
  scheme: 'Bearer' as const,
});

test('users of the same name can be told apart', () => {
  const testUsers = [{ name: 'ann', displayName: 'Ann', scopes: [] }];
  const accounts = [account('ann', 'Ann'), account('1', 'Kim'), account('2', 'Kim')];

  expect(knownUsers({ testUsers }, accounts)).toEqual([
    { name: 'Ann', subject: 'ann' },
    { name: 'Kim (1)', subject: '1' },
    { name: 'Kim (2)', subject: '2' },
  ]);
});
