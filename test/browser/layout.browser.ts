import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildFixtureApi } from '../support/fixture-api.ts';
import { openGraphiql, saveScreenshot } from './browser-driver.ts';
import { launchChromium } from './chromium.ts';
import { startEnvironment, type TestEnvironment } from './environment.ts';

/** The administrator has 22 scopes. */
const scopes = Array.from({ length: 20 }, (_, index) => `write:collection-${index}`);
const api = buildFixtureApi({
  typeDefs: `extend type Query { many: String @auth(scope: "${scopes.join(' ')}") }`,
});

let environment: TestEnvironment;
let browser: Browser;
beforeAll(async () => {
  [environment, browser] = await Promise.all([startEnvironment({ api }), launchChromium()]);
});
afterAll(() => Promise.all([browser?.close(), environment?.close()]));

const runButton = (page: Page): Locator => page.locator('.graphiql-execute-button');

/** In the page, not in the window. */
async function boxOf(element: Locator) {
  return element.first().evaluate((one) => {
    const { left, top, width, height } = one.getBoundingClientRect();
    return { left: left + scrollX, top: top + scrollY, width, height };
  });
}

describe.each([1440, 1280, 640, 390])('at %i px', (width) => {
  test('nothing moves when the scripts have loaded, or when there is a message', async () => {
    const context = await browser.newContext({ viewport: { width, height: 800 } });
    const outlined = await context.newPage();
    await outlined.route('**/graphiql/*.js', (route) => route.abort());
    await outlined.goto(environment.endpoint);
    const outline = await outlined.locator('.skeleton-run').boundingBox();
    await saveScreenshot(outlined, `outline-${width}`);
    await context.close();

    const { page, run, message, close } = await openGraphiql(browser, environment, { width });
    const before = await boxOf(runButton(page));
    expect(Math.abs((outline?.y ?? Number.NaN) - before.top)).toBeLessThan(3);
    expect(Math.abs((outline?.x ?? Number.NaN) - before.left)).toBeLessThan(3);

    await run('Private');
    await message.getByText('Sign in to run this.').waitFor();
    expect(await boxOf(runButton(page))).toEqual(before);
    expect(await close()).toEqual([]);
  });

  test('22 scopes are folded into three and a button', async () => {
    const { page, runAs, button, close } = await openGraphiql(browser, environment, { width });
    await runAs('Manager');
    const bar = page.locator('#bar');
    const { height } = await boxOf(bar);
    await runAs('Administrator');

    const shown = bar.getByRole('list', { name: 'Scopes' });
    expect(await shown.locator('code').count()).toBe(3);
    const lines = width > 640 ? 0 : 2;
    expect((await boxOf(bar)).height).toBeLessThanOrEqual(height + lines * 37);
    await saveScreenshot(page, `scopes-${width}`);
    await button('19 more scopes').click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.locator('.scopes code').count()).toBe(22);
    expect(await close()).toEqual([]);
  });
});

// The last is 1280 x 800 at a zoom of 200 %.
describe.each([
  [320, 640],
  [390, 844],
  [640, 400],
])('at %i x %i px', (width, height) => {
  test.each(['light', 'dark'] as const)(
    'the page scrolls and nothing is covered: %s',
    async (colorScheme) => {
      const { page, run, button, close } = await openGraphiql(browser, environment, {
        width,
        height,
        colorScheme,
      });
      await run('All');
      await button('Variables').click();
      await page.locator('.wire-line').waitFor();
      const parts = [
        '#bar',
        '.graphiql-sidebar',
        '.graphiql-session-header',
        '.graphiql-query-editor',
        '.graphiql-editor-tools',
        '.graphiql-editor-tool',
        '.over-response',
        '.result-window',
      ];
      const boxes = await Promise.all(parts.map((part) => boxOf(page.locator(part))));
      let end = 0;
      for (const [index, box] of boxes.entries()) {
        expect
          .soft(box.top, `${parts[index]} begins below the part before`)
          .toBeGreaterThanOrEqual(end - 1);
        expect.soft(box.height, `${parts[index]} can be read`).toBeGreaterThan(30);
        expect.soft(box.left, `${parts[index]} is inside`).toBeGreaterThanOrEqual(0);
        expect.soft(box.left + box.width, `${parts[index]} is inside`).toBeLessThanOrEqual(width);
        end = box.top + box.height;
      }
      const text = await boxOf(page.locator('.result-window .view-lines'));
      expect(text.top).toBeGreaterThanOrEqual((boxes.at(-1)?.top ?? Number.NaN) - 1);
      const scrolled = await page.evaluate(() => ({
        width: document.documentElement.scrollWidth,
        height: document.documentElement.scrollHeight,
      }));
      expect(scrolled.width).toBe(width);

      // The message covers the end of the window, but not the end of the page.
      const message = await boxOf(page.locator('#bar .message'));
      expect(scrolled.height).toBeGreaterThanOrEqual(end + message.height);
      await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
      const docs = await boxOf(page.locator('.graphiql-plugin'));
      const tabs = await boxOf(page.locator('.graphiql-session-header'));
      expect(docs.width).toBeGreaterThan(width - 20);
      expect(docs.top + docs.height).toBeLessThanOrEqual(tabs.top);
      await saveScreenshot(page, `stacked-${width}-${colorScheme}`);
      expect(await close()).toEqual([]);
    },
  );
});

describe('the choice of Bearer and DPoP, and Run', () => {
  test.each([
    { colorScheme: 'light', forcedColors: 'none' },
    { colorScheme: 'dark', forcedColors: 'none' },
    { colorScheme: 'light', forcedColors: 'active' },
    { colorScheme: 'dark', forcedColors: 'active' },
  ] as const)('can be seen: %o', async (media) => {
    const { page, run, close } = await openGraphiql(browser, environment);
    await page.emulateMedia(media);
    await run('All');
    const { chosen, icon } = await page.evaluate(() => {
      const luminance = (color: string): number => {
        const context = document.createElement('canvas').getContext('2d');
        if (!context) return Number.NaN;
        context.fillStyle = color;
        context.fillRect(0, 0, 1, 1);
        const [red = 0, green = 0, blue = 0] = [...context.getImageData(0, 0, 1, 1).data]
          .map((value) => value / 255)
          .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      };
      const ratio = (one: string, other: string): number => {
        const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
        return (light + 0.05) / (dark + 0.05);
      };
      const styleOf = (selector: string): CSSStyleDeclaration => {
        const element = document.querySelector(selector);
        if (!element) throw new Error(`${selector} is missing.`);
        return getComputedStyle(element);
      };
      const scheme = styleOf('#bar .scheme');
      const label = styleOf('#bar .scheme label:has(:checked)');
      // Either a ring or the ground marks it.
      const ring = /^(?:rgb|color)\([^)]*\)/.exec(label.boxShadow)?.[0] ?? label.backgroundColor;
      const run = styleOf('.graphiql-execute-button');
      const ground = run.backgroundColor;
      return {
        chosen: {
          mark: ratio(ring, scheme.backgroundColor),
          text: ratio(label.color, label.backgroundColor),
        },
        icon: ratio(styleOf('.graphiql-execute-button > svg').color, ground),
      };
    });
    expect(chosen.mark).toBeGreaterThanOrEqual(3);
    expect(chosen.text).toBeGreaterThanOrEqual(4.5);
    expect(icon).toBeGreaterThanOrEqual(3);
    await saveScreenshot(page, `choice-${media.colorScheme}-${media.forcedColors}`);
    expect(await close()).toEqual([]);
  });
});

test('has one main, one heading of the first level, and regions that say what they hold', async () => {
  const { page, close } = await openGraphiql(browser, environment);
  expect(await page.getByRole('main').count()).toBe(1);
  expect(await page.getByRole('banner').count()).toBe(1);
  expect(await page.getByRole('heading', { level: 1 }).allInnerTexts()).toEqual(['GraphiQL']);
  const account = page.getByRole('region', { name: 'Account' });
  expect(await account.getByLabel('Run as').locator('option:checked').innerText()).toBe(
    'Signed out',
  );
  expect(await page.getByRole('region', { name: 'Signed in' }).count()).toBe(0);
  expect(await close()).toEqual([]);
});
