import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildFixtureApi } from '../support/fixture-api.ts';
import { type BrowserDriver, openGraphiql, saveScreenshot } from './browser-driver.ts';
import { launchChromium } from './chromium.ts';
import { startEnvironment, type TestEnvironment } from './environment.ts';

const manyFields = Array.from({ length: 2_000 }, (_, index) => `f${index}`);

const api = buildFixtureApi({
  typeDefs: `
    type Mutation { erase(id: ID): Boolean @auth(scope: "admin:write") }
    input Filter { author: String, hidden: Boolean @auth(scope: "admin:write") }
    enum Order { NEWEST LOUDEST @auth(scope: "read:messages") }
    type Large { ${manyFields.map((name) => `${name}: Int @auth(scope: "read:messages")`).join(' ')} }
    extend type Query {
      search(filter: Filter, order: Order, deep: Boolean @auth(scope: "read:messages")): [Greeting]
      large: Large
    }`,
});

let environment: TestEnvironment;
let browser: Browser;
beforeAll(async () => {
  [environment, browser] = await Promise.all([startEnvironment({ api }), launchChromium()]);
});
afterAll(() => Promise.all([browser?.close(), environment?.close()]));

const allowClipboard = (page: Page): Promise<void> =>
  page.context().grantPermissions(['clipboard-read', 'clipboard-write'], {
    origin: environment.origin,
  });

/** Replaces what is in the editor. */
async function write(page: Page, text: string): Promise<void> {
  await page.locator('.graphiql-query-editor .view-lines').click();
  await page.keyboard.press('ControlOrMeta+A');
  // Pasted: of what is typed, the editor closes the braces.
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  await page.keyboard.press('ControlOrMeta+V');
}

/** What stands at the end of the lines of the editor, from top to bottom. */
async function readNotes(page: Page): Promise<readonly string[]> {
  const lines = await page.locator('.graphiql-query-editor .view-line').evaluateAll((all) =>
    all
      .map((line) => ({
        top: line.getBoundingClientRect().top,
        text: [...line.querySelectorAll('.access-note')]
          .map((note) => (note.textContent ?? '').replace(/\s+/g, ' ').trim())
          .join(' '),
      }))
      .sort((one, other) => one.top - other.top),
  );
  return lines.map(({ text }) => text).filter((text) => text !== '');
}

const pane = (page: Page): Locator => page.getByRole('region', { name: 'Access', exact: true });
const operation = (page: Page): Locator =>
  pane(page).getByRole('region', { name: 'This operation' });
const paneText = async (page: Page): Promise<string> =>
  (await pane(page).innerText()).replace(/\s+/g, ' ');

// One session: each test continues where the previous one ended.
describe.sequential('before an operation runs', () => {
  let driver: BrowserDriver;
  beforeAll(async () => {
    driver = await openGraphiql(browser, environment, {
      width: 1440,
      prepare: allowClipboard,
    });
  });
  const notes = () => readNotes(driver.page);
  const remedy = (name: string) => pane(driver.page).getByRole('button', { name });

  test('each guarded line has its verdict: signed out', async () => {
    await driver.openTab('All');

    await expect
      .poll(notes)
      .toEqual([
        '✕ sign-in',
        'not reached',
        '✕ read:messages',
        'not reached',
        '✕ admin:write',
        'not reached',
      ]);
    await saveScreenshot(driver.page, 'access-signed-out');
  });

  test('someone new sees the pane: the selections with rule and verdict, and what is missing', async () => {
    const { page } = driver;
    await expect
      .poll(() => paneText(page))
      .toContain(
        'Signed out: You get part of it. Missing for all of it: read:messages admin:write Sign in with read:messages admin:write',
      );

    const rows = await operation(page).getByRole('listitem').allInnerTexts();
    expect(rows.map((row) => row.replace(/\s+/g, ' '))).toEqual([
      '✓ public : allowed. public',
      '✓ message : allowed. public',
      '✕ private : refused. sign-in Sign in to read this.',
      '– message : not reached. public',
      '✕ privateScoped : refused. read:messages Sign in to read this.',
      '– message : not reached. public',
      '✕ admin : refused. admin:write Sign in to read this.',
      '– message : not reached. public',
    ]);
  });

  test('a name in the pane leads to its line', async () => {
    const { page } = driver;
    await operation(page).getByRole('button', { name: 'privateScoped' }).click();
    await page.keyboard.press('End');
    await page.keyboard.insertText(' #here');

    await expect
      .poll(() => new URL(page.url()).searchParams.get('query'))
      .toContain('privateScoped { #here');
    await page.keyboard.press('ControlOrMeta+Z');
  });

  test('signing in from the pane changes the verdicts: manager', async () => {
    const { page, signInAs } = driver;
    await signInAs('Manager', remedy('Sign in with read:messages admin:write'));

    await expect
      .poll(notes)
      .toEqual(['✓ sign-in', '✓ read:messages', '✕ admin:write', 'not reached']);
    await expect
      .poll(() => paneText(page))
      .toContain(
        'As Manager: You get part of it. Missing for all of it: admin:write Sign in with admin:write',
      );
    await saveScreenshot(page, 'access-manager');
  });

  test('and so do guest, administrator and signing out', async () => {
    const { page, signInAs, runAs, button } = driver;
    await runAs('Guest');
    await expect
      .poll(notes)
      .toEqual(['✓ sign-in', '✕ read:messages', 'not reached', '✕ admin:write', 'not reached']);

    await signInAs('Administrator', remedy('Sign in with read:messages admin:write'));
    await expect.poll(notes).toEqual(['✓ sign-in', '✓ read:messages', '✓ admin:write']);
    await expect.poll(() => paneText(page)).toContain('As Administrator: You get all of it.');
    expect(
      await pane(page)
        .getByRole('button', { name: /^Sign in/ })
        .count(),
    ).toBe(0);

    await button('Sign out').click();
    await expect.poll(notes).toContain('✕ sign-in');
  });

  test('while the operation does not parse, the verdicts stay on the lines that are left', async () => {
    const { page } = driver;
    await write(page, 'query Two {\n  private { message }\n  admin { message }\n');
    await expect.poll(() => paneText(page)).toMatch(/the operation is not complete\. Syntax Error/);
    await page.keyboard.insertText('}');
    await expect.poll(notes).toEqual(['✕ sign-in', '✕ admin:write']);

    // From here on, a note that disappears for a moment is seen.
    await page.evaluate(() => {
      const gone: string[] = [];
      Object.assign(window, { gone });
      const editor = document.querySelector('.graphiql-query-editor');
      if (!editor) throw new Error('There is no editor.');
      new MutationObserver(() => {
        const texts = [...editor.querySelectorAll('.access-note')].map((one) => one.textContent);
        if (!texts.some((text) => text?.includes('sign-in'))) gone.push('sign-in');
      }).observe(editor, { childList: true, subtree: true });
    });
    const asked = page.waitForResponse('**/graphiql/access');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('End');
    await page.keyboard.type(' pub');
    expect(await (await asked).json()).toMatchObject({ selections: [] });
    expect(await notes()).toEqual(['✕ sign-in', '✕ admin:write']);
    await expect.poll(() => paneText(page)).toContain('the operation is not complete.');
    expect(await operation(page).getByRole('listitem').count()).toBe(4);

    await page.keyboard.type('lic { message }');
    await expect.poll(() => operation(page).getByRole('listitem').count()).toBe(6);
    expect(await page.evaluate(() => Reflect.get(window, 'gone'))).toEqual([]);
  });

  test('a note moves with its line, and goes with its field', async () => {
    const { page } = driver;
    const responded = page.waitForResponse('**/graphiql/access');
    await page.keyboard.press('ControlOrMeta+Home');
    await page.keyboard.press('Enter');
    expect(await notes()).toEqual(['✕ sign-in', '✕ admin:write']);
    await responded;

    // Until the server says more, nothing is said of what the line has become.
    await page.route('**/graphiql/access', (route) => route.abort());
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    for (const _ of ' { message ') await page.keyboard.press('ArrowLeft');
    await page.keyboard.type('X');
    await expect.poll(notes).toEqual(['✕ admin:write']);
    await page.unroute('**/graphiql/access');
  });

  test('the notes are not copied', async () => {
    const { page } = driver;
    await write(page, '{ admin { message } }');
    await expect.poll(notes).toEqual(['✕ admin:write']);
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.press('ControlOrMeta+C');

    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('{ admin { message } }');
  });

  test('a hover says by which rule, and where it comes from', async () => {
    const { page } = driver;
    await page.locator('.access-note').hover();

    await expect
      .poll(async () => (await page.locator('.monaco-hover').allInnerTexts()).join(' '))
      .toMatch(
        /Query\.admin: Authentication required.*@auth\(scope: "admin:write"\) from Query\.admin/s,
      );
  });

  test('several fields of a line have their names', async () => {
    await write(driver.page, '{ public { message } private { message } admin { message } }');

    const line = async () => (await notes()).join(' ');
    await expect.poll(line).toBe('private ✕ sign-in admin ✕ admin:write');
  });

  test('a fragment has verdicts where it stands', async () => {
    await write(
      driver.page,
      'query Shared {\n  ...Admin\n}\nfragment Admin on Query {\n  admin {\n    message\n  }\n}',
    );

    await expect.poll(notes).toEqual(['✕ admin:write', 'not reached']);
  });

  test('arguments and variables decide', async () => {
    const { page } = driver;
    await write(page, 'query Find($deep: Boolean) {\n  search(deep: $deep) {\n    message\n  }\n}');
    await operation(page).getByRole('button', { name: 'search' }).waitFor();
    await expect.poll(notes).toEqual([]);

    await page.getByRole('button', { name: 'Variables', exact: true }).click();
    await page.locator('.graphiql-editor-tool .view-lines').first().click();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.insertText('{ "deep": true }');
    await expect.poll(notes).toEqual(['✕ read:messages', 'not reached']);
  });

  test('a token of the Headers tab is asked about, as it is sent', async () => {
    const { page } = driver;
    const asked = page.waitForRequest('**/graphiql/access');
    await page.getByRole('button', { name: 'Headers', exact: true }).click();
    await page.locator('.graphiql-editor-tool .view-lines').last().click();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.insertText('{ "Authorization": "Bearer typed" }');

    expect((await (await asked).allHeaders())['authorization']).toBe('Bearer typed');
    await expect
      .poll(() => paneText(page))
      .toContain('With the Headers tab: what is allowed is not known.');
    expect(await paneText(page)).toContain('is not a signed JWT');
    expect(await notes()).toEqual([]);
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.press('Delete');
    await expect.poll(notes).toEqual(['✕ read:messages', 'not reached']);
  });

  test('a bound token is proven to the endpoint that explains', async () => {
    const { page, signInAs } = driver;
    await page.getByText('DPoP', { exact: true }).click();
    await write(page, '{ admin { message } }');
    const asked = page.waitForResponse(
      async (response) =>
        response.url().endsWith('/graphiql/access') &&
        (response.request().headers()['authorization'] ?? '').startsWith('DPoP '),
    );
    await signInAs('Administrator', remedy('Sign in with admin:write'));

    expect((await asked).status()).toBe(200);
    await expect.poll(notes).toEqual(['✓ admin:write']);
  });

  test('nothing else was requested, and nothing failed', async () => {
    const problems = await driver.close();
    expect(problems.filter((problem) => !problem.includes('ERR_FAILED'))).toEqual([]);
  });
});

describe.sequential('the rules of the schema', () => {
  let driver: BrowserDriver;
  beforeAll(async () => {
    driver = await openGraphiql(browser, environment, {
      width: 1440,
      prepare: allowClipboard,
    });
  });
  const table = () => driver.page.getByRole('table');
  const cells = async (name: string): Promise<readonly string[]> => {
    const row = table().getByRole('row').filter({ hasText: name }).first();
    const texts = await row.getByRole('cell').allInnerTexts();
    return texts.map((text) => text.replace(/\s+/g, ' ').trim());
  };

  test('who can read what: each field, for each test user', async () => {
    await table().waitFor();
    const headers = await table().getByRole('columnheader').allInnerTexts();
    expect(headers.map((text) => text.replace(/\s+/g, ' '))).toEqual([
      'Field',
      'signed out (you)',
      'guest',
      'manager',
      'administrator',
    ]);

    expect(await cells('Query.public')).toEqual(Array(4).fill('✓ allowed'));
    expect(await cells('Query.privateScoped')).toEqual([
      '✕ refused',
      '✕ refused',
      '✓ allowed',
      '✓ allowed',
    ]);
    const [, first] = await table().getByRole('row').all();
    expect(await first?.innerText()).toMatch(/^Query\.\w+\s*public/);
  });

  test('it can be filtered by name and by rule', async () => {
    const filter = driver.page.getByRole('searchbox', { name: 'Filter by name or rule' });
    await filter.fill('admin:write');
    await expect
      .poll(() => table().getByRole('rowheader').allInnerTexts())
      .toEqual(
        [
          'Query.admin\nadmin:write',
          'Mutation.erase\nadmin:write',
          'Filter.hidden\nadmin:write',
        ].map((text) => expect.stringMatching(new RegExp(text.replace('\n', '\\s*')))),
      );
    await filter.fill('nothing has it');
    await driver.page.getByText('Nothing has this name or rule.').waitFor();
    await filter.fill('Query.');
  });

  test('a name leads to its documentation, in which each field and argument has its rule', async () => {
    const { page } = driver;
    await table().getByRole('button', { name: 'Query.search' }).first().click();
    const docs = page.getByRole('region', { name: 'Documentation Explorer' });
    const badges = () =>
      docs
        .locator('[data-rule]')
        .evaluateAll((all) =>
          all.map(
            (one) =>
              `${(one.textContent ?? '').replace(/\s+/g, '')} ${one.getAttribute('data-rule')}`,
          ),
        );
    await expect.poll(badges).toEqual(['search public', 'deep:Boolean read:messages']);

    await docs.getByRole('link', { name: 'Go back to Query' }).click();
    await expect
      .poll(badges)
      .toEqual(
        expect.arrayContaining([
          'admin:Greeting admin:write',
          'public:Greeting public',
          'deep:Boolean read:messages',
        ]),
      );
    await saveScreenshot(page, 'access-documentation');

    await docs.getByRole('link', { name: 'Filter', exact: true }).click();
    await expect.poll(badges).toContain('hidden:Boolean admin:write');
    await docs.getByRole('link', { name: 'Go back to Query' }).click();
    await docs.getByRole('link', { name: 'Order', exact: true }).click();
    await expect.poll(badges).toEqual(['LOUDEST read:messages']);
  });

  test('2,000 fields have rules, and an operation of many has its verdicts', async () => {
    const { page } = driver;
    await page.getByRole('button', { name: 'Show Access' }).click();
    await page.getByRole('searchbox').fill('Large.');
    // Not by roles: finding these takes Playwright seconds among so many elements.
    await page.locator('.access button', { hasText: 'Show all 2000' }).click();
    expect(await page.locator('.access tbody tr').count()).toBe(2_000);
    await page.locator('.access input').fill('Large.f1999');

    const selected = manyFields.slice(0, 800);
    await write(page, `{\n  large {\n    ${selected.join('\n    ')}\n  }\n}`);
    await page.locator('.access button', { hasText: 'Show all 801' }).click();
    expect(await page.locator('.access li').count()).toBe(801);
    await expect.poll(() => readNotes(page)).toContain('✕ read:messages');
    await write(page, '{ admin { message } }');
    await page.locator('.access li').nth(2).waitFor({ state: 'detached' });
  });

  test('a pane that was closed stays closed', async () => {
    const { page, reload } = driver;
    await page.getByRole('button', { name: 'Hide Access' }).click();
    await reload();
    await page.locator('.graphiql-execute-button').waitFor();
    expect(await pane(page).count()).toBe(0);
  });

  test('nothing else was requested, and nothing failed', async () => {
    expect(await driver.close()).toEqual([]);
  });
});

test('a verdict at the end of a long line is not cut', async () => {
  const { page, openTab, close } = await openGraphiql(browser, environment, { width: 1280 });
  await openTab('Scoped');
  await expect.poll(() => readNotes(page)).toEqual(['✕ read:messages', 'not reached']);
  const editor = page.locator('.graphiql-query-editor');
  const endOf = async (part: string): Promise<number> => {
    const box = await editor.locator(part).first().boundingBox();
    return box ? box.x + box.width : Number.NaN;
  };
  expect(await endOf('.access-note:has-text("read:messages")')).toBeLessThanOrEqual(
    await endOf('.overflow-guard'),
  );
  await saveScreenshot(page, 'access-1280');
  expect(await close()).toEqual([]);
});

test('in a narrow window, the pane is closed at first', async () => {
  const { page, close } = await openGraphiql(browser, environment, { width: 390 });
  await page.getByRole('button', { name: 'Show Access' }).waitFor();
  expect(await pane(page).count()).toBe(0);
  expect(await close()).toEqual([]);
});

test('in production there is none of it', async () => {
  const production = await startEnvironment({
    environment: {
      NODE_ENV: 'production',
      SHUTDOWN_DELAY: '0',
      GRAPHIQL: 'on',
      INTROSPECTION: 'on',
      AUTH0_DOMAIN: 'tenant.test',
      AUTH0_AUDIENCE: 'https://api.test',
    },
  });
  try {
    const { page, openTab, close } = await openGraphiql(browser, production);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await openTab('All');
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    await page.getByRole('link', { name: 'Query', exact: true }).click();
    await page.getByRole('link', { name: 'admin', exact: true }).waitFor();

    expect(await page.getByRole('button', { name: 'Show Access' }).count()).toBe(0);
    expect(await page.locator('.access-note, [data-rule]').count()).toBe(0);
    expect(asked.filter((path) => /access$|rules$/.test(path))).toEqual([]);
    expect(await close()).toEqual([]);
  } finally {
    await production.close();
  }
});
