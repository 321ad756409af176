import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CookieJar } from '../../src/local-issuer/cookie-jar.ts';
import { signInAs } from '../../src/local-issuer/sign-in.ts';
import { authorizationUrl, type IssuerFixture, startIssuer } from './issuer-fixture.ts';

let issuer: IssuerFixture;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());

/** The login page of an authorization request, and what is needed to answer it. */
async function openLoginPage(changes: Readonly<Record<string, string>> = {}) {
  const jar = new CookieJar();
  const start = await fetch(authorizationUrl(issuer.issuer, changes), { redirect: 'manual' });
  jar.store(start.headers);
  const url = new URL(start.headers.get('location') ?? '', issuer.issuer);
  const answer = await fetch(url, { headers: { cookie: jar.header() } });
  return { url, jar, answer, html: await answer.text() };
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

function expectStrict(answer: Response, html: string): void {
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const policy = answer.headers.get('content-security-policy') ?? '';
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
  test('lists the people with what each may do, and is strict', async () => {
    const { answer, html } = await openLoginPage({ scope: 'openid read:messages admin:write' });

    expect(answer.status).toBe(200);
    expectStrict(answer, html);
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
    expect(html).toContain('and for <code>read:messages</code> <code>admin:write</code>.');
    expect(html).not.toContain('autofocus');
  });

  test('suggests whom login_hint names', async () => {
    const { html } = await openLoginPage({ login_hint: 'administrator' });

    expect(html).toMatch(/autofocus name="login" value="administrator"/);
  });

  test.each([
    ['http://localhost:5173/callback', ' http://localhost:5173;'],
    ['http://127.0.0.1/callback', ' http://127.0.0.1;'],
    // A policy cannot name an IPv6 address.
    ['http://[::1]:5173/callback', ' http:;'],
  ])('lets its form lead back to %s', async (redirectUri, source) => {
    const { answer } = await openLoginPage({ redirect_uri: redirectUri });

    expect(answer.headers.get('content-security-policy')).toContain(`form-action 'self'${source}`);
  });

  test.each(['login_hint', 'state', 'ui_locales', 'audience_name'])(
    'shows nothing of a hostile %s',
    async (parameter) => {
      const { answer, html } = await openLoginPage({ [parameter]: 'x"><script>alert(1)</script>' });

      expectStrict(answer, html);
      expect(html).not.toContain('alert(1)');
    },
  );

  test('escapes where one returns to', async () => {
    const redirectUri = 'http://localhost:5173/?q="><img src=x>&amp;\'';
    const { answer, html } = await openLoginPage({ redirect_uri: redirectUri });

    expectStrict(answer, html);
    expect(html).toContain('http://localhost:5173/?q=&quot;&gt;&lt;img src=x&gt;&amp;amp;&#39;');
  });

  test('gives the state back untouched', async () => {
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

  test('can be left', async () => {
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
    ['nobody', 'login=nobody', {}, 400],
    ['nothing', '', {}, 400],
    ['too much', `login=${'x'.repeat(2000)}`, {}, 413],
    ['another content type', '{"login":"guest"}', { 'content-type': 'application/json' }, 415],
    ['another site', 'login=guest', { 'sec-fetch-site': 'cross-site' }, 403],
  ])('refuses a form with %s', async (_case, body, headers, status) => {
    const { url, jar } = await openLoginPage();

    const answer = await post(url, jar, body, headers);

    expect(answer.status).toBe(status);
    expectStrict(answer, await answer.text());
  });

  test.each([
    ['without its cookie', 'GET'],
    ['posted to without its cookie', 'POST'],
  ])('says that a sign-in is over when opened %s', async (_case, method) => {
    const { url } = await openLoginPage();

    const answer = await fetch(url, { method });

    expect(answer.status).toBe(400);
    const html = await answer.text();
    expectStrict(answer, html);
    expect(html).toContain('This sign-in is over');
  });
});

test.each([
  ['an unknown client', { client_id: '<b>x</b>' }, 'invalid_client'],
  ['a foreign redirect', { redirect_uri: 'https://evil.example/"><b>' }, 'invalid_redirect_uri'],
])('the error page for %s is strict too', async (_case, changes, error) => {
  const answer = await fetch(authorizationUrl(issuer.issuer, changes), { redirect: 'manual' });

  const html = await answer.text();
  expectStrict(answer, html);
  expect(html).toContain(`<code>${error}</code>`);
  expect(html).not.toContain('<b>');
});

test('the front door and the page after signing out are strict too', async () => {
  for (const path of ['', 'oidc/logout/success']) {
    const answer = await fetch(new URL(path, issuer.issuer));

    expect(answer.status).toBe(200);
    expectStrict(answer, await answer.text());
  }
});

test('signing out asks first, then leads back to the client', async () => {
  const jar = new CookieJar();
  const tokens = await signInAs({
    issuer: issuer.issuer,
    user: 'guest',
    scope: 'openid',
    fetch: async (input, init) => {
      const answer = await fetch(input, init);
      jar.store(answer.headers);
      return answer;
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
