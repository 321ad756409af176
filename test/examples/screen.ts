import type { Locator, Page } from 'playwright-core';

export const signInButton = (page: Page): Locator =>
  page.getByRole('banner').getByRole('button', { name: 'Sign in' });

export async function signIn(page: Page, name: string): Promise<void> {
  await signInButton(page).click();
  await page.getByRole('button', { name }).click();
  await page.getByRole('banner').getByText(name).waitFor();
}

/** Asks once more, and waits until the API has said something. */
export async function askAgain(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Ask again' }).click();
  await page.locator('[aria-label="Answer"][aria-busy="false"]').waitFor();
}

const row = (page: Page, heading: string, field: string): Locator =>
  page
    .locator('.card', { has: page.getByRole('heading', { name: heading }) })
    .locator('dl > div', { has: page.getByText(field, { exact: true }) });

export const came = (page: Page, field: string): Locator => row(page, 'What came', field);
export const refused = (page: Page, field: string): Locator => row(page, 'What was refused', field);
export const problem = (page: Page, text: string): Locator =>
  page.locator('.problem', { hasText: text });

/** The names of the fields that came, and of those that were refused. */
export async function fields(page: Page): Promise<string[][]> {
  const names = (heading: string): Promise<string[]> =>
    page
      .locator('.card', { has: page.getByRole('heading', { name: heading }) })
      .locator('dt')
      .allTextContents();
  return [await names('What came'), await names('What was refused')];
}
