import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildFixtureWithModules } from '../api/fixture-with-modules.ts';
import { openGraphiql, saveScreenshot } from './browser-driver.ts';
import { launchChromium } from './chromium.ts';
import { startEnvironment, type TestEnvironment } from './environment.ts';

let environment: TestEnvironment;
let browser: Browser;
beforeAll(async () => {
  [environment, browser] = await Promise.all([
    startEnvironment({ api: buildFixtureWithModules() }),
    launchChromium(),
  ]);
});
afterAll(() => Promise.all([browser?.close(), environment?.close()]));

test.each([1280, 700])('each tab opens by a click, at %i px', async (width) => {
  const { page, openTab, close } = await openGraphiql(browser, environment, { width });
  const names = await page.getByRole('tab').allInnerTexts();
  expect(names).toContain('MessagePosted');
  for (const name of [...names].reverse()) {
    await openTab(name);
    expect(await page.getByRole('tab', { selected: true }).innerText()).toBe(name);
  }
  expect(await close()).toEqual([]);
});

test('messages have tabs: a page of them, a post with its missing scope, and live events', async () => {
  const reader = await openGraphiql(browser, environment);
  await reader.signInAs('Manager');

  const empty = await reader.run('Messages');
  expect([empty.status, empty.body]).toMatchObject([200, { data: { messages: { edges: [] } } }]);
  expect((await reader.run('PostMessage')).status).toBe(403);
  expect(await reader.message.textContent()).toBe('Missing scope: write:messages');
  await saveScreenshot(reader.page, 'messages-refused');

  await reader.openTab('MessagePosted');
  await reader.page.locator('.graphiql-execute-button').click();
  await reader.page.getByRole('button', { name: /stop/i }).waitFor();
  const writer = await openGraphiql(browser, environment);
  await writer.signInAs('Administrator');
  const posted = await writer.run('PostMessage');
  expect(posted.status).toBe(200);

  await reader.page.locator('.result-window').getByText('"Hello!"').waitFor();
  await saveScreenshot(reader.page, 'messages-live');
  await reader.page.locator('.graphiql-execute-button').click();
  const page = await reader.run('Messages');
  expect(page.body).toMatchObject({
    data: { messages: { totalCount: 1, edges: [{ node: { author: 'administrator' } }] } },
  });
  expect([...(await reader.close()), ...(await writer.close())]).toEqual([]);
});
