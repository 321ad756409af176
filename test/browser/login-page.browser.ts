import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  authorizationUrl,
  type IssuerFixture,
  knownScopes,
  startIssuer,
} from '../local-issuer/issuer-fixture.ts';
import { saveScreenshot } from './browser-driver.ts';
import { launchChromium } from './chromium.ts';

const scopes = Array.from({ length: 22 }, (_, number) => `read:everything-of-kind-${number}`);

let issuer: IssuerFixture;
let browser: Browser;
beforeAll(async () => {
  [issuer, browser] = await Promise.all([
    startIssuer(knownScopes(['read:messages', 'admin:write', ...scopes])),
    launchChromium(),
  ]);
});
afterAll(() => Promise.all([browser?.close(), issuer?.close()]));

/** An authorization request that returns to a page of the issuer, where something listens. */
function requestUrl(changes: Readonly<Record<string, string>>): string {
  const redirectUri = new URL('callback', issuer.issuer).href;
  return authorizationUrl(issuer.issuer, { redirect_uri: redirectUri, ...changes }).href;
}

const signedIn = /\/callback\?code=/;

/** Opens an authorization request, and closes the window afterwards. */
async function inWindow(
  changes: Readonly<Record<string, string>>,
  use: (page: Page) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  const context = await browser.newContext(options);
  try {
    const page = await context.newPage();
    await page.goto(requestUrl(changes));
    await use(page);
  } finally {
    await context.close();
  }
}

const focused = (page: Page) => page.evaluate<string>('document.activeElement.value');

describe('the login page', () => {
  test('says what each user can grant, and is used by keyboard alone', () =>
    inWindow({ scope: 'openid read:messages admin:write' }, async (page) => {
      expect(
        await page.getByRole('list', { name: 'Test users' }).ariaSnapshot(),
      ).toMatchInlineSnapshot(`
        "- list "Test users":
          - listitem:
            - button "Manager can grant read:messages cannot grant admin:write":
              - strong: Manager
              - text: can grant
              - code: read:messages
              - text: cannot grant
              - code: admin:write
          - listitem:
            - button "Administrator can grant read:messages admin:write":
              - strong: Administrator
              - text: can grant
              - code: read:messages
              - code: admin:write
          - listitem:
            - button "Guest cannot grant read:messages admin:write":
              - strong: Guest
              - text: cannot grant
              - code: read:messages
              - code: admin:write"
      `);
      expect(await page.getByRole('main').getByRole('heading', { level: 1 }).textContent()).toBe(
        'Sign in',
      );
      expect(await focused(page)).toBe('administrator');
      const administrator = page.getByRole('button', { name: /^Administrator/ });
      expect(await administrator.evaluate((one) => one.matches(':focus-visible'))).toBe(true);

      const reached: string[] = [];
      for (let step = 0; step < 2; step += 1) {
        await page.keyboard.press('Tab');
        reached.push(await focused(page));
      }
      expect(reached).toEqual(['guest', 'yes']);
      await page.keyboard.press('Shift+Tab');
      await page.keyboard.press('Enter');

      await page.waitForURL(signedIn);
    }));

  test('focuses the hinted user, who signs in by one key, also in place of another', () =>
    inWindow({ login_hint: 'guest' }, async (page) => {
      await page.waitForURL(signedIn);

      await page.goto(requestUrl({ login_hint: 'manager', prompt: 'login' }));

      expect(await focused(page)).toBe('manager');
      await page.keyboard.press('Enter');
      await page.waitForURL(signedIn);
    }));

  test.each<[string, BrowserContextOptions]>([
    ['1280', { viewport: { width: 1280, height: 800 } }],
    ['1280-dark', { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' }],
    ['390', { viewport: { width: 390, height: 800 } }],
    ['320-dark', { viewport: { width: 320, height: 640 }, colorScheme: 'dark' }],
    // As with 1280 pixels and a zoom of 200 %.
    ['zoomed', { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }],
    ['forced-colors', { viewport: { width: 640, height: 800 }, forcedColors: 'active' }],
  ])('fits the window with many scopes: %s', (name, options) =>
    inWindow(
      { scope: ['openid', 'admin:write', ...scopes].join(' ') },
      async (page) => {
        await page.getByText('All 23 requested scopes').click();
        await saveScreenshot(page, `login-page-${name}`);

        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(
          true,
        );
        // In forced colors a button has a border, which must not cover the text above it.
        const cancel = await page.getByRole('button', { name: 'Cancel' }).boundingBox();
        const above = await page.locator('form > p').boundingBox();
        if (name === 'forced-colors') {
          expect(cancel?.y).toBeGreaterThan((above?.y ?? 0) + (above?.height ?? 0));
        }
      },
      options,
    ),
  );
});

test('a page that does not exist has the same look, and a way back', () =>
  inWindow({}, async (page) => {
    const response = await page.goto(new URL('nothing', issuer.issuer).href);
    expect(response?.status()).toBe(404);
    await saveScreenshot(page, 'issuer-not-found');

    await page.getByRole('link', { name: 'About the local issuer' }).click();

    await page.getByRole('heading', { name: 'Local issuer', exact: true }).waitFor();
  }));
