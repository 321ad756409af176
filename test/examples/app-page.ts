import { fileURLToPath } from 'node:url';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

export const signInButton = (page: Page): Locator =>
  page.getByRole('banner').getByRole('button', { name: 'Sign in' });

export async function signIn(page: Page, name: string): Promise<void> {
  await signInButton(page).click();
  await page.getByRole('button', { name }).click();
  await page.getByRole('banner').getByText(name).waitFor();
}

/** Sends the query again, and waits for the result. */
export async function runAgain(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Run again' }).click();
  await page.locator('[aria-label="Result"][aria-busy="false"]').waitFor();
}

const row = (page: Page, heading: string, field: string): Locator =>
  page
    .locator('.card', { has: page.getByRole('heading', { name: heading }) })
    .locator('dl > div', { has: page.getByText(field, { exact: true }) });

export const allowed = (page: Page, field: string): Locator => row(page, 'Allowed', field);
export const denied = (page: Page, field: string): Locator => row(page, 'Denied', field);
export const problem = (page: Page, text: string): Locator =>
  page.locator('.problem', { hasText: text });

/** The names of the allowed fields, and of the denied ones. */
export async function fields(page: Page): Promise<string[][]> {
  const names = (heading: string): Promise<string[]> =>
    page
      .locator('.card', { has: page.getByRole('heading', { name: heading }) })
      .locator('dt')
      .allTextContents();
  return [await names('Allowed'), await names('Denied')];
}

const artifacts = fileURLToPath(new URL('../../artifacts/examples', import.meta.url));

/** Takes screenshots to look at, wide and narrow; nothing is wider than the window. */
export async function takeScreenshots(page: Page, name: string): Promise<void> {
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 });
    await page.screenshot({ path: `${artifacts}/${name}-${width}.png`, fullPage: true });
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  }
}
