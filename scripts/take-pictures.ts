// Takes the pictures of the README: GraphiQL with a partly denied result, light and dark.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../test/browser/chromium.ts';
import { freePorts } from '../test/support/free-ports.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = `${root}docs/images`;

const api = await startApi();
const browser = await launchChromium();
try {
  mkdirSync(folder, { recursive: true });
  for (const colorScheme of ['light', 'dark'] as const) {
    await takePicture(browser, colorScheme);
  }
} finally {
  await browser.close();
  await api.stop();
}

/** Starts the API with its local issuer, as `npm start` does. */
async function startApi(): Promise<{ endpoint: string; stop(): Promise<void> }> {
  const [port] = await freePorts();
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
    cwd: root,
    env: { PATH: process.env['PATH'], PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  // It prints its first line when it is ready.
  await Promise.race([once(child.stdout, 'data'), exit]);
  if (child.exitCode !== null) throw new Error('The API did not start.');
  child.stdout.resume();
  return {
    endpoint: `http://localhost:${port}/graphql`,
    async stop() {
      child.kill();
      await exit;
    },
  };
}

async function takePicture(browser: Browser, colorScheme: 'light' | 'dark'): Promise<void> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    deviceScaleFactor: 1,
    colorScheme,
    reducedMotion: 'reduce',
    locale: 'en-US',
    timezoneId: 'UTC',
  });
  const page = await context.newPage();
  await page.goto(api.endpoint);
  await signIn(page, 'Manager');
  await page.getByRole('tab', { name: 'All', exact: true }).click();
  await page.waitForURL(/query\+All|query%20All/);
  await page.locator('.graphiql-execute-button').click();
  await page.locator('.result-window').getByText('"FORBIDDEN"').waitFor();
  // Without a cursor that blinks and a tooltip.
  await page.mouse.move(0, 0);
  await page.evaluate('document.activeElement?.blur()');
  await page.screenshot({
    path: `${folder}/graphiql-${colorScheme}.png`,
    animations: 'disabled',
    caret: 'hide',
  });
  await context.close();
}

async function signIn(page: Page, user: string): Promise<void> {
  const [popup] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('button', { name: 'Sign in', exact: true }).click(),
  ]);
  const closed = popup.waitForEvent('close');
  await popup.getByRole('button', { name: new RegExp(`^${user}`) }).click();
  await closed;
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}
