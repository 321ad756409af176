import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CookieJar, signInAs } from '../../src/local-issuer/sign-in.ts';
import {
  asBrowser,
  asMachine,
  authorizationUrl,
  type IssuerFixture,
  startIssuer,
} from './issuer-fixture.ts';

let issuer: IssuerFixture;
beforeAll(async () => {
  issuer = await startIssuer({ allowedOrigins: ['https://app.example'] });
});
afterAll(() => issuer.close());

describe('the token endpoint', () => {
  const requestToken = (origin: string) =>
    fetch(new URL('oauth/token', issuer.issuer), {
      method: 'POST',
      headers: { origin },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: 'local-machine',
        client_secret: 'local-machine-secret',
      }),
    });

  test.each(['http://localhost:5173', 'http://127.0.0.1:4000', 'https://app.example'])(
    'can be called from %s',
    async (origin) => {
      const response = await requestToken(origin);

      expect(response.status).toBe(200);
      expect(response.headers.get('access-control-allow-origin')).toBe(origin);
    },
  );

  test.each(['https://evil.example', 'http://localhost.evil.example', 'null'])(
    'cannot be called from %s',
    async (origin) => {
      const response = await requestToken(origin);

      expect(response.status).toBe(400);
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
      expect(await response.text()).not.toContain('access_token');
    },
  );
});

test('a client in an iframe gets a web message instead of a page', async () => {
  const jar = new CookieJar();
  await signInAs({
    issuer: issuer.issuer,
    user: 'manager',
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      jar.store(response.headers);
      return response;
    },
  });
  const url = authorizationUrl(issuer.issuer, {
    prompt: 'none',
    response_mode: 'web_message',
    scope: 'openid profile email offline_access read:messages',
  });

  const response = await fetch(url, { redirect: 'manual', headers: { cookie: jar.header() } });

  expect(response.status).toBe(200);
  expect(response.headers.get('x-frame-options')).toBeNull();
  expect(await response.text()).toMatch(/"code":"[^"]+".*"redirect_uri":"http:\/\/localhost:5173/);
});

test("Auth0's older logout endpoint redirects to the standard one", async () => {
  const url = new URL(
    'v2/logout?client_id=local-spa&returnTo=http://localhost:5173',
    issuer.issuer,
  );

  const response = await fetch(url, { redirect: 'manual' });

  expect(response.headers.get('location')).toBe(
    '/oidc/logout?client_id=local-spa&post_logout_redirect_uri=http%3A%2F%2Flocalhost%3A5173',
  );
});

describe('the UserInfo endpoint', () => {
  test('returns the claims of the granted scopes', async () => {
    const scope = 'openid email read:messages';
    const tokens = await signInAs({ issuer: issuer.issuer, user: 'manager', scope });

    const claims = await client.fetchUserInfo(
      await asBrowser(issuer.issuer),
      tokens.access_token,
      'manager',
    );

    expect(claims).toEqual({ sub: 'manager', email: 'manager@localhost', email_verified: true });
  });

  test.each<[string, () => Promise<string | undefined>]>([
    ['no token', async () => undefined],
    ['a token of another issuer', async () => 'Bearer x.y.z'],
    ['an ID token', async () => `Bearer ${(await signIn('openid')).id_token}`],
    [
      'a token without openid',
      async () => `Bearer ${(await signIn('read:messages')).access_token}`,
    ],
    [
      'a token that is bound to a key',
      async () => {
        const keyPair = await client.randomDPoPKeyPair();
        return `Bearer ${(await signIn('openid', keyPair)).access_token}`;
      },
    ],
    ['a token of a machine', async () => `Bearer ${await machineToken()}`],
  ])('rejects %s', async (_case, authorization) => {
    const value = await authorization();
    const response = await fetch(new URL('userinfo', issuer.issuer), {
      headers: value === undefined ? {} : { authorization: value },
    });

    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer realm="/);
    expect(await response.text()).toBe('');
  });

  test('can be called from loopback', async () => {
    const response = await fetch(new URL('userinfo', issuer.issuer), {
      method: 'OPTIONS',
      headers: { origin: 'http://localhost:5173', 'access-control-request-method': 'GET' },
    });

    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:5173');
  });
});

function signIn(scope: string, keyPair?: client.CryptoKeyPair) {
  const key = keyPair === undefined ? {} : { keyPair };
  return signInAs({ issuer: issuer.issuer, user: 'manager', scope, ...key });
}

async function machineToken(): Promise<string> {
  return (await client.clientCredentialsGrant(await asMachine(issuer.issuer), {})).access_token;
}
