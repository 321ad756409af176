import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openGraphiql, saveScreenshot } from './browser-driver.ts';
import { launchChromium } from './chromium.ts';
import { startEnvironment, type TestEnvironment } from './environment.ts';

let environment: TestEnvironment;
let browser: Browser;
beforeAll(async () => {
  [environment, browser] = await Promise.all([startEnvironment(), launchChromium()]);
});
afterAll(() => Promise.all([browser?.close(), environment?.close()]));

/** What waits until it is released. */
function createGate(): { readonly held: Promise<void>; release(): void } {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { held, release: () => release() };
}

/** The controls in the accessibility tree that have no name. */
async function namelessControls(page: Page): Promise<readonly string[]> {
  const session = await page.context().newCDPSession(page);
  try {
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    const roles = ['button', 'link', 'tab', 'radio', 'combobox', 'dialog', 'textbox', 'menuitem'];
    return nodes
      .filter(({ ignored, role }) => !ignored && roles.includes(String(role?.value)))
      .filter(({ name }) => !name?.value)
      .map(({ role }) => String(role?.value));
  } finally {
    await session.detach();
  }
}

test('every control has a name: with documentation, history, keyboard help and settings', async () => {
  const { page, run, close } = await openGraphiql(browser, environment);
  expect((await run('Private')).status).toBe(401);
  expect(await namelessControls(page)).toEqual([]);

  const show = (name: string) => page.getByRole('button', { name, exact: true }).click();
  await show('Show Documentation Explorer');
  await page.getByRole('link', { name: 'Query', exact: true }).click();
  await page.getByRole('link', { name: 'private', exact: true }).waitFor();
  expect(await namelessControls(page)).toEqual([]);
  await saveScreenshot(page, 'pane-documentation');

  await show('Show History');
  await page.locator('.graphiql-history-item').getByText('Private').waitFor();
  expect(await namelessControls(page)).toEqual([]);
  await saveScreenshot(page, 'pane-history');

  await show('Open short keys dialog');
  const help = page.getByRole('dialog');
  await help.getByText('Execute query').waitFor();
  expect(await namelessControls(page)).toEqual([]);
  await saveScreenshot(page, 'keyboard-help');
  await page.keyboard.press('Escape');

  await show('Open settings dialog');
  await page.getByRole('dialog').getByText('Theme').first().waitFor();
  expect(await namelessControls(page)).toEqual([]);
  await page.keyboard.press('Escape');
  expect(await close()).toEqual([]);
});

test('contains no code for development, whatever has built it', async () => {
  const page = await (
    await fetch(environment.endpoint, { headers: { Accept: 'text/html' } })
  ).text();
  const [, script = ''] = /src="(?:\.\/)?([^"]+)"/.exec(page) ?? [];
  const code = await (await fetch(`${environment.origin}/${script}`)).text();
  expect(code.length).toBeGreaterThan(100_000);
  expect(code).not.toContain('React DevTools');
});

test('is outlined before its scripts have loaded', async () => {
  const { held, release } = createGate();
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.route('**/graphiql/index-*.js', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(environment.endpoint, { waitUntil: 'commit' });
  const outline = await page.locator('.skeleton-run').boundingBox();
  await saveScreenshot(page, 'outline');
  release();
  const run = await page.locator('.graphiql-execute-button').boundingBox();
  // Nothing jumps below the pointer.
  expect(Math.abs((run?.y ?? 0) - (outline?.y ?? Number.NaN))).toBeLessThan(12);
  expect(Math.abs((run?.x ?? 0) - (outline?.x ?? Number.NaN))).toBeLessThan(12);
  await context.close();
});

/** Opens the page, and keeps its editors from loading until they are released. */
async function openWithoutEditors() {
  const { held, release } = createGate();
  const driver = await openGraphiql(browser, environment, {
    prepare: (page) =>
      page.route('**/graphiql/editor.api-*.js', async (route) => {
        await held;
        await route.continue();
      }),
  });
  return { ...driver, release };
}

test('Run works before the editor has loaded', async () => {
  const { page, release, close } = await openWithoutEditors();
  await saveScreenshot(page, 'before-the-editor');
  await page.locator('.graphiql-execute-button').click();
  release();
  await page.locator('.result-window').getByText('"data"').waitFor();
  expect(await close()).toEqual([]);
});

test('a tab that is selected before the editor has loaded shows, and runs, its operation', async () => {
  const { page, release, close } = await openWithoutEditors();
  await page.getByRole('tab', { name: 'Private', exact: true }).click();
  await page.locator('.graphiql-execute-button').click();
  release();
  await page.locator('.graphiql-query-editor').getByText('Private', { exact: true }).waitFor();
  await page.locator('.result-window').getByText('UNAUTHENTICATED').waitFor();
  await page.getByRole('tab', { name: 'Public', exact: true }).click();
  await page.locator('.graphiql-query-editor').getByText('Public', { exact: true }).waitFor();
  expect(await close()).toEqual([]);
});

test('a tab that is added before the editor has loaded is empty, and the others are kept', async () => {
  const { page, release, close } = await openWithoutEditors();
  await page.getByRole('button', { name: 'New tab', exact: true }).click();
  release();
  await page.getByRole('tab', { name: '<untitled>', selected: true }).waitFor();
  await page.getByRole('tab', { name: 'Public', exact: true }).click();
  await page.locator('.graphiql-query-editor').getByText('Public', { exact: true }).waitFor();
  expect(await close()).toEqual([]);
});

test('an operation that is stopped is aborted', async () => {
  const { page, close } = await openGraphiql(browser, environment);
  const { held, release } = createGate();
  await page.route('**/graphql', async (route) => {
    await held;
    await route.continue().catch(() => undefined);
  });
  const aborted = page.waitForEvent('requestfailed');
  await page.locator('.graphiql-execute-button').click();
  await page.getByRole('button', { name: /^Stop/ }).click();
  expect((await aborted).failure()?.errorText).toBe('net::ERR_ABORTED');
  release();
  await page.getByRole('button', { name: /^Execute/ }).waitFor();
  expect(await close()).toEqual([]);
});

test('an operation travels in a link, with its variables', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const parameters = new URLSearchParams({
    query: 'query Linked($yes: Boolean!) { public @include(if: $yes) { message } }',
    variables: '{ "yes": true }',
  });
  await page.goto(`${environment.endpoint}?${parameters}`);
  await page.getByRole('tab', { name: /^Linked/, selected: true }).waitFor();
  await page.locator('.graphiql-execute-button').click();
  await page.locator('.result-window').getByText('"message"').waitFor();
  await context.close();
});
