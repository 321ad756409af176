import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessCommand } from '../../src/cli/access-command.ts';
import { runInProcess } from '../cli/run-in-process.ts';
import { saveScreenshot } from './browser-driver.ts';
import { launchChromium } from './chromium.ts';

/* The page of `npm run access -- --html`, opened from disk. */

let browser: Browser;
let folder: string;
let url: string;
const problems: string[] = [];

beforeAll(async () => {
  browser = await launchChromium();
  folder = await mkdtemp(join(tmpdir(), 'access-page-'));
  const { stdout } = await runInProcess(accessCommand, { folder, arguments: ['--html'] });
  const file = join(folder, 'access.html');
  await writeFile(file, stdout);
  url = pathToFileURL(file).href;
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
  expect(problems).toEqual([]);
});

interface View {
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
  readonly hash?: string;
  readonly javaScriptEnabled?: boolean;
  /** As at this zoom. */
  readonly zoom?: number;
}

async function withPage(
  { width = 1280, colorScheme = 'light', hash = '', javaScriptEnabled = true, zoom = 1 }: View,
  use: (page: Page) => Promise<unknown>,
): Promise<void> {
  const context = await browser.newContext({
    viewport: { width: Math.floor(width / zoom), height: Math.floor(800 / zoom) },
    deviceScaleFactor: zoom,
    colorScheme,
    javaScriptEnabled,
  });
  const page = await context.newPage();
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) {
      problems.push(`A request to ${request.url()}`);
    }
  });
  page.on('console', (message) => problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(`${url}${hash}`);
  await use(page);
  await context.close();
}

const shownRows = (page: Page): Promise<readonly string[]> =>
  page.getByRole('rowheader').allInnerTexts();
const label = (page: Page, name: string) => page.getByLabel(name, { exact: true });

describe('the filters', () => {
  it.each<[string, (page: Page) => Promise<unknown>, readonly string[]]>([
    [
      'by text',
      (page) => label(page, 'Coordinate or rule').fill('query. READ:'),
      ['Query.privateScoped'],
    ],
    [
      'by kind of rule',
      (page) => label(page, 'Rule').selectOption('scope'),
      ['Query.admin', 'Query.privateScoped'],
    ],
    [
      'by what a viewer is allowed',
      async (page) => {
        await label(page, 'Coordinate or rule').fill('Query.');
        await label(page, 'Viewer').selectOption('manager');
      },
      ['Query.public', 'Query.private', 'Query.viewer', 'Query.privateScoped'],
    ],
    [
      'by what a viewer is refused',
      async (page) => {
        await label(page, 'Viewer').selectOption('anonymous');
        await label(page, 'Access of this viewer').selectOption('refused');
        await label(page, 'Order').selectOption('by coordinate');
      },
      ['Query.admin', 'Query.private', 'Query.privateScoped', 'Query.viewer', 'Subscription.clock'],
    ],
  ])('%s', async (_case, choose, expected) => {
    await withPage({}, async (page) => {
      const all = await shownRows(page);
      await choose(page);
      expect(await shownRows(page)).toEqual(expected);
      expect(await page.getByRole('status').innerText()).toBe(
        `${expected.length} of ${all.length} shown`,
      );
      await page.getByRole('button', { name: 'Show all' }).press('Enter');
      await page.getByText(`${all.length} of ${all.length} shown`).waitFor();
      expect(await shownRows(page)).toEqual(all);
    });
  });

  it('are not there without JavaScript, and the table is', async () => {
    await withPage({ javaScriptEnabled: false }, async (page) => {
      expect(await page.getByRole('searchbox').count()).toBe(0);
      expect(await shownRows(page)).toContain('Query.admin');
    });
  });
});

describe('a link to a coordinate', () => {
  it('shows its row', async () => {
    await withPage({ hash: '#Query.admin' }, async (page) => {
      const row = page.getByRole('row', { name: /^Query\.admin / });
      expect(await row.evaluate((element) => element.matches(':target'))).toBe(true);
      await label(page, 'Rule').selectOption('public');
      expect(await row.isVisible()).toBe(false);
      await page.evaluate(() => {
        location.hash = '#Query.privateScoped';
      });
      await page.getByRole('row', { name: /^Query\.privateScoped / }).waitFor();
      expect(await label(page, 'Rule').inputValue()).toBe('');
    });
  });
});

describe('accessibility', () => {
  it('has one heading, a main, a table with headers, and names for everything', async () => {
    await withPage({}, async (page) => {
      expect(await page.getByRole('main').count()).toBe(1);
      expect(await page.getByRole('heading', { level: 1 }).allInnerTexts()).toEqual([
        'Who can read what',
      ]);
      const table = page.getByRole('table', { name: /^Schema coordinates/ });
      expect(await table.getByRole('columnheader').allInnerTexts()).toHaveLength(6);
      const row = table.getByRole('row', { name: /^Query\.admin / });
      expect(await row.ariaSnapshot()).toContain(
        'Query.admin refused refused refused allowed @auth(scope:',
      );
      const unnamed = await page.evaluate(() =>
        [...document.querySelectorAll<HTMLInputElement>('input, select, button, a')]
          .filter(
            (one) =>
              ((one.labels?.length ?? 0) > 0 ? one.labels?.[0]?.innerText : one.innerText) === '',
          )
          .map((one) => one.outerHTML),
      );
      expect(unnamed).toEqual([]);
      const ids = await page.evaluate(() =>
        [...document.querySelectorAll('[id]')].map(({ id }) => id),
      );
      expect(new Set(ids).size).toBe(ids.length);
    });
  });

  it('can be used with the keyboard', async () => {
    await withPage({}, async (page) => {
      const focused: string[] = [];
      for (let count = 0; count < 7; count += 1) {
        await page.keyboard.press('Tab');
        focused.push(
          await page.evaluate(() => {
            const element = document.activeElement;
            const outline = element ? getComputedStyle(element).outlineStyle : 'none';
            return `${element?.getAttribute('name') ?? element?.getAttribute('aria-label') ?? element?.textContent}: ${outline}`;
          }),
        );
      }
      // The access of a viewer can be chosen once there is one.
      expect(focused).toEqual(
        ['text', 'kind', 'viewer', 'order', 'Show all', 'Access by viewer', 'Greeting.message'].map(
          (name) => `${name}: solid`,
        ),
      );
    });
  });

  it.each(['light', 'dark'] as const)('has enough contrast: %s', async (colorScheme) => {
    await withPage({ colorScheme }, async (page) => {
      const ratios = await page.evaluate(() => {
        const channels = (color: string): readonly number[] =>
          (color.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
        const luminance = (color: string): number =>
          channels(color)
            .map((value) => value / 255)
            .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
            .reduce((sum, value, index) => sum + value * ([0.2126, 0.7152, 0.0722][index] ?? 0), 0);
        const groundOf = (element: Element | null): string => {
          if (element === null) return 'rgb(255, 255, 255)';
          const color = getComputedStyle(element).backgroundColor;
          return color === 'rgba(0, 0, 0, 0)' ? groundOf(element.parentElement) : color;
        };
        const texts = [...document.querySelectorAll('body *')].filter((one) =>
          [...one.childNodes].some(
            ({ nodeType, textContent }) => nodeType === 3 && textContent?.trim(),
          ),
        );
        const pairs = [
          ...texts.map((one) => [one, getComputedStyle(one).color] as const),
          ...[...document.querySelectorAll('td')].map(
            (one) => [one, getComputedStyle(one, '::before').color] as const,
          ),
        ];
        return pairs
          .filter(([one]) => !one.closest('script, style, select:disabled'))
          .map(([one, color]) => {
            const [light = 0, dark = 0] = [luminance(color), luminance(groundOf(one))].sort(
              (a, b) => b - a,
            );
            return {
              text: `${one.tagName} ${one.textContent?.trim().slice(0, 30)}`,
              ratio: (light + 0.05) / (dark + 0.05),
            };
          })
          .filter(({ ratio }) => ratio < 4.5);
      });
      expect(ratios).toEqual([]);
    });
  });
});

describe('sizes', () => {
  const sizes = [
    { width: 1280 },
    { width: 1280, colorScheme: 'dark' },
    { width: 1280, zoom: 2 },
    { width: 390 },
    { width: 390, colorScheme: 'dark' },
    { width: 320 },
  ] as const satisfies readonly View[];
  it.each(sizes)('%o', async (view) => {
    await withPage(view, async (page) => {
      const name = Object.values({ colorScheme: 'light', zoom: 1, ...view }).join('-');
      await saveScreenshot(page, `access-page-${name}`);
      const width = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(width).toBeLessThanOrEqual(0);
      const row = page.getByRole('row', { name: /^Query\.admin / });
      await row.scrollIntoViewIfNeeded();
      expect(await row.getByRole('cell').count()).toBe(5);
      const cells = await row.locator('td').all();
      for (const cell of cells) {
        const box = await cell.boundingBox();
        expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(view.width);
      }
    });
  });

  it('prints every row that is shown, without the filters', async () => {
    await withPage({}, async (page) => {
      await label(page, 'Rule').selectOption('scope');
      await page.emulateMedia({ media: 'print' });
      expect(await page.getByRole('searchbox').count()).toBe(0);
      expect(await shownRows(page)).toEqual(['Query.admin', 'Query.privateScoped']);
      const scroll = page.getByRole('region', { name: 'Access by viewer' });
      expect(await scroll.evaluate((one) => getComputedStyle(one).maxHeight)).toBe('none');
    });
  });
});
