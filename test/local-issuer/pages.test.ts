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

/** The users of a login page, with what they can grant and whether the focus is on them. */
function usersOn(html: string): string[] {
  const text = (part: string) =>
    part
      .replace(/<[^>]+>/g, '')
      .replace(/\s+/g, ' ')
      .trim();
  const pattern =
    /<button class="user[^>]* name="login"[^>]*>\s*<strong[^>]*>(.*?)<\/strong>\s*<span class="scopes"[^>]*>([\s\S]*?)<\/span>\s*<span class="arrow"/g;
  return [...html.matchAll(pattern)].map(([button, name = '', scopes = '']) => {
    const isFocused = button.split('>')[0]?.includes('autofocus');
    return `${name}: ${text(scopes)}${isFocused ? ' (focused)' : ''}`;
  });
}

function expectStrict(response: Response, html: string, application = issuer.issuer): void {
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; img-src data:; form-action /,
  );
  expect(policy).toContain("base-uri 'none'; frame-ancestors 'none'");
  expect(html).not.toMatch(/<script|javascript:|\son\w+=|@import|url\(|style="/i);
  for (const [, target = ''] of html.matchAll(/(?:src|href|action)="([^"]*)"/g)) {
    const { href } = new URL(target, issuer.issuer);
    expect(href).toMatch(new RegExp(`^(data:,|${issuer.issuer}|${application})`));
  }
  expect(html).toMatch(/<main>\s*<h1>/);
}

describe('the login page', () => {
  test('lists what each test user can grant, under a strict policy', async () => {
    const { response, html } = await openLoginPage({ scope: 'openid read:messages admin:write' });

    expect(response.status).toBe(200);
    expectStrict(response, html);
    expect(usersOn(html)).toEqual([
      'Manager: can grant read:messages cannot grant admin:write',
      'Administrator: can grant read:messages admin:write (focused)',
      'Guest: cannot grant read:messages admin:write',
    ]);
    expect(html).toContain('and requests <code>read:messages</code> <code>admin:write</code>.');
    expect(html).toContain('You will be signed in without the scopes that the user cannot grant.');
    expect(html).toContain('<ul aria-label="Test users">');
  });

  test.each<[string, Record<string, string>, string[]]>([
    [
      'no scope of the API',
      { scope: 'openid profile email offline_access' },
      [
        'Manager: has read:messages (focused)',
        'Administrator: has read:messages write:messages admin:write',
        'Guest: has no scopes',
      ],
    ],
    [
      'a scope that several can grant: the first of them',
      { scope: 'read:messages' },
      [
        'Manager: can grant read:messages (focused)',
        'Administrator: can grant read:messages',
        'Guest: cannot grant read:messages',
      ],
    ],
    [
      'a scope that does not exist, and one twice: whoever can grant the most',
      { scope: 'admin:write admin:write write:typo' },
      [
        'Manager: cannot grant admin:write write:typo',
        'Administrator: can grant admin:write cannot grant write:typo (focused)',
        'Guest: cannot grant admin:write write:typo',
      ],
    ],
    [
      'a user in login_hint, and prompt=login: this user, whatever the scopes',
      { scope: 'admin:write', login_hint: 'guest', prompt: 'login' },
      [
        'Manager: cannot grant admin:write',
        'Administrator: can grant admin:write',
        'Guest: cannot grant admin:write (focused)',
      ],
    ],
    [
      'an unknown login_hint: as without',
      { scope: 'admin:write', login_hint: 'root' },
      [
        'Manager: cannot grant admin:write',
        'Administrator: can grant admin:write (focused)',
        'Guest: cannot grant admin:write',
      ],
    ],
    [
      'many scopes: the first six',
      { scope: 'a b c d e f g h' },
      [
        'Manager: cannot grant a b c d e f and 2 more (focused)',
        'Administrator: cannot grant a b c d e f and 2 more',
        'Guest: cannot grant a b c d e f and 2 more',
      ],
    ],
  ])('focuses the user who suits the request best, with %s', async (_case, changes, expected) => {
    const { response, html } = await openLoginPage(changes);

    expectStrict(response, html);
    expect(usersOn(html)).toEqual(expected);
  });

  test('lists all of many scopes on demand', async () => {
    const { html } = await openLoginPage({ scope: 'openid a b c d e f g h' });

    expect(html).toContain('and 2 more. Choose a test user');
    expect(html).toMatch(/<details><summary>All 8 requested scopes<\/summary>.*<code>h<\/code>/);
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
      expect(html).not.toContain('<script');
    },
  );

  test('escapes the scopes', async () => {
    const { response, html } = await openLoginPage({ scope: "<img>&'" });

    expectStrict(response, html);
    expect(html).toContain('<code>&lt;img&gt;&amp;&#39;</code>');
  });

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
    const html = await response.text();
    expectStrict(response, html);
    expect(html).toContain(`<p class="back"><a href="${url.pathname}">Back to the sign-in</a>`);
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

const application = 'http://localhost:5173/';

test.each([
  ['an unknown client', { client_id: '<b>x</b>' }, 'invalid_client', 'http://localhost:5173'],
  [
    'a foreign redirect',
    { redirect_uri: 'https://evil.example/"><b>' },
    'invalid_redirect_uri',
    '/',
  ],
])('the error page for %s has a strict policy too, and a way back', async (...row) => {
  const [, changes, error, back] = row;
  const response = await fetch(authorizationUrl(issuer.issuer, changes), { redirect: 'manual' });

  const html = await response.text();
  expectStrict(response, html, application);
  expect(html).toContain(`<code>${error}</code>`);
  expect(html).not.toContain('<b>');
  expect(html).toContain(`<p class="back"><a href="${back}">`);
});

test.each([
  ['GET', 'nothing/<b>here'],
  ['GET', 'oauth/token'],
  ['POST', '.well-known/openid-configuration'],
])('for browsers, %s /%s is a page that was not found', async (method, path) => {
  const accept = 'text/html,application/xhtml+xml,*/*;q=0.8';
  const response = await fetch(new URL(path, issuer.issuer), { method, headers: { accept } });

  expect(response.status).toBe(404);
  const html = await response.text();
  expectStrict(response, html);
  expect(html).toContain('<h1>Not found</h1>');
  expect(html).toContain('<p class="back"><a href="/">');
  expect(html).not.toContain('<b>');
});

test('programs get one word for a path that does not exist', async () => {
  const response = await fetch(new URL('nothing', issuer.issuer));

  expect([response.status, await response.text()]).toEqual([404, 'Not Found']);
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
