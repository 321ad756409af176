import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BrowserDriver, openGraphiql, saveScreenshot } from './browser-driver.ts';
import { launchChromium } from './chromium.ts';
import { startEnvironment, type TestEnvironment } from './environment.ts';

let environment: TestEnvironment;
let browser: Browser;
beforeAll(async () => {
  [environment, browser] = await Promise.all([startEnvironment(), launchChromium()]);
});
afterAll(() => Promise.all([browser?.close(), environment?.close()]));

// One session: each test continues where the previous one ended.
describe.sequential('a user of GraphiQL', () => {
  let driver: BrowserDriver;
  beforeAll(async () => {
    driver = await openGraphiql(browser, environment);
  });

  test('has a bar with accessible names', async () => {
    expect(await driver.page.locator('#bar').ariaSnapshot()).toMatchInlineSnapshot(`
      "- banner:
        - heading "GraphiQL" [level=1]
        - region "Account":
          - text: Run as
          - combobox "Run as":
            - option "Signed out" [selected]
            - option "Manager"
            - option "Administrator"
            - option "Guest"
            - option "Another account…"
        - region "Sign-in":
          - group "Token type":
            - text: Token type
            - radio "Bearer" [checked]
            - text: Bearer
            - radio "DPoP"
            - text: DPoP
          - button "Sign in"
        - status
        - paragraph: The schema says who may read each field. Run an operation to see what you get."
    `);
  });

  test('is refused without a sign-in', async () => {
    const { run, message } = driver;

    expect((await run('Scoped')).status).toBe(401);
    expect(await message.textContent()).toBe('Sign in to run this.');
  });

  test('signs in by keyboard', async () => {
    const { page, button } = driver;
    await page.getByRole('radio', { name: 'Bearer' }).focus();
    await page.keyboard.press('Tab');
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.keyboard.press('Enter')]);
    const closed = popup.waitForEvent('close');
    await popup.getByRole('button', { name: /^Guest/ }).press('Enter');
    await closed;
    await button('Sign out').waitFor();

    expect(await button('Sign out').evaluate((one) => one === document.activeElement)).toBe(true);
    expect(await page.locator('#bar .end').innerText()).toMatch(/^no scopes, until /);
  });

  test('gets the part that they can access', async () => {
    const { run, message } = driver;
    const { status, body } = await run('All');

    expect(status).toBe(200);
    expect(body['data']).toMatchObject({ privateScoped: null, admin: null });
    expect(await message.textContent()).toBe('Missing scope: read:messages admin:write');
  });

  test('signs in as the manager, and runs a scoped query without seeing a token', async () => {
    const { page, run, runAs, message } = driver;
    await runAs('Manager');
    expect(await page.locator('#bar .scopes').allInnerTexts()).toEqual(['read:messages']);
    expect(await page.locator('#bar time').getAttribute('datetime')).toMatch(/^\d{4}-.*Z$/);
    expect(await message.textContent()).toBe('');

    const response = await run('Scoped');

    expect(response.status).toBe(200);
    const [scheme, token = 'none'] = response.sent['authorization']?.split(' ') ?? [];
    expect(scheme).toBe('Bearer');
    expect(await page.content()).not.toContain(token);
    expect(page.url()).not.toContain(token);
    expect(environment.logged.join()).not.toContain(token.slice(0, 20));
  });

  test('is one click away from a missing scope', async () => {
    const { page, run, signInAs, message } = driver;
    expect((await run('Admin')).status).toBe(403);
    expect(await message.textContent()).toBe('Missing scope: admin:write');

    await signInAs('Administrator', 'Sign in with admin:write');

    expect(await page.locator('#bar .scopes li').allInnerTexts()).toEqual([
      'admin:write',
      'read:messages',
    ]);
    await page.locator('.wire').getByText('200 OK').waitFor();
  });

  test('is still signed in after a reload', async () => {
    const { run, reload } = driver;
    await reload();

    expect((await run('Admin')).status).toBe(200);
  });

  test('can override the sign-in in the Headers tab', async () => {
    const { page, run, message, button } = driver;
    await button('Headers').click();
    await page.locator('.graphiql-editor-tool > .graphiql-editor:not(.hidden)').click();
    await page.keyboard.insertText('{ "Authorization": "Bearer typed" }');

    const { status, sent } = await run('Admin');

    expect([status, sent['authorization']]).toEqual([401, 'Bearer typed']);
    expect(await message.textContent()).toBe(
      'Used the Authorization header from the Headers tab instead of your sign-in.',
    );
    // Not in the history either, which adds an operation that is not the last one again.
    await run('Scoped');
    expect((await run('Admin')).sent['authorization']).toBe('Bearer typed');
    const stored = () => page.evaluate(() => JSON.stringify({ ...localStorage }));
    await expect.poll(stored).toContain('graphiql:queries');
    expect(await stored()).not.toContain('Bearer typed');
  });

  test('subscribes with their token', async () => {
    const { page, openTab } = driver;
    await openTab('Clock');
    await page.locator('.graphiql-execute-button').click();
    await page.locator('.result-window').getByText('"tokenEndsIn"').waitFor();
    await page.locator('.graphiql-execute-button').click();
  });

  test('signs out, and nothing stays in storage', async () => {
    const { page, run, button } = driver;
    await button('Sign out').click();
    await button('Sign in').waitFor();

    expect((await run('Private')).status).toBe(401);
    expect(await page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain(
      'Administrator',
    );
  });

  test('has sent requests to the API and its issuer only, without errors', async () => {
    expect(await driver.close()).toEqual([]);
  });
});

test.each(['light', 'dark'] as const)('screenshots, %s', async (colorScheme) => {
  const { page, run, signInAs, openSignIn, button, close } = await openGraphiql(
    browser,
    environment,
    {
      colorScheme,
    },
  );
  await saveScreenshot(page, `start-${colorScheme}-1280`);
  const popup = await openSignIn();
  await popup.getByRole('button', { name: /^Guest/ }).waitFor();
  for (const width of [1280, 390]) {
    await popup.setViewportSize({ width, height: 800 });
    await saveScreenshot(popup, `login-${colorScheme}-${width}`);
  }
  await popup.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('canceled').waitFor();
  await signInAs('Manager');
  await run('All');
  await page.locator('.result-window').getByText('"errors"').waitFor();
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 });
    await saveScreenshot(page, `signed-in-${colorScheme}-${width}`);
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
    ).toBe(true);
  }
  await button('Sign out').click();
  await button('Sign in').waitFor();
  await saveScreenshot(page, `signed-out-${colorScheme}-390`);

  expect(await close()).toEqual([]);
});

test('a wrong path shows a page', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 390]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      await page.goto(`${environment.origin}/grapql`);
      await saveScreenshot(page, `not-found-${colorScheme}-${width}`);
    }
  }

  await page.getByRole('link', { name: '/graphql' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await context.close();
});

test('what opened the page can reach neither it nor its sign-in window', async () => {
  const context = await browser.newContext();
  context.setDefaultTimeout(20_000);
  await context.route('http://other.test/**', (route) => route.fulfill({ body: 'Another page.' }));
  const opener = await context.newPage();
  await opener.goto('http://other.test/');
  const [page] = await Promise.all([
    context.waitForEvent('page'),
    opener.evaluate(
      (url) => void Reflect.set(window, 'opened', window.open(url)),
      environment.endpoint,
    ),
  ]);
  const [popup] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('button', { name: 'Sign in' }).click(),
  ]);
  const manager = popup.getByRole('button', { name: /^Manager/ });
  await manager.waitFor();
  expect(await opener.evaluate(() => Reflect.get(window, 'opened').closed)).toBe(true);
  const [other] = await Promise.all([
    opener.waitForEvent('popup'),
    opener.evaluate(() => void window.open('http://other.test/login', 'graphiql-sign-in')),
  ]);
  await other.waitForURL('http://other.test/login');

  await manager.click();
  await page.locator('#bar option:checked').getByText('Manager').waitFor({ state: 'attached' });
  await context.close();
});
