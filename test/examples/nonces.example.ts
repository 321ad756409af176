import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../browser/chromium.ts';
import { shown, signIn } from './app-page.ts';
import { type Environment, startEnvironment } from './environment.ts';
import { openRecordedPage } from './recorded-page.ts';
import { type ServedApp, serveApp } from './serve-app.ts';

let browser: Browser;
let environment: Environment;
let served: ServedApp;
beforeAll(async () => {
  [browser, environment] = await Promise.all([
    launchChromium(),
    startEnvironment({ DPOP: 'required', DPOP_NONCE: 'required' }),
  ]);
  served = await serveApp('urql-react', {
    VITE_ISSUER: environment.issuer.url,
    VITE_ENDPOINT: environment.api.url,
  });
});
afterAll(() => Promise.all([browser?.close(), environment?.close(), served?.close()]));

// Both apps send requests by the same functions.
test.each([
  ['live', 'Token ends in'],
  ['private', 'private'],
])('puts the nonce of the API into proofs, without a renewal: %s', async (path, row) => {
  const recorded = await openRecordedPage(browser, `${served.origin}/#${path}`);
  const { page } = recorded;
  await page.getByRole('button', { name: 'Use DPoP' }).click();

  await signIn(page, 'Guest');

  await shown(page, row).waitFor();
  expect(recorded.renewals()).toBe(0);
  expect(recorded.consoleMessages).toEqual([]);
  await recorded.close();
});
