import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CookieJar, signInAs } from '../../src/local-issuer/sign-in.ts';
import { authorizationUrl, type IssuerFixture, startIssuer } from './issuer-fixture.ts';

let issuer: IssuerFixture;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());

/** The login page of an authorization request, and what is needed to submit it. */
async function openLoginPage(changes: Readonly<Record<string, string>> = {}) {
  const jar = new CookieJar();
  const start = await fetch(authorizationUrl(issuer.issuer, changes), { redirect: 'manual' });
  jar.store(start.headers);
  const url = new URL(start.headers.get('location') ?? '', issuer.issuer);
  const response = await fetch(url, { headers: { cookie: jar.header() } });
  return { url, jar, response, html: await response.text() };
}

function post(url: URL, jar: CookieJar, body: string, headers: Record<string, string> = {}) {
  return fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      cookie: jar.header(),
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    },
    body,
  });
}

function expectStrict(response: Response, html: string): void {
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; img-src data:; form-action /,
  );
  expect(policy).toContain("base-uri 'none'; frame-ancestors 'none'");
  expect(html).not.toMatch(/<script|javascript:|\son\w+=|@import|url\(|style="/i);
  for (const [, target = ''] of html.matchAll(/(?:src|href|action)="([^"]*)"/g)) {
    expect(new URL(target, issuer.issuer).href).toMatch(new RegExp(`^(data:,|${issuer.issuer})`));
  }
}

describe('the login page', () => {
  test('lists the test users with their scopes, under a strict policy', async () => {
    const { response, html } = await openLoginPage({ scope: 'openid read:messages admin:write' });

    expect(response.status).toBe(200);
    expectStrict(response, html);
    const buttons = [...html.matchAll(/<button[^>]* value="(\w+)">([\s\S]*?)<\/button>/g)].map(
      ([, name, content = '']) => [
        name,
        content
          .replace(/<[^>]+>/g, ' ')
          .replace(/\s+/g, ' ')
          .trim(),
      ],
    );
    expect(buttons).toEqual([
      ['manager', 'Manager read:messages →'],
      ['administrator', 'Administrator read:messages write:messages admin:write →'],
      ['guest', 'Guest no permissions →'],
      ['yes', 'Cancel'],
    ]);
    expect(html).toContain('and requests <code>read:messages</code> <code>admin:write</code>.');
    expect(html).not.toContain('autofocus');
  });

  test('suggests the user of login_hint', async () => {
    const { html } = await openLoginPage({ login_hint: 'administrator' });

    expect(html).toMatch(/autofocus name="login" value="administrator"/);
  });

  test.each([
    ['http://localhost:5173/callback', ' http://localhost:5173;'],
    ['http://127.0.0.1/callback', ' http://127.0.0.1;'],
    // A policy cannot name an IPv6 address.
    ['http://[::1]:5173/callback', ' http:;'],
  ])('allows its form to redirect to %s', async (redirectUri, source) => {
    const { response } = await openLoginPage({ redirect_uri: redirectUri });

    expect(response.headers.get('content-security-policy')).toContain(
      `form-action 'self'${source}`,
    );
  });

  test.each(['login_hint', 'state', 'ui_locales', 'audience_name'])(
    'shows nothing of a hostile %s',
    async (parameter) => {
      const { response, html } = await openLoginPage({
        [parameter]: 'x"><script>alert(1)</script>',
      });

      expectStrict(response, html);
      expect(html).not.toContain('alert(1)');
    },
  );

  test('escapes the redirect URI', async () => {
    const redirectUri = 'http://localhost:5173/?q="><img src=x>&amp;\'';
    const { response, html } = await openLoginPage({ redirect_uri: redirectUri });

    expectStrict(response, html);
    expect(html).toContain('http://localhost:5173/?q=&quot;&gt;&lt;img src=x&gt;&amp;amp;&#39;');
  });

  test('returns the state unchanged', async () => {
    const state = '"><script>&x=1#';
    const { url, jar } = await openLoginPage({ state });
    const chosen = await post(url, jar, 'login=guest');
    jar.store(chosen.headers);
    const back = await fetch(new URL(chosen.headers.get('location') ?? '', url), {
      redirect: 'manual',
      headers: { cookie: jar.header() },
    });

    const location = new URL(back.headers.get('location') ?? '');
    expect(location.searchParams.get('state')).toBe(state);
    expect(location.searchParams.get('code')).toEqual(expect.any(String));
  });

  test('can be canceled', async () => {
    const { url, jar } = await openLoginPage();
    const left = await post(url, jar, 'cancel=yes');
    jar.store(left.headers);
    const back = await fetch(new URL(left.headers.get('location') ?? '', url), {
      redirect: 'manual',
      headers: { cookie: jar.header() },
    });

    expect(new URL(back.headers.get('location') ?? '').searchParams.get('error')).toBe(
      'access_denied',
    );
  });

  test.each([
    ['an unknown user', 'login=nobody', {}, 400],
    ['nothing', '', {}, 400],
    ['too much', `login=${'x'.repeat(2000)}`, {}, 413],
    ['another content type', '{"login":"guest"}', { 'content-type': 'application/json' }, 415],
    ['another site', 'login=guest', { 'sec-fetch-site': 'cross-site' }, 403],
  ])('rejects a form with %s', async (_case, body, headers, status) => {
    const { url, jar } = await openLoginPage();

    const response = await post(url, jar, body, headers);

    expect(response.status).toBe(status);
    expectStrict(response, await response.text());
  });

  test.each([
    ['without its cookie', 'GET'],
    ['posted to without its cookie', 'POST'],
  ])('says that a sign-in has expired when opened %s', async (_case, method) => {
    const { url } = await openLoginPage();

    const response = await fetch(url, { method });

    expect(response.status).toBe(400);
    const html = await response.text();
    expectStrict(response, html);
    expect(html).toContain('This sign-in has expired');
  });
});

test.each([
  ['an unknown client', { client_id: '<b>x</b>' }, 'invalid_client'],
  ['a foreign redirect', { redirect_uri: 'https://evil.example/"><b>' }, 'invalid_redirect_uri'],
])('the error page for %s has a strict policy too', async (_case, changes, error) => {
  const response = await fetch(authorizationUrl(issuer.issuer, changes), { redirect: 'manual' });

  const html = await response.text();
  expectStrict(response, html);
  expect(html).toContain(`<code>${error}</code>`);
  expect(html).not.toContain('<b>');
});

test('the front page and the page after signing out have a strict policy too', async () => {
  for (const path of ['', 'oidc/logout/success']) {
    const response = await fetch(new URL(path, issuer.issuer));

    expect(response.status).toBe(200);
    expectStrict(response, await response.text());
  }
});

test('signing out asks first, then redirects to the client', async () => {
  const jar = new CookieJar();
  const tokens = await signInAs({
    issuer: issuer.issuer,
    user: 'guest',
    scope: 'openid',
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      jar.store(response.headers);
      return response;
    },
  });
  const url = new URL('oidc/logout', issuer.issuer);
  url.searchParams.set('id_token_hint', tokens.id_token ?? '');
  url.searchParams.set('post_logout_redirect_uri', 'http://localhost:5173/bye');

  const page = await fetch(url, { headers: { cookie: jar.header() } });

  const html = await page.text();
  expectStrict(page, html);
  expect(page.headers.get('content-security-policy')).toContain("'self' http://localhost:5173;");
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(html)?.[1];
  const done = await post(
    new URL('oidc/logout/confirm', issuer.issuer),
    jar,
    `xsrf=${xsrf}&logout=yes`,
  );
  expect(done.headers.get('location')).toBe('http://localhost:5173/bye');
});
