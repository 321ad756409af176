import { describe, expect, it, vi } from 'vitest';
import { type Authenticator, createAuthenticator } from '../../src/authentication/authenticator.ts';
import type { AuthenticatorOptions } from '../../src/authentication/authenticator-options.ts';
import { viewerId } from '../../src/authentication/viewer.ts';
import { bearer, outcomeOf } from '../support/authentication.ts';
import { createTestClock } from '../support/clock.ts';
import { createTestIssuer, fetchOf } from '../support/tokens.ts';

/* Who may call, what the viewer may do and who the viewer is, from where each issuer states it. */

const clock = createTestClock();
const issuer = createTestIssuer({ clock });
type Claims = Readonly<Record<string, unknown>>;
type Options = Partial<AuthenticatorOptions>;

const outcome = (options: Options, claims: Claims) => {
  const authenticator = createAuthenticator({
    issuer: issuer.issuer,
    ...('audience' in options || 'clients' in options ? {} : { audience: 'api' }),
    fetch: fetchOf(issuer),
    clock,
    ...options,
  });
  return outcomeOf(
    authenticator.authenticate(bearer(issuer.sign({ claims: { aud: 'api', ...claims } }))),
  );
};
const reasonOf = async (options: Options, claims: Claims) => {
  const result = await outcome(options, claims);
  return 'reason' in result ? result.reason : result.kind;
};
const viewerOf = async (options: Options, claims: Claims) => {
  const result = await outcome(options, claims);
  if (!('kind' in result) || result.kind !== 'authenticated') throw new Error('Not authenticated.');
  return result;
};

const noClient = { client_id: undefined, azp: undefined, cid: undefined, appid: undefined };

describe('the clients that may call', () => {
  const clients = ['web', 'app'];
  it.each<[string, string, Options, Claims]>([
    ['authenticated', 'client_id', { clients }, { client_id: 'web', aud: undefined }],
    ['authenticated', 'azp', { clients }, { ...noClient, azp: 'app', aud: undefined }],
    ['authenticated', 'cid', { clients }, { ...noClient, cid: 'web', aud: undefined }],
    ['authenticated', 'appid', { clients }, { ...noClient, appid: 'web', aud: undefined }],
    ['authenticated', 'an empty audience', { clients }, { client_id: 'web', aud: [] }],
    ['authenticated', 'two of them', { clients }, { client_id: 'web', azp: 'app', aud: undefined }],
    ['token_client', 'another client', { clients }, { client_id: 'other', aud: undefined }],
    ['token_client', 'no client', { clients }, { ...noClient, aud: undefined }],
    ['token_client', 'one too many', { clients }, { client_id: 'web', azp: 'x', aud: undefined }],
    ['token_client', 'a list of them', { clients }, { client_id: ['web'], aud: undefined }],
    ['token_client', 'another case', { clients }, { client_id: 'Web', aud: undefined }],
    // A token that has an audience is for that one.
    ['token_audience', 'an audience', { clients }, { client_id: 'web', aud: 'api' }],
    ['token_audience', 'an audience', { clients }, { client_id: 'web', aud: ['', 'api'] }],
    // In addition to an audience.
    ['authenticated', 'both', { clients, audience: 'api' }, { client_id: 'web' }],
    ['token_client', 'the audience', { clients, audience: 'api' }, { client_id: 'other' }],
    ['token_audience', 'the client', { clients, audience: 'b' }, { client_id: 'web' }],
  ])('%s: %s', async (expected, _, options, claims) => {
    expect(await reasonOf(options, claims)).toBe(expected);
  });

  it('is the first claim that names one', async () => {
    const all = { client_id: 'a', azp: 'b', cid: 'c', appid: 'd' };
    expect((await viewerOf({}, all)).clientId).toBe('a');
    expect((await viewerOf({}, { ...all, client_id: 1 })).clientId).toBe('b');
    expect((await viewerOf({}, { ...noClient, cid: 'c', appid: 'd' })).clientId).toBe('c');
    expect((await viewerOf({}, { ...noClient, appid: 'd' })).clientId).toBe('d');
    expect((await viewerOf({}, noClient)).clientId).toBeUndefined();
  });
});

describe('the scopes of the viewer', () => {
  const roles = 'https://example.com/roles';
  it.each<[string, string[] | undefined, Claims, string[]]>([
    ['an array in scope', undefined, { scope: ['a', 'b'] }, ['a', 'b']],
    ['a string in permissions', undefined, { scope: undefined, permissions: 'a b' }, []],
    ['an object in scope', undefined, { scope: { a: true } }, []],
    ['a nested array', ['realm_access.roles'], { realm_access: { roles: ['a'] } }, ['a']],
    ['instead of the default', ['roles'], { scope: 'a', roles: ['b'] }, ['b']],
    ['beside the default', ['scope', 'roles'], { scope: 'a', roles: ['b'] }, ['a', 'b']],
    ['a colon', ['cognito:groups'], { 'cognito:groups': ['a', 'b'] }, ['a', 'b']],
    ['a URL', [roles], { [roles]: ['a'] }, ['a']],
    ['below a URL', [`${roles}.api`], { [roles]: { api: 'a b' } }, ['a', 'b']],
    ['the longest name', ['a.b.c'], { a: { b: { c: 'x' } }, 'a.b': { c: 'y' } }, ['y']],
    [
      'a name with a dot below',
      ['resource_access.notes.api.roles'],
      { resource_access: { 'notes.api': { roles: ['a'] } } },
      ['a'],
    ],
    [
      'the names of an object',
      ['urn:vendor:iam:org:project:roles'],
      { 'urn:vendor:iam:org:project:roles': { a: { 1: 'x' }, b: null, c: false } },
      ['a'],
    ],
    ['nothing', ['roles'], {}, []],
    ['a number', ['roles'], { roles: 5 }, []],
    ['a member of a text', ['roles.length'], { roles: 'ab' }, []],
    ['an element', ['roles.0'], { roles: ['ab'] }, []],
    ['what every object has', ['constructor.name', 'toString'], {}, []],
    ['other things in an array', ['roles'], { roles: ['a', 1, null, ['b'], ''] }, ['a']],
  ])('%s', async (_, scopes, claims, expected) => {
    const viewer = await viewerOf(scopes ? { scopes } : {}, claims);
    expect([...viewer.scopes]).toEqual(expected);
  });

  it('can stand below the client, if clients are listed', async () => {
    const options = {
      audience: 'api',
      clients: ['web.app'],
      scopes: ['resource_access.{client}.roles'],
    };
    const claims = {
      ...noClient,
      azp: 'web.app',
      resource_access: { 'web.app': { roles: ['a'] }, other: { roles: ['b'] } },
    };
    expect([...(await viewerOf(options, claims)).scopes]).toEqual(['a']);
  });

  it('are what a function returns, which gets claims that cannot be changed', async () => {
    const scopes = vi.fn((claims: Claims) => {
      expect(Object.isFrozen(claims)).toBe(true);
      return new Set(['a', 'b', 'a']);
    });
    expect([...(await viewerOf({ scopes }, {})).scopes]).toEqual(['a', 'b']);
    expect(scopes).toHaveBeenCalledTimes(1);
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('secret');
      },
    ],
    ['returns nothing', () => undefined],
    ['returns a text', () => 'admin'],
    ['returns a promise', () => Promise.resolve(['a'])],
    ['returns something else than texts', () => ['a', 1]],
    [
      'never ends',
      function* () {
        for (;;) yield 'a';
      },
    ],
  ])('reject the token if the function %s, and report it once', async (_, read) => {
    const onScopesFailure = vi.fn();
    const options = {
      issuer: issuer.issuer,
      audience: 'api',
      scopes: read,
      fetch: fetchOf(issuer),
      clock,
      onScopesFailure,
    };
    const authenticator: Authenticator = Reflect.apply(createAuthenticator, undefined, [options]);
    for (const sub of ['ada', 'bob']) {
      const token = issuer.sign({ claims: { aud: 'api', sub } });
      expect(await outcomeOf(authenticator.authenticate(bearer(token)))).toMatchObject({
        reason: 'token_scopes',
        status: 401,
        message: 'The scopes of the access token cannot be read.',
      });
    }
    expect(onScopesFailure.mock.calls).toEqual([[issuer.issuer, expect.any(Error)]]);
  });
});

it('a report of scopes that throws changes no refusal', async () => {
  const authenticator = createAuthenticator({
    issuer: issuer.issuer,
    audience: 'api',
    scopes() {
      throw new Error('claims');
    },
    fetch: fetchOf(issuer),
    clock,
    onScopesFailure() {
      throw new Error('log');
    },
  });
  const token = issuer.sign({ claims: { aud: 'api' } });
  expect(await outcomeOf(authenticator.authenticate(bearer(token)))).toMatchObject({
    reason: 'token_scopes',
  });
});

describe('a token without subject', () => {
  const machine = { ...noClient, sub: undefined, client_id: 'worker' };
  const accept: Options = { machineTokens: 'accept' };
  it.each<[string, string, Options, Claims]>([
    ['token_subject', 'by default', {}, machine],
    ['token_subject', 'if rejected', { machineTokens: 'reject' }, machine],
    ['authenticated', 'if accepted', accept, machine],
    ['authenticated', 'with the same client twice', accept, { ...machine, azp: 'worker' }],
    ['token_subject', 'with two clients', accept, { ...machine, azp: 'other' }],
    ['token_subject', 'without a client', accept, { ...machine, client_id: undefined }],
    ['token_subject', 'with an empty client', accept, { ...machine, client_id: '' }],
    ['token_subject', 'with an empty subject', accept, { ...machine, sub: '' }],
    ['token_subject', 'with null as subject', accept, { ...machine, sub: null }],
    // Keycloak writes tokens of people without sub, if the client lacks the scope `basic`.
    ['token_subject', 'of a session', accept, { ...machine, sid: 'abc' }],
    ['token_subject', 'of a person', accept, { ...machine, email: 'ada@example.com' }],
    // Some issuers name people so, and write sub only if they are configured to.
    ['token_subject', 'of a user', accept, { ...machine, Username: 'ada' }],
    ['token_subject', 'of a user ID', accept, { ...machine, uid: 'ada' }],
    ['token_subject', 'of someone with a name', accept, { ...machine, given_name: 'Ada' }],
    ['token_subject', 'of a user name', accept, { ...machine, preferred_username: 'ada' }],
    [
      'authenticated',
      'of a service account',
      accept,
      { ...machine, preferred_username: 'service-account-worker' },
    ],
    ['token_subject', 'of a sign-in', accept, { ...machine, auth_time: 5 }],
    ['token_subject', 'with an actor', accept, { ...machine, act: { sub: 'x' } }],
    ['token_subject', 'of someone named like a client', accept, { sub: 'client:worker' }],
    ['authenticated', 'of someone named so, without clients', {}, { sub: 'client:worker' }],
  ])('%s %s', async (expected, _, options, claims) => {
    expect(await reasonOf(options, claims)).toBe(expected);
  });

  it('is that of its client, whom no subject is', async () => {
    const viewer = await viewerOf(accept, machine);
    expect(viewer).toMatchObject({ subject: 'client:worker', clientId: 'worker' });
    expect(viewer.id).toBe(viewerId({ issuer: issuer.issuer, clientId: 'worker' }));
    const { issuer: iss } = issuer;
    for (const subject of ['worker', 'client:worker', '', '{"client":"worker"}']) {
      expect(viewer.id).not.toBe(viewerId({ issuer: iss, subject }));
    }
    const person = await viewerOf(accept, { ...machine, sub: 'worker' });
    expect(person.id).toBe(viewerId({ issuer: iss, subject: 'worker' }));
  });
});

describe('options are refused by name', () => {
  it.each<[Claims, string]>([
    [{ clients: [] }, 'clients must be a list of the clients whose tokens are accepted'],
    [{ scopes: [] }, 'scopes must be a function of the claims, or a list of paths'],
    [{ scopes: ['a..b'] }, 'scopes must be a function of the claims, or a list of paths'],
    [
      { scopes: ['resource_access.{client}.roles'] },
      'scopes contains {client}, which requires clients',
    ],
    [
      { machineTokens: 'accept', profile: 'rfc9068' },
      "machineTokens: 'accept' requires the profile jwt",
    ],
    [
      { issuers: [{ issuer: issuer.issuer }], audience: undefined, issuer: undefined },
      'issuers[0].audience must be the identifier of this API',
    ],
    [
      {
        issuers: [{ issuer: issuer.issuer, clients: ['a'] }],
        issuer: undefined,
        audience: undefined,
        clients: ['a'],
      },
      'clients cannot be combined with issuers',
    ],
  ])('%o', (options, message) => {
    const all: Claims = { issuer: issuer.issuer, audience: 'api', ...options };
    const set = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
    expect(() => createAuthenticator(set)).toThrow(message);
  });
});
