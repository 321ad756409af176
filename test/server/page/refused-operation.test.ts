import { expect, test } from 'vitest';
import {
  type AskedSignIn,
  describeNotGranted,
  describeOutcome,
} from '../../../src/server/graphiql/browser/messages.ts';
import {
  describeNext,
  operationKind,
} from '../../../src/server/graphiql/browser/run-as/refused-operation.ts';
import type { SignInSettings } from '../../../src/server/graphiql/sign-in-settings.ts';

const settings: SignInSettings = {
  issuer: 'https://issuer.test',
  metadataUrl: null,
  clientId: 'spa',
  audience: null,
  identityScopes: [],
  scopes: [],
  testUsers: [
    { name: 'guest', displayName: 'Guest', scopes: [] },
    { name: 'administrator', displayName: 'Administrator', scopes: ['admin:write'] },
  ],
  endpoint: 'https://api.test/graphql',
  commandPort: null,
  dpop: 'optional',
};

const asked = (scopes: readonly string[] | undefined): AskedSignIn => ({
  account: {
    name: 'Guest',
    subject: 'guest',
    token: undefined,
    scopes,
    expiresAt: undefined,
    scheme: 'Bearer',
  },
  request: { scopes: ['admin:write'] },
});

const request = { query: '', variables: undefined, operationName: undefined };
const tryAdministrator = {
  text: 'Guest cannot be granted admin:write. Try Administrator.',
  action: { label: 'Run as Administrator', request: { user: 'administrator' } },
};

test.each([
  ['a test user can', ['admin:write'], settings.testUsers, tryAdministrator],
  [
    'no test user can',
    ['other'],
    settings.testUsers,
    { text: 'Guest cannot be granted other. No test user can.' },
  ],
  ['another issuer', ['a', 'b'], [], { text: 'The issuer did not grant a b to this account.' }],
])('scopes that are not granted: %s', (_name, scopes, testUsers, message) => {
  expect(describeNotGranted({ name: 'Guest' }, scopes, { testUsers })).toEqual(message);
});

const missing = (scope: string) =>
  ({
    credentials: 'session',
    isStream: false,
    problem: { kind: 'scope', request: { scopes: [scope] } },
  }) as const;

test('a scope that a sign-in was asked for in vain is not offered again', () => {
  expect(describeOutcome(missing('admin:write'), settings, asked(undefined))).toEqual(
    tryAdministrator,
  );
  expect(describeOutcome(missing('other'), settings, asked([]))).toMatchObject({
    text: 'Missing scope: other',
  });
  expect(describeOutcome(missing('admin:write'), settings)).toMatchObject({
    action: { label: 'Sign in with admin:write' },
  });
});

test('a stream that ends with its token offers a sign-in', () => {
  const problem = { kind: 'credentials', reason: 'token_expired' } as const;
  expect(describeOutcome({ credentials: 'session', problem, isStream: true }, settings)).toEqual({
    text: 'The subscription ended with its token. Sign in again to continue.',
    action: { label: 'Sign in again', request: { keepAccount: true } },
  });
});

test.each([
  ['a query', 'query', ['admin:write'], { runAgain: request }],
  ['a query, although a scope is missing', 'query', [], { runAgain: request }],
  ['a subscription', 'subscription', [], { runAgain: request }],
  ['a mutation, with a scope missing', 'mutation', [], { message: tryAdministrator }],
  [
    'a mutation',
    'mutation',
    ['admin:write'],
    {
      message: {
        text: 'Signed in as Guest. The mutation has not been run again.',
        action: { label: 'Run again', operation: request },
      },
    },
  ],
] as const)('after a sign-in: %s', (_name, kind, scopes, next) => {
  expect(describeNext({ request, kind }, asked(scopes), settings)).toEqual(next);
});

test.each([
  ['{ a }', undefined, 'query'],
  ['query A { a } mutation B { b }', 'B', 'mutation'],
  ['subscription { a }', undefined, 'subscription'],
  ['query A { a } query B { b }', undefined, undefined],
  ['{', undefined, undefined],
])('the kind of %s, %s', (query, operationName, kind) => {
  expect(operationKind({ query, operationName })).toBe(kind);
});
