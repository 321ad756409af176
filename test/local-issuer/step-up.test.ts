import { decodeJwt } from 'jose';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CookieJar, signInAs } from '../../src/local-issuer/sign-in.ts';
import { asBrowser, authorizationUrl, type IssuerFixture, startIssuer } from './issuer-fixture.ts';

let issuer: IssuerFixture;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());

const now = () => Math.floor(Date.now() / 1000);

describe('a token states when and how the user signed in', () => {
  test.each([
    [undefined, undefined],
    ['urn:example:mfa', 'urn:example:mfa'],
    ['urn:example:best urn:example:good', 'urn:example:best'],
  ])('acr_values %s gives acr %s', async (acrValues, acr) => {
    const before = now();
    const tokens = await signInAs({
      issuer: issuer.issuer,
      user: 'manager',
      ...(acrValues === undefined ? {} : { acrValues }),
    });
    const claims = decodeJwt(tokens.access_token);
    expect(claims['acr']).toBe(acr);
    expect(claims['auth_time']).toBeGreaterThanOrEqual(before);
    expect(claims['auth_time']).toBeLessThanOrEqual(now());
  });

  test('after a renewal too', async () => {
    const first = await signInAs({ issuer: issuer.issuer, user: 'guest', acrValues: 'strong' });
    const second = await client.refreshTokenGrant(
      await asBrowser(issuer.issuer),
      first.refresh_token ?? '',
    );
    const { acr, auth_time: time } = decodeJwt(second.access_token);
    expect([acr, time]).toEqual(['strong', decodeJwt(first.access_token)['auth_time']]);
  });
});

describe('a user who is signed in', () => {
  /** Follows the redirects of an authorization request, signing in on each login page. */
  async function visit(jar: CookieJar, changes: Record<string, string>) {
    let url = authorizationUrl(issuer.issuer, changes);
    let signIns = 0;
    for (let step = 0; step < 10; step += 1) {
      const isLogin = url.pathname.startsWith('/sign-in/');
      if (isLogin) signIns += 1;
      const response = await fetch(url, {
        redirect: 'manual',
        headers: { cookie: jar.header() },
        ...(isLogin ? { method: 'POST', body: new URLSearchParams({ login: 'manager' }) } : {}),
      });
      await response.body?.cancel();
      jar.store(response.headers);
      url = new URL(response.headers.get('location') ?? '', url);
      if (url.port === '5173') return { signIns, error: url.searchParams.get('error') };
    }
    throw new Error('The issuer redirected too many times.');
  }

  test.each([
    [{}, 0],
    [{ acr_values: 'weak' }, 0],
    [{ acr_values: 'strong weak' }, 0],
    [{ acr_values: 'strong' }, 1],
    [{ max_age: '3600' }, 0],
    [{ max_age: '0' }, 1],
  ])('with the class weak, requested %j, signs in again %i times', async (changes, times) => {
    const jar = new CookieJar();
    expect(await visit(jar, { acr_values: 'weak' })).toEqual({ signIns: 1, error: null });
    expect(await visit(jar, changes as Record<string, string>)).toEqual({
      signIns: times,
      error: null,
    });
  });

  test('is not stepped up without a prompt', async () => {
    const jar = new CookieJar();
    await visit(jar, {});
    expect(await visit(jar, { prompt: 'none', acr_values: 'strong' })).toEqual({
      signIns: 0,
      error: 'login_required',
    });
  });
});

test('the login page names the requested class', async () => {
  const jar = new CookieJar();
  const start = await fetch(authorizationUrl(issuer.issuer, { acr_values: 'a&b urn:mfa' }), {
    redirect: 'manual',
  });
  jar.store(start.headers);
  const page = await fetch(new URL(start.headers.get('location') ?? '', issuer.issuer), {
    headers: { cookie: jar.header() },
  });
  expect(await page.text()).toContain(
    'requires the authentication class <code>a&amp;b</code> or <code>urn:mfa</code>.',
  );
});
