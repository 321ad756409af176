import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildFixtureApi } from '../support/fixture-api.ts';
import { type BrowserDriver, openGraphiql, saveScreenshot } from './browser-driver.ts';
import { launchChromium } from './chromium.ts';
import {
  startEnvironment,
  type TestEnvironment,
  type TestEnvironmentOptions,
} from './environment.ts';

/** The fixture, with a mutation, and with a stream whose second event is refused without a scope. */
const buildApi = () => {
  let posts = 0;
  return buildFixtureApi({
    typeDefs: /* GraphQL */ `
      type Mutation {
        post: Int @auth(scope: "admin:write")
      }
      extend type Subscription {
        news: News @auth
      }
      interface News {
        title: String
      }
      type OpenNews implements News {
        title: String
      }
      type SecretNews implements News @auth(scope: "admin:write") {
        title: String
      }
    `,
    resolvers: {
      Mutation: { post: () => ++posts },
      News: { __resolveType: ({ type }: { type: string }) => type },
      Subscription: {
        news: {
          async *subscribe() {
            yield { type: 'OpenNews', title: 'Open' };
            yield { type: 'SecretNews', title: 'Secret' };
            await new Promise(() => {});
          },
          resolve: (news: unknown) => news,
        },
      },
    },
  });
};

let environment: TestEnvironment;
let browser: Browser;
beforeAll(async () => {
  [environment, browser] = await Promise.all([
    startEnvironment({ api: buildApi() }),
    launchChromium(),
  ]);
});
afterAll(() => Promise.all([browser?.close(), environment?.close()]));

/** Opens GraphiQL for one test, which must not lead to unexpected requests or errors. */
async function inGraphiql(
  run: (driver: BrowserDriver) => Promise<void>,
  inEnvironment: TestEnvironment = environment,
  isExpected: (problem: string) => boolean = () => false,
): Promise<void> {
  const driver = await openGraphiql(browser, inEnvironment);
  let problems: readonly string[] = [];
  try {
    await run(driver);
  } finally {
    problems = await driver.close();
  }
  expect(problems.filter((problem) => !isExpected(problem))).toEqual([]);
}

/** Like `inGraphiql`, with settings of its own. */
async function withEnvironment(
  options: TestEnvironmentOptions,
  run: (driver: BrowserDriver) => Promise<void>,
  isExpected?: (problem: string) => boolean,
): Promise<void> {
  const own = await startEnvironment(options);
  try {
    await inGraphiql(run, own, isExpected);
  } finally {
    await own.close();
  }
}

/** Counts the sign-in windows. */
function countPopups(page: Page): () => number {
  let count = 0;
  page.on('popup', () => {
    count += 1;
  });
  return () => count;
}

/** For what takes several sign-ins. */
const slowly = { timeout: 15_000 };

const execute = (page: Page) => page.locator('.graphiql-execute-button');
const response = (page: Page) => page.locator('.result-window');
const wire = (page: Page) => page.getByRole('region', { name: 'HTTP response' });
const untilAnswered = (page: Page, status: string) => wire(page).getByText(status).waitFor();

describe('run as', () => {
  test('a test user signs in without a click, and going back needs no sign-in', () =>
    inGraphiql(async ({ page, run, runAs, button }) => {
      const popups = countPopups(page);
      await runAs('Manager');
      expect((await run('Scoped')).status).toBe(200);
      await runAs('Guest');
      expect((await run('Scoped')).status).toBe(403);
      expect(popups()).toBe(2);

      await runAs('Signed out');
      expect((await run('Scoped')).sent['authorization']).toBeUndefined();
      await runAs('Manager');
      expect((await run('Scoped')).status).toBe(200);
      await page.reload();
      await runAs('Guest');
      expect((await run('Private')).status).toBe(200);
      expect(popups()).toBe(2);

      await button('Sign out').click();
      await button('Sign in').waitFor();
      const stored = await page.evaluate(() => sessionStorage.getItem('graphiql-accounts') ?? '');
      expect([stored.includes('Manager'), stored.includes('Guest')]).toEqual([true, false]);
      await runAs('Guest');
      expect(popups()).toBe(3);
    }));

  test('the kind of token is kept for each account', () =>
    inGraphiql(async ({ page, run, runAs }) => {
      await page.getByText('DPoP', { exact: true }).click();
      await runAs('Manager');
      await runAs('Guest');
      await page.getByText('Bearer', { exact: true }).click();
      await expect
        .poll(async () => (await run('Private')).sent['authorization'])
        .toMatch(/^Bearer /);

      await runAs('Manager');
      expect((await run('Scoped')).sent['authorization']).toMatch(/^DPoP /);
      await runAs('Guest');
      expect((await run('Private')).sent['authorization']).toMatch(/^Bearer /);
    }));
});

describe('after a sign-in that was asked for', () => {
  test('a refused query runs again by itself', () =>
    inGraphiql(async ({ page, run, signInAs, message }) => {
      expect((await run('Scoped')).status).toBe(401);
      await signInAs('Manager');
      await untilAnswered(page, '200 OK');
      expect(await response(page).innerText()).toContain('read:messages');
      expect(await message.textContent()).toBe('');
    }));

  test('the bar says if the new account cannot be granted the scope, and who can', () =>
    inGraphiql(async ({ page, run, runAs, signInAs, message, button }) => {
      await runAs('Guest');
      expect((await run('Admin')).status).toBe(403);
      await signInAs('Manager', 'Sign in with admin:write');
      await message
        .getByText('Manager cannot be granted admin:write. Try Administrator.')
        .waitFor();

      await button('Run as Administrator').click();
      await untilAnswered(page, '200 OK');
      expect(await message.textContent()).toBe('');
    }));

  test('a mutation is offered to be run again', () =>
    inGraphiql(async ({ page, run, runAs, signInAs, message, button }) => {
      await runAs('Guest');
      expect((await run('Post')).status).toBe(403);
      await signInAs('Administrator', 'Sign in with admin:write');
      await message
        .getByText('Signed in as Administrator. The mutation has not been run again.')
        .waitFor();
      expect(await wire(page).count()).toBe(0);

      await button('Run again').click();
      await untilAnswered(page, '200 OK');
      expect(await response(page).innerText()).toMatch(/"post":\s*1/);
    }));
});

describe('a change of the account', () => {
  test.each(['Sign out', 'Administrator'])(
    'stops a running subscription, and clears all responses: %s',
    (change) =>
      inGraphiql(async ({ page, run, runAs, openTab, message, button }) => {
        await runAs('Manager');
        await run('Scoped');
        await response(page).getByText('read:messages').first().waitFor();
        await openTab('Clock');
        await execute(page).click();
        await response(page).getByText('"tokenEndsIn"').waitFor();

        if (change === 'Sign out') await button(change).click();
        else await runAs(change);

        await message.getByText('Stopped what was running as Manager.').waitFor();
        await page.getByRole('button', { name: /execute/i }).waitFor();
        await expect.poll(() => response(page).innerText()).not.toContain('tokenEndsIn');
        expect(await wire(page).count()).toBe(0);
        await openTab('Scoped');
        expect(await response(page).innerText()).not.toContain('read:messages');
        expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('Hello');
      }),
  );

  test('shows the documentation and the squiggles of the new viewer', () =>
    withEnvironment(
      { environment: { INTROSPECTION: 'viewer' } },
      async ({ page, openTab, runAs }) => {
        await openTab('Admin');
        await page.locator('.squiggly-error').first().waitFor();

        await runAs('Administrator');
        await page.locator('.squiggly-error').first().waitFor({ state: 'detached' });

        await runAs('Signed out');
        await page.locator('.squiggly-error').first().waitFor();
      },
    ));
});

describe('a subscription', () => {
  test('continues when its token ends, with the renewed one', () =>
    withEnvironment({ accessTokenLifetime: 4 }, async ({ page, runAs, openTab, message }) => {
      await runAs('Manager');
      await openTab('Clock');
      const streams: string[] = [];
      page.on('request', (request) => {
        if (request.headers()['accept'] !== 'text/event-stream') return;
        streams.push(request.headers()['authorization'] ?? 'none');
      });
      await execute(page).click();
      await expect.poll(() => streams.length, slowly).toBe(3);

      expect(new Set(streams).size).toBe(3);
      await response(page).getByText('"tokenEndsIn"').waitFor();
      expect(await message.textContent()).toBe('');
      await page.getByRole('button', { name: /stop/i }).click();
    }));

  test('that cannot be renewed offers to sign in, and then continues', () =>
    withEnvironment(
      { accessTokenLifetime: 4 },
      async ({ page, runAs, openTab, button }) => {
        await runAs('Manager');
        await page.route('**/oauth/token', (route) =>
          route.fulfill({
            status: 400,
            headers: { 'access-control-allow-origin': '*' },
            json: { error: 'invalid_grant' },
          }),
        );
        await openTab('Clock');
        await execute(page).click();
        await page.locator('#bar').getByRole('button', { name: 'Sign in', exact: true }).waitFor();
        await expect.poll(() => response(page).innerText()).not.toContain('tokenEndsIn');

        await page.unroute('**/oauth/token');
        await button('Sign in again').click();
        await response(page).getByText('"tokenEndsIn"').waitFor();
        expect(await page.locator('#bar .run-as option:checked').innerText()).toBe('Manager');
        await page.getByRole('button', { name: /stop/i }).click();
      },
      (problem) => problem.includes('400'),
    ));

  test('has the message and the button of a refusal inside it', () =>
    inGraphiql(async ({ page, runAs, openTab, message, signInAs }) => {
      await runAs('Manager');
      await openTab('News');
      await execute(page).click();
      await message.getByText('Missing scope: admin:write').waitFor();

      await signInAs('Administrator', 'Sign in with admin:write');
      await response(page).getByText('"Secret"').waitFor();
      await page.getByRole('button', { name: /stop/i }).click();
    }));
});

describe('a choice of an account', () => {
  test('is the last one, also if an earlier one takes longer', () =>
    inGraphiql(async ({ page, run, runAs }) => {
      await runAs('Manager');
      await runAs('Guest');
      await page.clock.setFixedTime(Date.now() + 2 * 60 * 60 * 1000);
      const renewal = page.waitForRequest('**/oauth/token');
      let release = (): void => {};
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      await page.route('**/oauth/token', async (route) => {
        await released;
        await route.continue();
      });
      await page.getByLabel('Run as').selectOption('Manager');
      await renewal;
      await runAs('Signed out');
      const renewed = page.waitForResponse('**/oauth/token');
      release();
      await (await renewed).finished();

      expect((await run('Public')).sent['authorization']).toBeUndefined();
      expect(await page.locator('#bar option:checked').first().innerText()).toBe('Signed out');
    }));

  test('takes the verdicts for the account before away', () =>
    inGraphiql(async ({ page, openTab, runAs }) => {
      await openTab('Admin');
      await runAs('Manager');
      const pane = page.getByRole('region', { name: 'Access', exact: true });
      await pane.getByText('As Manager: You get none of it.').waitFor();
      await page.getByRole('button', { name: 'Variables', exact: true }).click();
      await page.locator('.graphiql-editor-tool .view-lines').first().click();
      await page.keyboard.insertText('{ "not": complete');
      await runAs('Administrator');

      await pane.getByText('As Administrator', { exact: true }).waitFor();
      expect(await pane.innerText()).not.toContain('You get none of it.');
    }));

  test('is one sign-in at a time', () =>
    inGraphiql(async ({ page, run, openSignIn, button }) => {
      const popups = countPopups(page);
      await run('Scoped');
      const popup = await openSignIn();
      await run('Scoped');
      expect(await page.locator('#bar .message .main').isVisible()).toBe(false);
      await button('Compare users').click();
      await page.getByRole('dialog').getByText('Signed out').waitFor();
      await page.keyboard.press('Escape');
      expect(popups()).toBe(1);

      await popup.getByRole('button', { name: /^Manager/ }).click();
      await page.locator('#bar option:checked').getByText('Manager').waitFor({ state: 'attached' });
    }));
});

describe('compare', () => {
  test('keeps users apart that have the same name', () =>
    withEnvironment(
      {
        api: {
          ...buildFixtureApi(),
          testUsers: [
            { name: 'one', displayName: 'Alex', scopes: ['read:messages'] },
            { name: 'two', displayName: 'Alex', scopes: [] },
          ],
        },
      },
      async ({ page, openTab, button }) => {
        await openTab('Scoped');
        await button('Compare users').click();
        const column = (name: string) =>
          page.getByRole('dialog').getByRole('region', { name }).innerText();
        await expect.poll(() => column('Alex (one)'), slowly).toContain('200 OK');
        await expect.poll(() => column('Alex (two)'), slowly).toContain('403 Forbidden');
      },
    ));

  test('shows what each user gets, after one sign-in window, and stores nothing', () =>
    inGraphiql(async ({ page, openTab, button }) => {
      const popups = countPopups(page);
      await openTab('All');
      await button('Compare users').click();
      const dialog = page.getByRole('dialog');
      const column = (name: string) => dialog.getByRole('region', { name }).innerText();
      await expect.poll(() => column('Administrator'), slowly).toContain('nothing refused');

      await expect.poll(() => column('Guest'), slowly).toContain('2 refused');
      expect(await column('Signed out')).toMatch(/200 OK · \d+ ms · 3 refused/);
      expect(await column('Guest')).toContain('privateScoped: null: read:messages');
      expect(await column('Manager')).toContain('admin: null: admin:write');
      expect(await column('Manager')).toContain('Insufficient scope. Required: admin:write.');
      expect(popups()).toBe(1);
      await saveScreenshot(page, 'compare-1280');
      await page.setViewportSize({ width: 390, height: 800 });
      await saveScreenshot(page, 'compare-390');
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
      await button('Sign in').waitFor();
      const stored = () =>
        page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
      expect(await stored()).not.toContain('Hello from');
    }));

  test('offers each sign-in that is missing', () =>
    inGraphiql(async ({ page, openTab, button }) => {
      await openTab('Private');
      await page.evaluate(() => {
        const { open } = window;
        window.open = () => {
          window.open = open;
          return null;
        };
      });
      await button('Compare users').click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText('The browser blocked the sign-in window.').waitFor();
      await button('Sign in as Guest').click();
      await expect
        .poll(() => dialog.getByRole('region', { name: 'Guest' }).innerText(), slowly)
        .toContain('200 OK');
    }));

  test.each([
    ['Post', 'a mutation would run once for each user.'],
    ['Clock', 'a subscription has no end.'],
  ])('is not offered for %s, and says why', (tab, reason) =>
    inGraphiql(async ({ page, openTab, button }) => {
      await openTab(tab);
      await expect.poll(() => button('Compare users').getAttribute('aria-disabled')).toBe('true');
      await button('Compare users').click({ force: true });
      await page.getByText(`Only queries are compared: ${reason}`).waitFor();
      expect(await page.getByRole('dialog').count()).toBe(0);
    }),
  );
});
