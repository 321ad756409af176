import { decodeJwt } from 'jose';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signInAs } from '../../src/local-issuer/sign-in.ts';
import {
  asBrowser,
  asMachine,
  authorizationUrl,
  type IssuerFixture,
  startIssuer,
} from './issuer-fixture.ts';

let issuer: IssuerFixture;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());

const allScopes = 'openid profile email read:messages write:messages admin:write delete:all';

test.each([
  ['manager', allScopes, 'read:messages'],
  ['administrator', allScopes, 'read:messages write:messages admin:write'],
  ['administrator', 'openid admin:write', 'admin:write'],
  ['guest', allScopes, ''],
  ['manager', 'admin:write', ''],
  ['guest', '', ''],
])('%s, with the requested scopes "%s", grants "%s"', async (user, scope, granted) => {
  const tokens = await signInAs({ issuer: issuer.issuer, user, scope });

  expect(tokens.scope).toBe(granted);
  expect(tokens.refresh_token).toEqual(expect.any(String));
});

test('the ID token identifies the user', async () => {
  const tokens = await signInAs({ issuer: issuer.issuer, user: 'manager', scope: allScopes });

  expect(tokens.claims()).toMatchObject({
    sub: 'manager',
    aud: 'local-spa',
    name: 'Manager',
    email: 'manager@localhost',
  });
});

test('redirects to a client at any address on loopback', async () => {
  const redirectUri = 'http://[::1]:9999';

  const tokens = await signInAs({ issuer: issuer.issuer, user: 'guest', redirectUri });

  expect(tokens.access_token).toEqual(expect.any(String));
});

test('an unknown user cannot sign in', async () => {
  await expect(signInAs({ issuer: issuer.issuer, user: 'root' })).rejects.toThrow(
    'The local issuer rejected the sign-in of "root" (status 400).',
  );
});

describe('the redirect', () => {
  test.each([
    'http://localhost:3000',
    'http://localhost:5173/any/path?and=query',
    'https://localhost:8443/callback',
    'http://127.0.0.1/',
    'http://127.0.0.2:8080/',
    'http://[::1]:9999/callback',
  ])('can go to %s', async (redirectUri) => {
    const url = authorizationUrl(issuer.issuer, { redirect_uri: redirectUri });

    const response = await fetch(url, { redirect: 'manual' });

    expect(response.headers.get('location')).toMatch(/^\/sign-in\//);
  });

  test.each([
    'https://evil.example/callback',
    'http://localhost.evil.example/',
    'http://localhost@evil.example/',
    'http://evil.example/http://localhost/',
    'http://localhost:3000/#fragment',
    'myapp://localhost/callback',
    'javascript:alert(1)',
    'http://10.0.0.1/',
    'http://127.0.0.1.evil.example/',
  ])('never goes to %s', async (redirectUri) => {
    const url = authorizationUrl(issuer.issuer, { redirect_uri: redirectUri });

    const response = await fetch(url, { redirect: 'manual' });

    expect(response.status).toBe(400);
    expect(response.headers.get('location')).toBeNull();
    expect(await response.text()).toContain('invalid_redirect_uri');
  });
});

test.each([
  ['no PKCE', { code_challenge: null, code_challenge_method: null }, 'invalid_request'],
  ['plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
  ['an unknown audience', { audience: 'https://other.example' }, 'invalid_target'],
  ['prompt=none without a session', { prompt: 'none' }, 'login_required'],
  ['another response type', { response_type: 'id_token' }, 'unsupported_response_type'],
])('a request with %s is redirected back with an error', async (_case, changes, error) => {
  const response = await fetch(authorizationUrl(issuer.issuer, changes), { redirect: 'manual' });

  const location = new URL(response.headers.get('location') ?? '');
  expect(location.origin).toBe('http://localhost:5173');
  expect(
    (location.searchParams.get('error') ?? location.hash).replace(/^#error=(\w+).*/, '$1'),
  ).toBe(error);
});

describe('a refresh token', () => {
  test('is rotated, narrows scopes and works once', async () => {
    const configuration = await asBrowser(issuer.issuer);
    const first = await signInAs({
      issuer: issuer.issuer,
      user: 'administrator',
      scope: 'openid read:messages admin:write',
    });
    const firstRefresh = first.refresh_token ?? '';

    const second = await client.refreshTokenGrant(configuration, firstRefresh, {
      scope: 'read:messages',
    });

    expect(second.scope).toBe('read:messages');
    expect(second.refresh_token).not.toBe(firstRefresh);
    await expect(client.refreshTokenGrant(configuration, firstRefresh)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  test('grants no additional scope', async () => {
    const configuration = await asBrowser(issuer.issuer);
    const first = await signInAs({
      issuer: issuer.issuer,
      user: 'manager',
      scope: 'openid read:messages admin:write',
    });

    const second = await client.refreshTokenGrant(configuration, first.refresh_token ?? '');

    expect(second.scope).toBe('read:messages');
  });
});

test('tokens can be bound to a key of the client (RFC 9449)', async () => {
  const machine = await asMachine(issuer.issuer);
  const DPoP = client.getDPoPHandle(machine, await client.randomDPoPKeyPair('ES256'));

  const tokens = await client.clientCredentialsGrant(machine, { scope: 'read:messages' }, { DPoP });

  expect(tokens.token_type).toBe('dpop');
  expect(decodeJwt(tokens.access_token)['cnf']).toEqual({ jkt: await DPoP.calculateThumbprint() });
});
