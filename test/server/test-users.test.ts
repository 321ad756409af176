import { expect, test } from 'vitest';
import { resolveTestUsers } from '../../src/server/test-users.ts';
import { testUsers } from '../fixture/index.ts';

test.each<[string, string[], string[]]>([
  ['this API', ['admin:write', 'read:messages'], ['read:messages']],
  ['the verb behind', ['books:read', 'books:write'], ['books:read']],
  [
    'other separators',
    ['Files.Read.All', 'Files.Write', 'read_only'],
    ['Files.Read.All', 'read_only'],
  ],
  ['one word', ['readOrders', 'writeOrders'], ['readOrders']],
  ['URLs', ['https://api.example/read', 'https://api.example/write'], ['https://api.example/read']],
  ['words that only look alike', ['ready', 'spread', 'thread:read'], ['thread:read']],
  ['names that say nothing', ['a', 'b', 'c'], ['a', 'b']],
  ['one scope', ['catalog'], ['catalog']],
  ['no scope', [], []],
])('of %s: %j', (_case, schemaScopes, manager) => {
  const scopes = resolveTestUsers(testUsers, schemaScopes).map((user) => [user.name, user.scopes]);

  expect(Object.fromEntries(scopes)).toEqual({ manager, administrator: schemaScopes, guest: [] });
});

test.each([
  ['Ann', undefined],
  ['Ann Lee', 'Ann Lee'],
])('a list is taken as it is, and the name shown is %j', (shown, displayName) => {
  const user = { name: 'ann', scopes: ['books:read'], email: 'ann@example.com' };

  expect(
    resolveTestUsers([{ ...user, ...(displayName ? { displayName } : {}) }], ['books:write']),
  ).toEqual([{ ...user, displayName: shown }]);
});
