import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CookieJar } from '../../src/local-issuer/sign-in.ts';
import { authorizationUrl, type IssuerFixture, startIssuer } from './issuer-fixture.ts';

let issuer: IssuerFixture;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());

interface Visit {
  /** Login pages that were shown. */
  readonly pages: number;
  /** Who is signed in afterwards, or the error. */
  readonly outcome: string | null;
}

/** Follows an authorization request as a browser does, and selects a user on the login page. */
async function visit(
  jar: CookieJar,
  changes: Readonly<Record<string, string>>,
  selected = 'administrator',
): Promise<Visit> {
  let request: { url: URL; body?: URLSearchParams } = {
    url: authorizationUrl(issuer.issuer, changes),
  };
  let pages = 0;
  for (let step = 0; step < 12; step += 1) {
    const { url, body } = request;
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: jar.header(), accept: 'text/html' },
      ...(body ? { method: 'POST', body } : {}),
    });
    jar.store(response.headers);
    const html = await response.text();
    const location = response.headers.get('location');
    if (location !== null) {
      const next = new URL(location, url);
      if (next.port === '5173') {
        return { pages, outcome: next.searchParams.get('error') ?? (await signedIn(jar)) };
      }
      request = { url: next };
    } else if (html.includes('name="login"')) {
      pages += 1;
      request = { url, body: new URLSearchParams({ login: selected }) };
    } else {
      // The form that oidc-provider submits to sign out the previous user.
      const action = /action="([^"]+)"/.exec(html)?.[1] ?? '';
      const fields = [...html.matchAll(/name="([^"]+)" value="([^"]+)"/g)];
      const body = new URLSearchParams(fields.map(([, name = '', value = '']) => [name, value]));
      request = { url: new URL(action, url), body };
    }
  }
  throw new Error('The issuer redirected too many times.');
}

/** The user of the session, by the `sub` that an ID token hint has to match. */
async function signedIn(jar: CookieJar): Promise<string> {
  for (const user of ['manager', 'administrator', 'guest']) {
    const url = authorizationUrl(issuer.issuer, { prompt: 'none', login_hint: user });
    const response = await fetch(url, { redirect: 'manual', headers: { cookie: jar.header() } });
    if (response.headers.get('location')?.includes('code=')) return user;
  }
  return 'no one';
}

describe('without a session', () => {
  test.each<[Record<string, string>, string, number]>([
    [{ login_hint: 'manager' }, 'manager', 0],
    [{ login_hint: 'guest', scope: 'openid admin:write' }, 'guest', 0],
    [{ login_hint: 'root' }, 'administrator', 1],
    [{ login_hint: '' }, 'administrator', 1],
    [{ login_hint: 'Manager' }, 'administrator', 1],
    [{ login_hint: 'manager', prompt: 'login' }, 'administrator', 1],
    [{ login_hint: 'manager', max_age: '60' }, 'administrator', 1],
    [{ login_hint: 'manager', acr_values: 'strong' }, 'administrator', 1],
    [{ login_hint: 'manager', prompt: 'none' }, 'login_required', 0],
  ])('%j signs in %s, with %i login pages', async (changes, outcome, pages) => {
    expect(await visit(new CookieJar(), changes)).toEqual({ pages, outcome });
  });
});

describe('while the guest is signed in', () => {
  test.each<[Record<string, string>, string, number]>([
    [{}, 'guest', 0],
    [{ login_hint: 'guest' }, 'guest', 0],
    [{ login_hint: 'manager' }, 'manager', 0],
    [{ login_hint: 'root' }, 'guest', 0],
    [{ login_hint: 'guest', prompt: 'login' }, 'administrator', 1],
    [{ login_hint: 'manager', prompt: 'login' }, 'administrator', 1],
    [{ login_hint: 'manager', prompt: 'none' }, 'login_required', 0],
    [{ login_hint: 'guest', prompt: 'none' }, 'guest', 0],
  ])('%j signs in %s, with %i login pages', async (changes, outcome, pages) => {
    const jar = new CookieJar();
    await visit(jar, { login_hint: 'guest' });

    expect(await visit(jar, changes)).toEqual({ pages, outcome });
  });
});
