import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

/** The field for a new message. */
export const newMessage = (page: Page): Locator => page.getByLabel('New message');

/** The messages that are shown, newest first. */
export const messages = (page: Page): Locator => page.locator('.messages li');

/** The shown message with this text. */
export const message = (page: Page, text: string): Locator =>
  messages(page).filter({ has: page.getByText(text, { exact: true }) });

/** Waits until new messages appear by themselves. */
export const waitUntilLive = (page: Page): Promise<void> => page.getByText('Live:').waitFor();

/** Posts a message. */
export async function post(page: Page, text: string): Promise<void> {
  await newMessage(page).fill(text);
  await page.getByRole('button', { name: 'Post' }).click();
}

/** Waits for the response to a post. The subscription can show the message before. */
export const untilPosted = (page: Page): Promise<void> =>
  expect.poll(() => newMessage(page).inputValue()).toBe('');

/** Signs in again, with a scope that is missing. */
export async function signInWith(page: Page, scope: string, name: string): Promise<void> {
  await page.getByRole('button', { name: `Sign in with ${scope}` }).click();
  await page.getByRole('button', { name }).click();
  await page.getByRole('banner').getByText(name).waitFor();
}
