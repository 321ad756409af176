import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Brings a page to what a picture shows. */
type Show = (page: Page, endpoint: string) => Promise<Locator | Page>;

/**
 * The pictures in docs/images by name; each is taken light and dark. The window has 1280 x 800 pixels,
 * and the picture shows the page or the part that is returned.
 */
export const pictures: Readonly<Record<string, Show>> = {
  graphiql: async (page, endpoint) => {
    await runAll(page, endpoint);
    return page;
  },

  access: async (page, endpoint) => {
    await page.setViewportSize({ width: 1280, height: 1000 });
    await runAll(page, endpoint);
    return page.locator('.graphiql-plugin');
  },

  compare: async (page, endpoint) => {
    await openTab(page, endpoint, 'All');
    await page.getByRole('button', { name: 'Compare users' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('list', { name: 'Fields' }).nth(3).waitFor();
    return dialog;
  },

  'sign-in': async (page, endpoint) => {
    await openTab(page, endpoint, 'Scoped');
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      page.getByRole('button', { name: 'Sign in', exact: true }).click(),
    ]);
    await popup.getByRole('button', { name: /^Manager/ }).waitFor();
    return popup;
  },

  response: async (page, endpoint) => {
    await openTab(page, endpoint, 'Admin');
    await page.getByLabel('Run as').selectOption('Manager');
    await page.getByRole('list', { name: 'Scopes' }).waitFor();
    await run(page);
    await page.getByRole('button', { name: /^403/ }).click();
    return page.locator('.graphiql-response');
  },

  'access-report': async (page) => {
    const html = execFileSync(
      process.execPath,
      ['--import', 'tsx', 'src/cli/main.ts', 'access', '--html'],
      { cwd: root, encoding: 'utf8' },
    );
    await page.setViewportSize({ width: 1100, height: 640 });
    await page.setContent(html);
    await page.getByLabel('Coordinate or rule').fill('Query.');
    return page;
  },
};

/** The tab with every kind of rule, run by the manager, who is refused in part. */
async function runAll(page: Page, endpoint: string): Promise<void> {
  await openTab(page, endpoint, 'All');
  await page.getByLabel('Run as').selectOption('Manager');
  await page.getByRole('list', { name: 'Scopes' }).waitFor();
  await run(page);
  await page.locator('.result-window').getByText('"FORBIDDEN"').waitFor();
  await page.locator('.access-note').first().waitFor();
}

async function openTab(page: Page, endpoint: string, tab: string): Promise<void> {
  const introspected = page.waitForResponse(
    (response) => response.url() === endpoint && response.request().method() === 'POST',
  );
  await page.goto(endpoint);
  await introspected;
  await page.locator('.graphiql-query-editor .view-line').first().waitFor();
  await page.getByRole('tab', { name: tab, exact: true }).click();
  await page.waitForURL((url) => (url.searchParams.get('query') ?? '').includes(`query ${tab}`));
}

async function run(page: Page): Promise<void> {
  await page.locator('.graphiql-execute-button').click();
  await page.locator('.wire-line').waitFor();
}
