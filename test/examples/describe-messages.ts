import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { AppFixture } from './app-fixture.ts';
import { problem, secondsLeft, signIn, takeScreenshots } from './app-page.ts';
import {
  message,
  messages,
  newMessage,
  post,
  signInWith,
  untilPosted,
  waitUntilLive,
} from './messages-page.ts';

/** The tests of an app's page of messages. */
export function describeMessages(fixture: AppFixture): void {
  const { app } = fixture;

  /** Opens the page as an administrator who can post, and posts these messages. */
  const openAsWriter = async (...texts: readonly string[]): Promise<Page> => {
    const page = await fixture.open('#messages');
    await signIn(page, 'Manager');
    await post(page, 'Anything');
    await signInWith(page, 'write:messages', 'Administrator');
    await waitUntilLive(page);
    for (const text of texts) {
      await post(page, text);
      await message(page, text).waitFor();
      await untilPosted(page);
    }
    return page;
  };

  describe('messages', () => {
    test('are refused without the scope to read them, which is offered', async () => {
      const page = await fixture.open('#messages');
      await problem(page, 'Sign-in required.').waitFor();

      await signIn(page, 'Guest');

      await problem(page, 'Missing scope: read:messages.').waitFor();
      expect(await newMessage(page).count()).toBe(0);
      await takeScreenshots(page, `${app}-messages-refused`);
      await signInWith(page, 'read:messages', 'Manager');
      await waitUntilLive(page);
    });

    test('are read by the manager, who is offered the scope to post: the text is kept', async () => {
      const page = await fixture.open('#messages');
      await signIn(page, 'Manager');
      await waitUntilLive(page);
      await page.getByLabel('Private').check();
      await post(page, 'Kept during a sign-in');
      await problem(page, 'Missing scope: write:messages.').waitFor();
      await takeScreenshots(page, `${app}-messages-post-refused`);

      await signInWith(page, 'write:messages', 'Administrator');

      await waitUntilLive(page);
      expect(await newMessage(page).inputValue()).toBe('Kept during a sign-in');
      expect(await page.evaluate('sessionStorage.draft')).toBe(undefined);
      await page.getByRole('button', { name: 'Post' }).click();
      await message(page, 'Kept during a sign-in').getByText('private').waitFor();
      await untilPosted(page);
    });

    test('appear where others are reading, and are announced, unless they are private', async () => {
      const reader = await fixture.openElsewhere('#messages');
      await signIn(reader, 'Manager');
      await waitUntilLive(reader);
      const page = await openAsWriter('First live message');
      await message(reader, 'First live message').waitFor();
      await page.getByLabel('Private').check();
      await post(page, 'Private live message');
      await message(page, 'Private live message').waitFor();
      await untilPosted(page);
      await page.getByLabel('Private').uncheck();

      await post(page, 'Second live message');

      await message(reader, 'Second live message').waitFor();
      await reader
        .getByRole('status')
        .getByText('New message from administrator: Second live message')
        .waitFor();
      expect(await message(reader, 'Private live message').count()).toBe(0);
      // Its author gets it once, though both the response and an event contain it.
      expect(await message(page, 'Second live message').count()).toBe(1);
    });

    test('keep appearing after the token has been renewed', async () => {
      const page = await openAsWriter();
      const reader = await fixture.openElsewhere('#messages');
      await signIn(reader, 'Manager');
      await waitUntilLive(reader);
      let renewals = 0;
      await reader.route('**/oauth/token', async (route) => {
        renewals += 1;
        fixture.environment.setApiAhead(0);
        await route.continue();
      });
      const renewed = reader.waitForResponse('**/oauth/token', { timeout: 30_000 });
      // For the browser, the token has an hour; for the API, it ends in six seconds.
      fixture.environment.setApiAhead((await secondsLeft(reader)) - 6);
      await reader.reload();
      await waitUntilLive(reader);

      await renewed;
      await post(page, 'Posted during a renewal');

      await message(reader, 'Posted during a renewal').waitFor();
      await waitUntilLive(reader);
      await post(page, 'Posted after a renewal');
      await message(reader, 'Posted after a renewal').waitFor();
      expect(renewals).toBe(1);
    });

    test('keep appearing after the API was down', async () => {
      const page = await openAsWriter();

      await fixture.environment.api.stop();
      await page.getByText('Connecting…').waitFor();
      await fixture.environment.api.start();

      await waitUntilLive(page);
    });

    test('are edited and deleted, and a missing scope is offered', async () => {
      const page = await openAsWriter('To be edited');
      page.on('dialog', (dialog) => dialog.accept());

      await message(page, 'To be edited').getByRole('button', { name: 'Edit' }).click();
      await takeScreenshots(page, `${app}-messages-edit`);
      await page.locator('textarea:focus').fill('Edited');
      await page.getByRole('button', { name: 'Save' }).click();
      await message(page, 'Edited').getByText('· edited').waitFor();
      await page.locator('button:focus').getByText('Edit').waitFor();

      await message(page, 'Edited').getByRole('button', { name: 'Delete' }).click();
      await problem(page, 'Missing scope: delete:messages.').waitFor();
      await takeScreenshots(page, `${app}-messages-delete-refused`);
      await signInWith(page, 'delete:messages', 'Administrator');
      await message(page, 'Edited').getByRole('button', { name: 'Delete' }).click();
      await message(page, 'Edited').waitFor({ state: 'detached' });
      await page.locator('h2:focus').getByText('Messages').waitFor();
    });

    test('are loaded page by page, and reading continues at the first new one', async () => {
      const texts = Array.from({ length: 12 }, (_, number) => `Number ${number}`);
      const page = await openAsWriter(...texts);
      await page.reload();
      await waitUntilLive(page);
      expect(await messages(page).count()).toBe(10);
      await takeScreenshots(page, `${app}-messages`);
      await page.emulateMedia({ colorScheme: 'dark' });
      await takeScreenshots(page, `${app}-messages-dark`);

      await page.getByRole('button', { name: 'Load more' }).click();

      await message(page, 'Number 0').waitFor();
      await page.locator('li:focus').getByText('Number 1', { exact: true }).waitFor();
    });

    test('are rejected beside the field if their text is', async () => {
      const page = await openAsWriter();

      await post(page, ' ');

      await page.locator('textarea[aria-invalid="true"]:focus').waitFor();
      const description = await newMessage(page).getAttribute('aria-describedby');
      expect(await page.locator(`[id="${description}"]`).textContent()).toMatch(/text/i);
      await takeScreenshots(page, `${app}-messages-invalid`);
      await post(page, 'With a text');
      await message(page, 'With a text').waitFor();
      await untilPosted(page);
      expect(await newMessage(page).getAttribute('aria-invalid')).toBe('false');
    });

    test('are posted once if the response was lost', async () => {
      const page = await openAsWriter();
      await page.route(fixture.environment.api.url, async (route) => {
        await route.fetch();
        await route.abort();
      });
      await post(page, 'Only once');
      await problem(page, "Can't reach the API").waitFor();
      await page.unroute(fixture.environment.api.url);

      await page.getByRole('button', { name: 'Try again' }).click();

      await problem(page, "Can't reach the API").waitFor({ state: 'detached' });
      await page.reload();
      await message(page, 'Only once').waitFor();
      expect(await message(page, 'Only once').count()).toBe(1);
    });

    test('can be tried again if they are unavailable', async () => {
      const page = await fixture.open('#public');
      await signIn(page, 'Manager');
      await page.route(fixture.environment.api.url, (route) =>
        route.fulfill({
          status: 503,
          contentType: 'application/graphql-response+json',
          headers: { 'access-control-allow-origin': '*' },
          json: {
            errors: [{ message: 'Try again.', extensions: { code: 'SERVICE_UNAVAILABLE' } }],
          },
        }),
      );
      await page.getByRole('link', { name: 'Messages' }).click();
      await problem(page, 'Try again.').waitFor();
      await takeScreenshots(page, `${app}-messages-unavailable`);
      await page.unroute(fixture.environment.api.url);

      await page.getByRole('button', { name: 'Try again' }).click();

      await waitUntilLive(page);
    });
  });
}
