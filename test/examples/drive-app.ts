import { mkdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, Page, Request } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchChromium } from '../browser/chromium.ts';
import { type App, buildApp } from './build-app.ts';
import { askAgain, came, fields, problem, refused, signIn, signInButton } from './screen.ts';
import { type ServedFolder, serveFolder } from './serve-folder.ts';
import { otherAudience, type Stage, startStage } from './stage.ts';
import { type Visit, visit } from './visit.ts';

const artifacts = fileURLToPath(new URL('../../artifacts/examples', import.meta.url));

let stage: Stage;

/** What each of the apps must do, in a browser, against the API and the local issuer. */
export function driveApp(app: App): void {
  let browser: Browser;
  beforeAll(async () => {
    [browser, stage] = await Promise.all([launchChromium(), startStage()]);
    await mkdir(artifacts, { recursive: true });
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  const built: Built[] = [];
  let usual: Built;
  let forOther: Built;
  let forNobody: Built;
  beforeAll(async () => {
    usual = await build(app);
    forOther = await build(app, { VITE_AUDIENCE: otherAudience });
    forNobody = await build(app, { VITE_AUDIENCE: 'https://nobody.example' });
    built.push(usual, forOther, forNobody);
  }, 60_000);
  afterAll(() => Promise.all(built.map((one) => one.close())));

  let person: Visit;
  let page: Page;
  const open = async (place: string, { origin } = usual): Promise<void> => {
    person = await visit(browser, `${origin}/${place}`);
    page = person.page;
  };
  beforeEach(() => stage.setApiAhead(0));
  afterEach(async () => {
    const { origins, complaints } = person;
    const own = new Set([stage.api.url, stage.issuer.url].map((url) => new URL(url).origin));
    expect([...origins].filter((origin) => !own.has(origin))).toEqual([new URL(page.url()).origin]);
    expect(complaints).toEqual([]);
    await person.close();
  });

  test('shows what is public without a sign-in', async () => {
    await open('');

    await came(page, 'public').waitFor();

    expect(await page.getByText('Not signed in').isVisible()).toBe(true);
    expect(sentTokens(person.requests)).toEqual([undefined]);
    await picture(page, app, 'public');
  });

  test('signs in, and shows what a scope opens; tokens stay in the tab', async () => {
    await open('#scoped');
    await refused(page, 'privateScoped').waitFor();

    await signIn(page, 'Manager');

    await came(page, 'privateScoped').waitFor();
    expect(new URL(page.url()).search).toBe('');
    expect(await page.getByRole('banner').textContent()).toContain('Manager read:messages');
    expect(await page.evaluate('localStorage.length')).toBe(0);
    await page.reload();
    await came(page, 'privateScoped').waitFor();
    expect(await page.getByText('Not signed in').count()).toBe(0);
  });

  test('says which scope is missing, and signs in with it', async () => {
    await open('#admin');
    await signIn(page, 'Manager');
    await refused(page, 'admin').getByText('lacks admin:write').waitFor();
    await picture(page, app, 'forbidden');

    await page.getByRole('button', { name: 'Sign in with admin:write' }).click();
    await page.getByRole('button', { name: 'Administrator' }).click();

    await came(page, 'admin').waitFor();
    expect(await page.getByRole('banner').textContent()).toContain('Administrator');
  });

  test('shows what came beside what was refused', async () => {
    await open('#all');
    await refused(page, 'admin').waitFor();
    expect(await fields(page)).toEqual([['public'], ['private', 'privateScoped', 'admin']]);
    await picture(page, app, 'partial-anonymous');

    await signIn(page, 'Manager');

    await came(page, 'privateScoped').waitFor();
    expect(await fields(page)).toEqual([['public', 'private', 'privateScoped'], ['admin']]);
    await picture(page, app, 'partial');
    await page.emulateMedia({ colorScheme: 'dark' });
    await picture(page, app, 'partial-dark');
  });

  test('renews a token whose time is over before it sends it', async () => {
    await open('#private');
    await signIn(page, 'Guest');
    await came(page, 'private').waitFor();
    const before = sentTokens(person.requests).length;
    await page.clock.setFixedTime(Date.now() + 2 * 60 * 60 * 1000);

    await askAgain(page);
    await askAgain(page);

    await came(page, 'private').waitFor();
    // As many as were asked for: none was refused and sent again.
    expect(sentTokens(person.requests).length - before).toBe(2);
    expect(renewals(person.requests)).toBe(1);
  });

  test('renews a token once that the API refuses, and nobody notices', async () => {
    await open('#private');
    await signIn(page, 'Guest');
    await came(page, 'private').waitFor();
    const before = sentTokens(person.requests).length;
    stage.setApiAhead(2 * 60 * 60);
    await page.route('**/oauth/token', async (route) => {
      stage.setApiAhead(0);
      await route.continue();
    });

    await askAgain(page);

    await came(page, 'private').waitFor();
    // The refused one, and the same once more.
    expect(sentTokens(person.requests).length - before).toBe(2);
    expect(renewals(person.requests)).toBe(1);
  });

  test('asks for a sign-in when the token cannot be renewed, and goes on from there', async () => {
    await open('#scoped');
    await signIn(page, 'Manager');
    await came(page, 'privateScoped').waitFor();
    const before = sentTokens(person.requests).length;
    await stage.issuer.stop();
    await stage.issuer.start();
    stage.setApiAhead(2 * 60 * 60);

    await askAgain(page);

    await problem(page, 'Your sign-in has ended: sign in again.').waitFor();
    await refused(page, 'privateScoped').waitFor();
    expect(renewals(person.requests)).toBe(1);
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
    // Once with the token, and then without it.
    const sent = sentTokens(person.requests).slice(before);
    expect(sent[0]).toBeDefined();
    expect(new Set(sent.slice(1))).toEqual(new Set([undefined]));
    await picture(page, app, 'ended');
    stage.setApiAhead(0);
    await signIn(page, 'Manager');
    await came(page, 'privateScoped').waitFor();
  });

  test('signs out here and at the issuer', async () => {
    await open('#private');
    await signIn(page, 'Manager');
    await came(page, 'private').waitFor();

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();

    await came(page, 'public').waitFor();
    expect(await page.getByText('Not signed in').isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('button', { name: 'Guest' }).click();
    await page.getByText('no scopes').waitFor();
  });

  describe('says in one sentence what is wrong, and the mend:', () => {
    test('the sign-in is cancelled', async () => {
      await open('#private');
      await signInButton(page).click();

      await page.getByRole('button', { name: 'Cancel' }).click();

      await problem(page, 'The sign-in was cancelled: nothing has changed').waitFor();
      expect(new URL(page.url())).toMatchObject({ search: '', hash: '#private' });
      await signIn(page, 'Guest');
      await came(page, 'private').waitFor();
      expect(await page.getByRole('alert').count()).toBe(0);
    });

    test('a further sign-in is cancelled: who is signed in stays so', async () => {
      await open('#admin');
      await signIn(page, 'Manager');
      await page.getByRole('button', { name: 'Sign in with admin:write' }).click();

      await page.getByRole('button', { name: 'Cancel' }).click();

      await problem(page, 'The sign-in was cancelled').waitFor();
      expect(await page.getByRole('banner').textContent()).toContain('Manager');
    });

    test('a sign-in is finished that was never begun', async () => {
      await open('?code=some&state=unknown');

      await problem(page, 'The sign-in could not be finished: start it again').waitFor();
      expect(new URL(page.url()).search).toBe('');
    });

    test('the issuer cannot be reached', async () => {
      await open('');
      await came(page, 'public').waitFor();
      await stage.issuer.stop();
      try {
        await signInButton(page).click();
        await problem(page, `The issuer cannot be reached at ${stage.issuer.url}`).waitFor();
      } finally {
        await stage.issuer.start();
      }
    });

    test('what answers in the place of the issuer is none', async () => {
      await open('');
      await page.route('**/.well-known/openid-configuration', (route) =>
        route.fulfill({ contentType: 'text/html', body: '<h1>Hello</h1>' }),
      );

      await signInButton(page).click();

      await problem(page, 'start it, or check VITE_ISSUER').waitFor();
    });

    test('the issuer cannot be reached for a renewal, which ends nothing', async () => {
      await open('#private');
      await signIn(page, 'Guest');
      await came(page, 'private').waitFor();
      await page.clock.setFixedTime(Date.now() + 2 * 60 * 60 * 1000);
      await page.route('**/oauth/token', (route) => route.abort());

      await askAgain(page);

      await problem(page, `The issuer cannot be reached at ${stage.issuer.url}`).waitFor();
      await page.unroute('**/oauth/token');
      await askAgain(page);
      await came(page, 'private').waitFor();
    });

    test('the API cannot be reached', async () => {
      await stage.api.stop();
      try {
        await open('');
        await problem(page, `The API cannot be reached at ${stage.api.url}`).waitFor();
        await picture(page, app, 'unreachable');
      } finally {
        await stage.api.start();
      }
      await askAgain(page);
      await came(page, 'public').waitFor();
    });

    test('a clock is wrong', async () => {
      await open('#private');
      await signIn(page, 'Guest');
      await came(page, 'private').waitFor();

      stage.setApiAhead(2 * 60 * 60);
      await askAgain(page);

      await page.getByText('set the clocks of the API and of the issuer right').waitFor();
      expect(renewals(person.requests)).toBe(1);
    });

    test('the token is for another API', async () => {
      await open('#private', forOther);
      await signIn(page, 'Guest');

      await page.getByText(`check VITE_AUDIENCE (${otherAudience})`).waitFor();
      await picture(page, app, 'audience');
    });

    test('the issuer knows no such API', async () => {
      await open('#private', forNobody);
      await signInButton(page).click();

      await problem(page, 'The issuer knows no such API: check VITE_AUDIENCE').waitFor();
    });
  });

  test('can be used with the keyboard alone', async () => {
    await open('');
    await came(page, 'public').waitFor();
    const reached: unknown[] = [];
    for (let step = 0; step < 7; step += 1) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate('document.activeElement.textContent'));
    }
    expect(reached).toEqual([
      'Sign in',
      'Public',
      'Private',
      'Scoped',
      'Admin',
      'All',
      'Ask again',
    ]);
  });
}

interface Built extends ServedFolder {
  readonly folder: string;
}

async function build(
  app: App,
  settings: Readonly<Record<`VITE_${string}`, string>> = {},
): Promise<Built> {
  const folder = await buildApp(app, {
    VITE_ISSUER: stage.issuer.url,
    VITE_ENDPOINT: stage.api.url,
    ...settings,
  });
  const { origin, close } = await serveFolder(folder);
  return {
    folder,
    origin,
    async close() {
      await close();
      await rm(folder, { recursive: true });
    },
  };
}

/** The Authorization header of each request that reached for the API, in order. */
function sentTokens(requests: readonly Request[]): (string | undefined)[] {
  return requests
    .filter((request) => request.url().startsWith(stage.api.url) && request.method() !== 'OPTIONS')
    .map((request) => request.headers()['authorization']);
}

function renewals(requests: readonly Request[]): number {
  return requests.filter((request) => request.postData()?.includes('grant_type=refresh_token'))
    .length;
}

/** Pictures for people to look at, wide and narrow. */
async function picture(page: Page, app: App, name: string): Promise<void> {
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 });
    await page.screenshot({ path: `${artifacts}/${app}-${name}-${width}.png`, fullPage: true });
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  }
}
