import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { AppFixture } from './app-fixture.ts';
import {
  notAllowed,
  secondsLeft,
  shown,
  signIn,
  signInButton,
  takeScreenshots,
} from './app-page.ts';
import { message, post, signInWith, waitUntilLive } from './messages-page.ts';

/** The tests of an app's page with a subscription, and of tokens that are bound to a key. */
export function describeLive(fixture: AppFixture): void {
  const { app } = fixture;
  const apiRequests = (): string[] =>
    fixture.recorded
      .sentTokens(fixture.environment.api.url)
      .map((header) => header?.split(' ')[0] ?? 'none');

  describe('live', () => {
    test('requires a sign-in, then shows an event every second', async () => {
      const page = await fixture.open('#live');
      await notAllowed(page, 'clock').getByText('Sign-in required.').waitFor();
      await takeScreenshots(page, `${app}-live-refused`);

      await signIn(page, 'Guest');

      await shown(page, 'Token ends in').waitFor();
      await page.getByText('Live: an event every second').waitFor();
      const before = await time(page);
      await expect.poll(() => time(page)).not.toBe(before);
      await takeScreenshots(page, `${app}-live`);
      await page.emulateMedia({ colorScheme: 'dark' });
      await takeScreenshots(page, `${app}-live-dark`);
    });

    test('goes on with a new token when one ends', async () => {
      const page = await fixture.open('#live');
      await signIn(page, 'Guest');
      await shown(page, 'Token ends in').waitFor();
      let renewals = 0;
      await page.route('**/oauth/token', async (route) => {
        renewals += 1;
        fixture.environment.setApiAhead(0);
        await route.continue();
      });
      // For the browser, the token has an hour; for the API, it ends in six seconds.
      fixture.environment.setApiAhead((await secondsLeft(page)) - 6);
      await page.reload();
      await page.getByText('Live: an event every second').waitFor();

      await shown(page, 'Renewals on this page').getByText('1').waitFor({ timeout: 30_000 });

      await shown(page, 'Token ends in').getByText(/min/).waitFor();
      expect(renewals).toBe(1);
    });

    test('starts again when the token is renewed early', async () => {
      const page = await fixture.open('#live');
      await signIn(page, 'Guest');
      // Within the same second, the issuer would issue the same token.
      await shown(page, 'Token ends in')
        .getByText(/59 min 5[0-8] s/)
        .waitFor();

      await page.getByRole('button', { name: 'Renew token' }).click();
      await shown(page, 'Renewals on this page').getByText('1').waitFor();
      await shown(page, 'Token ends in')
        .getByText(/60 min|59 min 59 s/)
        .waitFor();
      expect(fixture.recorded.renewals()).toBe(1);
    });
  });

  describe('DPoP', () => {
    test('can be chosen before a sign-in', async () => {
      const page = await fixture.open('#private');
      await page.getByRole('button', { name: 'Use DPoP' }).click();

      await signIn(page, 'Guest');

      await shown(page, 'private').waitFor();
      await page.getByText('Tokens: DPoP').waitFor();
      expect(apiRequests().at(-1)).toBe('DPoP');
      await takeScreenshots(page, `${app}-dpop`);
      // A new sign-in keeps it, and signing out does not leave a token.
      await page.getByRole('link', { name: 'Scoped' }).click();
      await page.getByRole('button', { name: 'Sign in with read:messages' }).click();
      await page.getByRole('button', { name: 'Manager' }).click();
      await shown(page, 'privateScoped').waitFor();
      expect(apiRequests().at(-1)).toBe('DPoP');
    });

    test('can be switched on and off by a user who is signed in, without a prompt', async () => {
      const page = await fixture.open('#scoped');
      await signIn(page, 'Manager');
      await shown(page, 'privateScoped').waitFor();
      expect(apiRequests().at(-1)).toBe('Bearer');

      await page.getByRole('button', { name: 'Use DPoP' }).click();

      await page.getByText('Tokens: DPoP').waitFor();
      await shown(page, 'privateScoped').waitFor();
      expect(apiRequests().at(-1)).toBe('DPoP');
      await page.reload();
      await shown(page, 'privateScoped').waitFor();
      await page.getByRole('button', { name: 'Use Bearer' }).click();
      await page.getByText('Tokens: Bearer').waitFor();
      await shown(page, 'privateScoped').waitFor();
      expect(apiRequests().at(-1)).toBe('Bearer');
    });

    test('is kept by a renewal, with a new proof for each request', async () => {
      const page = await fixture.open('#private');
      await page.getByRole('button', { name: 'Use DPoP' }).click();
      await signIn(page, 'Guest');
      await shown(page, 'private').waitFor();
      fixture.environment.setApiAhead(2 * 60 * 60);
      await page.route('**/oauth/token', async (route) => {
        fixture.environment.setApiAhead(0);
        await route.continue();
      });

      await page.getByRole('button', { name: 'Refetch' }).click();

      await expect.poll(() => fixture.recorded.renewals()).toBe(1);
      await shown(page, 'private').waitFor();
      expect(apiRequests().slice(-2)).toEqual(['DPoP', 'DPoP']);
    });

    test('works over WebSocket', async () => {
      const page = await fixture.open('#messages');
      await page.getByRole('button', { name: 'Use DPoP' }).click();
      await signIn(page, 'Manager');
      await waitUntilLive(page);
      await post(page, 'Anything');
      await signInWith(page, 'write:messages', 'Administrator');
      await waitUntilLive(page);
      await post(page, 'Bound to a key');
      await message(page, 'Bound to a key').waitFor();
      await page.getByRole('link', { name: 'Live' }).click();

      await page.getByText('Live: an event every second').waitFor();
    });

    test('can be chosen in vain: the sign-in is canceled', async () => {
      const page = await fixture.open('#private');
      await page.getByRole('button', { name: 'Use DPoP' }).click();
      await signInButton(page).click();
      await page.getByRole('button', { name: 'Cancel' }).click();

      await page.getByText('The sign-in was canceled. Nothing has changed.').waitFor();
      await page.getByRole('button', { name: 'Use Bearer' }).click();
      await signIn(page, 'Guest');
      await shown(page, 'private').waitFor();
      expect(apiRequests().at(-1)).toBe('Bearer');
    });
  });
}

const time = (page: Page): Promise<string | null> =>
  shown(page, 'Time of the API').locator('dd').textContent();
