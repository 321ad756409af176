import { fileURLToPath } from 'node:url';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { findViolations } from '../browser/find-violations.ts';

export const signInButton = (page: Page): Locator =>
  page.getByRole('banner').getByRole('button', { name: 'Sign in', exact: true });

export async function signIn(page: Page, name: string): Promise<void> {
  await signInButton(page).click();
  await page.getByRole('button', { name }).click();
  await page.getByRole('banner').getByText(name).waitFor();
}

/** Sends the query again, and waits for the result. */
export async function refetch(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Refetch' }).click();
  await page.locator('[aria-label="Result"][aria-busy="false"]').waitFor();
}

const row = (page: Page, heading: string, field: string): Locator =>
  page
    .locator('.card', { has: page.getByRole('heading', { name: heading }) })
    .locator('dl > div', { has: page.getByText(field, { exact: true }) });

export const shown = (page: Page, field: string): Locator => row(page, 'Data', field);
export const notAllowed = (page: Page, field: string): Locator => row(page, 'Not allowed', field);
export const problem = (page: Page, text: string): Locator =>
  page.locator('.problem', { hasText: text });

/** The names of the fields with data, and of those that are not allowed. */
export async function fields(page: Page): Promise<string[][]> {
  const names = (heading: string): Promise<string[]> =>
    page
      .locator('.card', { has: page.getByRole('heading', { name: heading }) })
      .locator('dt')
      .allTextContents();
  return [await names('Data'), await names('Not allowed')];
}

/** Until the token of a page expires. */
export async function secondsLeft(page: Page): Promise<number> {
  const session = await page.evaluate<string>(
    'Object.entries(sessionStorage).find(([name]) => name.startsWith("oidc.user:"))[1]',
  );
  return JSON.parse(session).expires_at - Date.now() / 1000;
}

const artifacts = fileURLToPath(new URL('../../artifacts/examples', import.meta.url));

/**
 * Takes screenshots to look at, wide and narrow. Nothing is wider than the window, and axe finds nothing.
 */
export async function takeScreenshots(page: Page, name: string): Promise<void> {
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 });
    await page.screenshot({ path: `${artifacts}/${name}-${width}.png`, fullPage: true });
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(await findViolations(page)).toEqual([]);
  }
}
