import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from './chromium.ts';
import { picture, type Visitor, visit } from './visitor.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let browser: Browser;
beforeAll(async () => {
  [world, browser] = await Promise.all([startWorld(), launchChromium()]);
});
afterAll(() => Promise.all([browser?.close(), world?.close()]));

// One visit, in which each test goes on where the one before ended.
describe.sequential('somebody in front of GraphiQL', () => {
  let visitor: Visitor;
  beforeAll(async () => {
    visitor = await visit(browser, world);
  });

  test('finds a bar in which everything is named', async () => {
    expect(await visitor.page.locator('#bar').ariaSnapshot()).toMatchInlineSnapshot(`
      "- banner:
        - region "Signed in":
          - strong: Not signed in
        - region "Sign-in":
          - group "How the token is sent":
            - text: How the token is sent
            - radio "Bearer" [checked]
            - text: Bearer
            - radio "DPoP"
            - text: DPoP
          - button "Sign in"
        - status"
    `);
  });

  test('is refused without a sign-in', async () => {
    const { run, sentence } = visitor;

    expect((await run('Scoped')).status).toBe(401);
    expect(await sentence.textContent()).toBe('This needs somebody who is signed in.');
  });

  test('signs in by keyboard', async () => {
    const { page, button } = visitor;
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

  test('gets the part that they may have', async () => {
    const { run, sentence } = visitor;
    const { status, body } = await run('All');

    expect(status).toBe(200);
    expect(body['data']).toMatchObject({ privateScoped: null, admin: null });
    expect(await sentence.textContent()).toBe('This needs the scope read:messages admin:write.');
  });

  test('signs in as the manager, and runs a scoped query without seeing a token', async () => {
    const { page, run, signInAs, sentence } = visitor;
    await signInAs('Manager', 'Switch');
    expect(await page.locator('#bar .scopes').allInnerTexts()).toEqual(['read:messages']);
    expect(await page.locator('#bar time').getAttribute('datetime')).toMatch(/^\d{4}-.*Z$/);
    expect(await sentence.textContent()).toBe('');

    const answer = await run('Scoped');

    expect(answer.status).toBe(200);
    const [scheme, token = 'none'] = answer.sent['authorization']?.split(' ') ?? [];
    expect(scheme).toBe('Bearer');
    expect(await page.content()).not.toContain(token);
    expect(page.url()).not.toContain(token);
    expect(world.logged.join()).not.toContain(token.slice(0, 20));
  });

  test('is forbidden a field, and one click away from it', async () => {
    const { page, run, signInAs, sentence } = visitor;
    expect((await run('Admin')).status).toBe(403);
    expect(await sentence.textContent()).toBe('This needs the scope admin:write.');

    await signInAs('Administrator', 'Sign in with admin:write');

    expect(await page.locator('#bar .scopes li').allInnerTexts()).toEqual([
      'admin:write',
      'read:messages',
    ]);
    expect((await run('Admin')).status).toBe(200);
  });

  test('is still known when the page is loaded again', async () => {
    const { run, reload } = visitor;
    await reload();

    expect((await run('Admin')).status).toBe(200);
  });

  test('goes before the sign-in with a header that they type', async () => {
    const { page, run, sentence, button } = visitor;
    await button('Headers').click();
    await page.locator('.graphiql-editor-tool > .graphiql-editor:not(.hidden)').click();
    await page.keyboard.insertText('{ "Authorization": "Bearer typed" }');

    const { status, sent } = await run('Admin');

    expect([status, sent['authorization']]).toEqual([401, 'Bearer typed']);
    expect(await sentence.textContent()).toBe(
      'The Authorization header under Headers was sent: it goes before the sign-in.',
    );
  });

  test('subscribes as themselves', async () => {
    const { page } = visitor;
    await page.getByRole('tab', { name: 'Clock', exact: true }).click();
    await page.waitForURL(/subscription\+Clock/);
    await page.locator('.graphiql-execute-button').click();
    await page.locator('.result-window').getByText('"tokenEndsIn"').waitFor();
    await page.locator('.graphiql-execute-button').click();
  });

  test('signs out, and nothing is kept', async () => {
    const { page, run, button } = visitor;
    await button('Sign out').click();
    await page.getByText('Not signed in').waitFor();

    expect((await run('Private')).status).toBe(401);
    expect(await page.evaluate(() => Object.keys(sessionStorage))).toEqual([]);
  });

  test('has called nobody but the API and its issuer, and met no error', async () => {
    expect(await visitor.leave()).toEqual([]);
  });
});

test.each(['light', 'dark'] as const)('pictures, %s', async (colorScheme) => {
  const { page, run, signInAs, openSignIn, button, leave } = await visit(browser, world, {
    colorScheme,
  });
  await picture(page, `start-${colorScheme}-1280`);
  const popup = await openSignIn();
  await popup.getByRole('button', { name: /^Guest/ }).waitFor();
  for (const width of [1280, 390]) {
    await popup.setViewportSize({ width, height: 800 });
    await picture(popup, `login-${colorScheme}-${width}`);
  }
  await popup.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('cancelled').waitFor();
  await signInAs('Manager');
  await run('All');
  await page.locator('.result-window').getByText('privateScoped').waitFor();
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 });
    await picture(page, `signed-in-${colorScheme}-${width}`);
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
    ).toBe(true);
  }
  await button('Sign out').click();
  await button('Sign in').waitFor();
  await picture(page, `signed-out-${colorScheme}-390`);

  expect(await leave()).toEqual([]);
});

test('a wrong path shows a page', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 390]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      await page.goto(`${world.origin}/grapql`);
      await picture(page, `not-found-${colorScheme}-${width}`);
    }
  }

  await page.getByRole('link', { name: '/graphql' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await context.close();
});
