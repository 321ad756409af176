import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localAudience } from '../../src/server/configuration/issuer-configuration.ts';
import { openGraphiql } from './browser-driver.ts';
import { launchChromium } from './chromium.ts';
import {
  startEnvironment,
  type TestEnvironment,
  type TestEnvironmentOptions,
} from './environment.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

/** Runs a test in its own environment. */
async function inEnvironment(
  options: TestEnvironmentOptions,
  test: (environment: TestEnvironment) => Promise<void>,
): Promise<void> {
  const environment = await startEnvironment(options);
  try {
    await test(environment);
  } finally {
    await environment.close();
  }
}

describe('a message that says how to fix it', () => {
  test('popup blocked, popup closed, sign-in canceled in either window, issuer unreachable', () =>
    inEnvironment({}, async (environment) => {
      const { page, button, openSignIn, message, close } = await openGraphiql(browser, environment);

      await page.evaluate(() => {
        const { open } = window;
        window.open = () => {
          window.open = open;
          return null;
        };
      });
      await button('Sign in').click();
      await message
        .getByText('blocked the sign-in window. Allow popups for this page, then sign in again.')
        .waitFor();

      const closed = await openSignIn();
      await closed.getByRole('button', { name: 'Cancel' }).waitFor();
      await closed.close();
      await message
        .getByText(
          /was closed\. If it showed an error, add .* to the allowed callback URLs of local-spa/,
        )
        .waitFor();

      const canceled = await openSignIn();
      await canceled.getByRole('button', { name: 'Cancel' }).click();
      await message.getByText('The sign-in was canceled.').waitFor();
      await button('Dismiss').click();

      const left = await openSignIn();
      const gone = left.waitForEvent('close');
      await button('Cancel').click();
      await gone;
      await message.getByText('The sign-in was canceled.').waitFor();

      // After a reload, the page has not called the issuer yet.
      await page.reload();
      await button('Sign in').waitFor();
      await environment.stopIssuer();
      await button('Sign in').click();
      await message
        .getByText(`Can't reach the issuer at ${environment.issuer}. Check that it is running`)
        .waitFor();
      expect(await close()).toEqual([expect.stringContaining('ERR_CONNECTION_REFUSED')]);
    }));

  test('the clock is wrong', () =>
    inEnvironment({ now: () => new Date(Date.now() + 86_400_000) }, async (environment) => {
      const { run, signInAs, message, close } = await openGraphiql(browser, environment);
      await signInAs('Manager');

      expect((await run('Private')).status).toBe(401);
      await message.getByText('Sync them and sign in again.').waitFor();
      expect(await close()).toEqual([]);
    }));

  test('the token is for another audience', () =>
    inEnvironment({ audiences: ['https://other.example'] }, async (environment) => {
      const { run, signInAs, message, close } = await openGraphiql(browser, environment, {
        prepare: (page) =>
          page.route('**/graphiql/settings.json', async (route) => {
            const response = await route.fetch();
            const body = (await response.text()).replace('https://other.example', localAudience);
            await route.fulfill({ response, body });
          }),
      });
      await signInAs('Manager');

      expect((await run('Private')).status).toBe(401);
      await message.getByText('The token is for another API. Have the issuer').waitFor();
      expect(await close()).toEqual([]);
    }));

  test('the issuer does not know the API', () =>
    inEnvironment({ audiences: ['https://other.example'] }, async (environment) => {
      const { button, message, close } = await openGraphiql(browser, environment);

      await button('Sign in').click();
      await message
        .getByText("The issuer doesn't know the API https://other.example. Register it")
        .waitFor();
      expect(await close()).toEqual([]);
    }));

  test('the operation does not parse', () =>
    inEnvironment({}, async (environment) => {
      const { page, message, signInAs, close } = await openGraphiql(browser, environment);
      await page.goto(`${environment.endpoint}?${new URLSearchParams({ query: '{ private {' })}`);
      await signInAs('Manager');

      await page.locator('.graphiql-execute-button').click();
      await page.locator('.result-window').getByText('Syntax Error: Expected').waitFor();
      await page.getByRole('button', { name: /^400 Bad Request/ }).waitFor();
      expect(await message.textContent()).toBe('');
      // The page still works.
      await page.goto(
        `${environment.endpoint}?${new URLSearchParams({ query: '{ private { message } }' })}`,
      );
      await page.locator('.graphiql-execute-button').click();
      await page.locator('.result-window').getByText('"message"').waitFor();
      expect(await close()).toEqual([]);
    }));

  test('there is no client to sign in as', () =>
    inEnvironment(
      { environment: { OIDC_ISSUER: 'https://login.example.com/', OIDC_AUDIENCE: 'any' } },
      async (environment) => {
        const { button, message, close } = await openGraphiql(browser, environment);

        await message.getByText('To sign in here, set GRAPHIQL_CLIENT_ID').waitFor();
        expect(await button('Sign in').isVisible()).toBe(false);
        expect(await close()).toEqual([]);
      },
    ));
});

describe('a storage that is damaged', () => {
  test.each([
    ['accounts that are no JSON', 'session', 'graphiql-accounts', 'text'],
    ['accounts that are no list', 'session', 'graphiql-accounts', '{"current":"a","users":{}}'],
    [
      'an account without a token',
      'session',
      'graphiql-accounts',
      '{"current":"a","users":["{}"]}',
    ],
    ['a history that is no JSON', 'local', 'graphiql:queries', 'text'],
    ['tabs that are no list', 'local', 'graphiql:tabState', '{"tabs":{}}'],
  ])('does not keep the page from working: %s', (_name, kind, key, value) =>
    inEnvironment({}, async (environment) => {
      const { run, button, close } = await openGraphiql(browser, environment, {
        prepare: (page) =>
          page.addInitScript(
            (entry) => {
              const storage = entry.kind === 'local' ? localStorage : sessionStorage;
              storage.setItem(entry.key, entry.value);
            },
            { kind, key, value },
          ),
      });
      await button('Sign in').waitFor();
      expect((await run('Public')).status).toBe(200);
      expect(await close()).toEqual([]);
    }),
  );
});

describe('a token that expires', () => {
  test('is renewed silently, with a message if that fails', () =>
    inEnvironment({ accessTokenLifetime: 4 }, async (environment) => {
      const { page, run, signInAs, message, button, close } = await openGraphiql(
        browser,
        environment,
      );
      await signInAs('Manager');
      const end = page.locator('#bar time');
      const first = await end.getAttribute('datetime');

      await page.waitForFunction((before) => {
        const now = document.querySelector('#bar time')?.getAttribute('datetime');
        return now != null && now !== before;
      }, first);
      expect((await run('Scoped')).status).toBe(200);
      expect(await message.textContent()).toBe('');

      await page.route('**/oauth/token', (route) =>
        route.fulfill({
          status: 400,
          headers: { 'access-control-allow-origin': '*' },
          json: { error: 'invalid_grant' },
        }),
      );
      await message.getByText('Your session has expired. Sign in again.').waitFor();
      expect(await button('Sign in').isVisible()).toBe(true);

      await page.unroute('**/oauth/token');
      const [popup] = await Promise.all([
        page.waitForEvent('popup'),
        button('Sign in again').click(),
      ]);
      await popup.waitForEvent('close');
      await button('Sign out').waitFor();
      expect((await close()).filter((problem) => !problem.includes('400'))).toEqual([]);
    }));
});
