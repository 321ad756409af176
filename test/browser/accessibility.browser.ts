import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessCommand } from '../../src/cli/access-command.ts';
import { runInProcess } from '../cli/run-in-process.ts';
import { authorizationUrl } from '../local-issuer/issuer-fixture.ts';
import { openGraphiql } from './browser-driver.ts';
import { launchChromium } from './chromium.ts';
import { startEnvironment, type TestEnvironment } from './environment.ts';
import { findViolations } from './find-violations.ts';

let environment: TestEnvironment;
let browser: Browser;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'accessibility-'));
  [environment, browser] = await Promise.all([startEnvironment(), launchChromium()]);
});
afterAll(async () => {
  await Promise.all([browser?.close(), environment?.close()]);
  await rm(folder, { recursive: true });
});

/** What violates rules in the code of GraphiQL and of its editor. */
const notOurs: readonly string[] = [
  // The contrast of Monaco's comments, numbers and the number of an empty last line.
  '.monaco-editor',
  // A tab contains the buttons that select and close it.
  '.graphiql-tab',
  // The contrast of the names of types.
  '.graphiql-doc-explorer-type-name',
];

const colorSchemes = ['light', 'dark'] as const;

describe.each(colorSchemes)('GraphiQL has no violations: %s', (colorScheme) => {
  test.each<[string, (page: Page, run: (tab: string) => Promise<unknown>) => Promise<unknown>]>([
    ['at the start', async () => undefined],
    [
      'with a message and an open line of the response',
      async (page, run) => {
        await run('Admin');
        await page.getByRole('button', { name: /^401/ }).click();
      },
    ],
    [
      'with the documentation',
      async (page) => {
        await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
        await page.getByRole('link', { name: 'Query', exact: true }).click();
        await page.getByRole('link', { name: 'privateScoped', exact: true }).click();
      },
    ],
  ])('signed out, %s', async (_case, prepare) => {
    const { page, run, close } = await openGraphiql(browser, environment, { colorScheme });
    await page.locator('.graphiql-query-editor .view-line').first().waitFor();
    await prepare(page, run);
    expect(await findViolations(page, notOurs)).toEqual([]);
    expect(await close()).toEqual([]);
  });

  test('signed in, with a partly refused result, then with the token', async () => {
    const { page, run, runAs, button, close } = await openGraphiql(browser, environment, {
      colorScheme,
    });
    await runAs('Manager');
    await run('All');
    await page.getByRole('button', { name: /^200/ }).click();
    expect(await findViolations(page, notOurs)).toEqual([]);
    await button('Token').click();
    expect(await findViolations(page, notOurs)).toEqual([]);
    expect(await close()).toEqual([]);
  });

  test('comparing users', async () => {
    const { page, openTab, button, close } = await openGraphiql(browser, environment, {
      colorScheme,
    });
    await openTab('All');
    await button('Compare users').click();
    await page.getByRole('dialog').getByRole('list', { name: 'Fields' }).nth(3).waitFor();
    expect(await findViolations(page, notOurs)).toEqual([]);
    expect(await close()).toEqual([]);
  });

  test('in a narrow window', async () => {
    const { page, run, close } = await openGraphiql(browser, environment, {
      colorScheme,
      width: 390,
    });
    await run('Private');
    expect(await findViolations(page, notOurs)).toEqual([]);
    expect(await close()).toEqual([]);
  });
});

describe.each(colorSchemes)('the other pages have no violations: %s', (colorScheme) => {
  test.each<[string, () => string | Promise<string>]>([
    [
      'the login page',
      () =>
        authorizationUrl(environment.issuer, {
          redirect_uri: new URL('callback', environment.issuer).href,
          scope: 'openid read:messages admin:write',
        }).href,
    ],
    [
      'an error of the issuer',
      () => authorizationUrl(environment.issuer, { client_id: 'unknown' }).href,
    ],
    ['a page that the issuer does not have', () => new URL('nothing', environment.issuer).href],
    ['the start page of the issuer', () => environment.issuer],
    ['a page that the API does not have', () => `${environment.origin}/nothing`],
    ['the callback', () => `${environment.origin}/graphiql/callback`],
    [
      'the access report',
      async () => {
        const { stdout } = await runInProcess(accessCommand, { folder, arguments: ['--html'] });
        const file = join(folder, 'access.html');
        await writeFile(file, stdout);
        return pathToFileURL(file).href;
      },
    ],
  ])('%s', async (_case, urlOf) => {
    const context = await browser.newContext({ colorScheme });
    const page = await context.newPage();
    await page.goto(await urlOf());
    expect(await findViolations(page)).toEqual([]);
    await context.close();
  });
});
