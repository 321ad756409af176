import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localAudience } from '../../src/server/configuration/issuer-configuration.ts';
import { launchChromium } from './chromium.ts';
import { visit } from './visitor.ts';
import { startWorld, type World, type WorldOptions } from './world.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

/** Runs in a world of its own. */
async function within(options: WorldOptions, what: (world: World) => Promise<void>): Promise<void> {
  const world = await startWorld(options);
  try {
    await what(world);
  } finally {
    await world.close();
  }
}

describe('one plain sentence, with the mend', () => {
  test('window blocked, window closed, sign-in cancelled here or there, issuer unreachable', () =>
    within({}, async (world) => {
      const { page, button, openSignIn, sentence, leave } = await visit(browser, world);

      await page.evaluate(() => {
        const { open } = window;
        window.open = () => {
          window.open = open;
          return null;
        };
      });
      await button('Sign in').click();
      await sentence
        .getByText('blocked the sign-in window: allow popups for this page, then sign in again.')
        .waitFor();

      const closed = await openSignIn();
      await closed.getByRole('button', { name: 'Cancel' }).waitFor();
      await closed.close();
      await sentence
        .getByText(`was closed. If it showed an error, let the client local-spa lead back to`)
        .waitFor();

      const cancelled = await openSignIn();
      await cancelled.getByRole('button', { name: 'Cancel' }).click();
      await sentence.getByText('The sign-in was cancelled. Nothing has changed.').waitFor();
      await button('Dismiss').click();

      const left = await openSignIn();
      const gone = left.waitForEvent('close');
      await button('Cancel').click();
      await gone;
      await sentence.getByText('The sign-in was cancelled. Nothing has changed.').waitFor();

      // The page has asked for nothing of the issuer yet when it is loaded again.
      await page.reload();
      await button('Sign in').waitFor();
      await world.stopIssuer();
      await button('Sign in').click();
      await sentence
        .getByText(`The issuer ${world.issuer} cannot be reached: see that it runs`)
        .waitFor();
      expect(await leave()).toEqual([expect.stringContaining('ERR_CONNECTION_REFUSED')]);
    }));

  test('the clock is wrong', () =>
    within({ now: () => new Date(Date.now() + 86_400_000) }, async (world) => {
      const { run, signInAs, sentence, leave } = await visit(browser, world);
      await signInAs('Manager');

      expect((await run('Private')).status).toBe(401);
      await sentence.getByText('set them right, then sign in again.').waitFor();
      expect(await leave()).toEqual([]);
    }));

  test('the token is for another audience', () =>
    within({ audiences: ['https://other.example'] }, async (world) => {
      const { run, signInAs, sentence, leave } = await visit(browser, world, {
        prepare: (page) =>
          page.route('**/graphiql/settings.js', async (route) => {
            const response = await route.fetch();
            const body = (await response.text()).replace('https://other.example', localAudience);
            await route.fulfill({ response, body });
          }),
      });
      await signInAs('Manager');

      expect((await run('Private')).status).toBe(401);
      await sentence.getByText('The token is for another API: have the issuer').waitFor();
      expect(await leave()).toEqual([]);
    }));

  test('the issuer does not know the API', () =>
    within({ audiences: ['https://other.example'] }, async (world) => {
      const { button, sentence, leave } = await visit(browser, world);

      await button('Sign in').click();
      await sentence.getByText('The issuer knows no API https://other.example: create').waitFor();
      expect(await leave()).toEqual([]);
    }));

  test('there is no client to sign in as', () =>
    within(
      { environment: { OIDC_ISSUER: 'https://login.example.com/', OIDC_AUDIENCE: 'any' } },
      async (world) => {
        const { button, sentence, leave } = await visit(browser, world);

        await sentence.getByText('To sign in here, set GRAPHIQL_CLIENT_ID').waitFor();
        expect(await button('Sign in').isVisible()).toBe(false);
        expect(await leave()).toEqual([]);
      },
    ));
});

describe('a token that ends', () => {
  test('is renewed in silence, and told of once that fails', () =>
    within({ accessTokenLifetime: 4 }, async (world) => {
      const { page, run, signInAs, sentence, button, leave } = await visit(browser, world);
      await signInAs('Manager');
      const end = page.locator('#bar time');
      const first = await end.getAttribute('datetime');

      await page.waitForFunction((before) => {
        const now = document.querySelector('#bar time')?.getAttribute('datetime');
        return now != null && now !== before;
      }, first);
      expect((await run('Scoped')).status).toBe(200);
      expect(await sentence.textContent()).toBe('');

      await page.route('**/oauth/token', (route) =>
        route.fulfill({
          status: 400,
          headers: { 'access-control-allow-origin': '*' },
          json: { error: 'invalid_grant' },
        }),
      );
      await sentence
        .getByText('Your sign-in has ended and could not be renewed: sign in again.')
        .waitFor();
      expect(await page.getByText('Not signed in').isVisible()).toBe(true);

      await page.unroute('**/oauth/token');
      const [popup] = await Promise.all([
        page.waitForEvent('popup'),
        button('Sign in again').click(),
      ]);
      await popup.waitForEvent('close');
      await button('Sign out').waitFor();
      expect((await leave()).filter((fault) => !fault.includes('400'))).toEqual([]);
    }));
});
