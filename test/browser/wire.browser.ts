import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BrowserDriver, openGraphiql } from './browser-driver.ts';
import { launchChromium } from './chromium.ts';
import { startEnvironment, type TestEnvironment } from './environment.ts';

let environment: TestEnvironment;
let browser: Browser;
beforeAll(async () => {
  [environment, browser] = await Promise.all([startEnvironment(), launchChromium()]);
});
afterAll(() => Promise.all([browser?.close(), environment?.close()]));

// One session: each test continues where the previous one ended.
describe.sequential('what went over the wire', () => {
  let driver: BrowserDriver;
  beforeAll(async () => {
    driver = await openGraphiql(browser, environment, {
      prepare: (page) =>
        page.context().grantPermissions(['clipboard-read', 'clipboard-write'], {
          origin: environment.origin,
        }),
    });
  });

  const copied = async (button: string): Promise<string> => {
    await driver.button(button).click();
    await driver.page.getByText('Copied, without the token.').waitFor();
    return driver.page.evaluate(() => navigator.clipboard.readText());
  };
  const wire = () => driver.page.getByRole('region', { name: 'HTTP response' });

  test('a refusal has its status, time and size, and its challenge on a click', async () => {
    const { run } = driver;
    await run('Scoped');

    await expect.poll(() => wire().innerText()).toMatch(/401 Unauthorized · \d+ ms · \d+ B/);
    expect(await wire().innerText()).not.toContain('Challenge');
    await wire().getByRole('button', { name: /^401/ }).click();
    expect(await wire().innerText()).toMatch(/Sent without an access token\.\s+Challenge\s+Bearer/);
    expect(await wire().innerText()).toMatch(/content-type:\s+application\/graphql-response\+json/);
  });

  test('the copied command repeats an anonymous operation', async () => {
    const command = await copied('Copy as curl');

    // Not synchronously: the API runs in this process.
    const { stdout } = await promisify(execFile)('sh', [
      '-c',
      command.replace('curl ', 'curl -s '),
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });

  test('with a token, the command obtains one itself', async () => {
    const { run, signInAs } = driver;
    await signInAs('Manager');
    const { sent } = await run('Scoped');
    const [, token = 'none'] = sent['authorization']?.split(' ') ?? [];

    await expect.poll(() => wire().innerText()).toContain('200 OK');
    expect(await wire().innerText()).toContain('Sent with the Bearer token of Manager.');
    const command = await copied('Copy as curl');
    // By default, a command would look for the local issuer of another port.
    const { port } = new URL(environment.origin);
    expect(command).toContain(
      `-H "Authorization: Bearer $(PORT=${port} npm run --silent token -- --as 'manager' --scope 'read:messages')"`,
    );
    expect(command).not.toContain(token.slice(0, 20));
  });

  test('the inspector shows the claims, and not the token', async () => {
    const { page, button } = driver;
    await button('Token').click();
    const dialog = page.getByRole('dialog', { name: 'Access token of Manager' });
    const text = await dialog.innerText();

    expect(text).toMatch(/Scheme\s+Bearer/);
    expect(text).toMatch(/in 0\d:\d\d:\d\d/);
    expect(text).toMatch(/sub\s+manager/);
    expect(text).toMatch(/alg\s+RS256/);
    expect(await page.content()).not.toMatch(/eyJ[\w-]+\.[\w-]+\./);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(await button('Token').evaluate((one) => one === document.activeElement)).toBe(true);
  });

  test('a bound token has the thumbprint of its key, and a command that makes proofs', async () => {
    const { page, run, button } = driver;
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      page.getByText('DPoP', { exact: true }).click(),
    ]);
    if (!popup.isClosed()) await popup.waitForEvent('close');
    await run('Scoped');

    await expect.poll(() => wire().innerText()).toContain('Sent with the DPoP token of Manager.');
    expect(await copied('Copy as command')).toMatch(
      /^PORT=\d+ npm run --silent query -- '[^']*query Scoped[^']*' \\\n {2}--as 'manager' \\\n.*--dpop/s,
    );
    await button('Token').click();
    expect(await page.getByRole('dialog').innerText()).toMatch(
      /Thumbprint of the key\s+[\w-]{43}\s/,
    );
    await button('Close').click();
  });

  test('nothing else was requested, and nothing failed', async () => {
    expect(await driver.close()).toEqual([]);
  });
});
