import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, Locator, Page, Response } from 'playwright-core';
import type { TestEnvironment } from './environment.ts';

/** GraphiQL in a browser, and what a user does with it. */
export interface BrowserDriver {
  readonly page: Page;
  /** The message in the bar. */
  readonly message: Locator;
  /** Clicks a button of the bar, and returns the popup that it opens. */
  openSignIn(button?: string | Locator): Promise<Page>;
  /** Clicks a button of the bar, and selects a user in the popup. */
  signInAs(user: string, button?: string | Locator): Promise<void>;
  /** Selects a user in the bar, whom the local issuer signs in without a click. */
  runAs(user: string): Promise<void>;
  /** Opens a tab. */
  openTab(tab: string): Promise<void>;
  /** Runs a tab. */
  run(tab: string): Promise<ApiResponse>;
  button(name: string): Locator;
  reload(): Promise<void>;
  /** Closes the window, and returns unexpected requests and errors. */
  close(): Promise<readonly string[]>;
}

/** The response of the API to an operation, with the headers of the request. */
interface ApiResponse {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly sent: Readonly<Record<string, string>>;
}

export interface BrowserDriverOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  /** Runs before the page is opened. */
  readonly prepare?: (page: Page) => Promise<unknown>;
}

/** Opens GraphiQL in a new browser context, with empty storage. */
export async function openGraphiql(
  browser: Browser,
  { endpoint, origin, issuer }: TestEnvironment,
  { width = 1280, height = 800, colorScheme = 'light', prepare }: BrowserDriverOptions = {},
): Promise<BrowserDriver> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme });
  context.setDefaultTimeout(20_000);
  const problems: string[] = [];
  const explained = ['access', 'rules'].map((name) => `${origin}/graphiql/${name}`);
  const own = [`${origin}/`, issuer, 'data:'];
  context.on('request', (request) => {
    const url = request.url();
    if (!own.some((start) => url.startsWith(start))) problems.push(`A request to ${url}`);
  });
  context.on('console', (message) => {
    // Browsers log every 4xx as an error; those of the API are expected.
    const isRefusal = [endpoint, ...explained].includes(message.location().url);
    if (message.type() === 'error' && !isRefusal) problems.push(message.text());
  });
  context.on('weberror', (error) => problems.push(error.error().message));

  const page = await context.newPage();
  await prepare?.(page);
  const open = async (load: () => Promise<unknown>): Promise<void> => {
    const introspected = page.waitForResponse((response) =>
      isOperationResponse(response, endpoint),
    );
    await load();
    await introspected;
  };
  await open(() => page.goto(endpoint));
  const execute = page.locator('.graphiql-execute-button');
  const button = (name: string) => page.getByRole('button', { name, exact: true });

  const openTab = async (tab: string): Promise<void> => {
    // GraphiQL takes a moment to load a tab, and then writes its operation into the URL.
    const start = new RegExp(`(query|mutation|subscription) ${tab}\\b`);
    const holdsTab = (url: URL): boolean => start.test(url.searchParams.get('query') ?? '');
    if (holdsTab(new URL(page.url()))) return;
    // The name of the tab that is selected also says how to close it.
    await page.getByRole('tab').getByRole('button', { name: tab, exact: true }).click();
    await page.waitForURL(holdsTab);
  };
  const openSignIn = async (opener: string | Locator = 'Sign in'): Promise<Page> => {
    // The Access pane can have a button with the same name.
    const control =
      typeof opener === 'string'
        ? page.locator('#bar').getByRole('button', { name: opener, exact: true })
        : opener;
    const [popup] = await Promise.all([page.waitForEvent('popup'), control.click()]);
    return popup;
  };
  const untilRunAs = (user: string): Promise<void> =>
    page
      .locator('#bar .run-as option:checked')
      .getByText(user, { exact: true })
      .waitFor({ state: 'attached' });
  return {
    page,
    message: page.locator('#bar').getByRole('status'),
    button,
    openTab,
    openSignIn,
    async signInAs(user, name) {
      const popup = await openSignIn(name);
      const closed = popup.waitForEvent('close');
      await popup.getByRole('button', { name: new RegExp(`^${user}`) }).click();
      await closed;
      await untilRunAs(user);
    },
    async runAs(user) {
      await page.getByLabel('Run as').selectOption(user);
      await untilRunAs(user);
    },
    async run(tab) {
      await openTab(tab);
      const responded = page.waitForResponse(
        (response) => isOperationResponse(response, endpoint) && !isIntrospection(response),
      );
      await execute.click();
      const response = await responded;
      return {
        status: response.status(),
        body: await response.json(),
        sent: await response.request().allHeaders(),
      };
    },
    reload: () => open(() => page.reload()),
    async close() {
      await context.close();
      return problems;
    },
  };
}

/** Whether it is the response to an operation. The page handles a challenge for a nonce itself. */
function isOperationResponse(response: Response, endpoint: string): boolean {
  const challenge = response.headers()['www-authenticate'] ?? '';
  return (
    response.url() === endpoint &&
    response.request().method() === 'POST' &&
    !challenge.includes('use_dpop_nonce')
  );
}

/** After a change of the account, GraphiQL introspects again. */
function isIntrospection(response: Response): boolean {
  return response.request().postData()?.includes('"IntrospectionQuery"') ?? false;
}

/** Saves a screenshot in `artifacts`. */
export async function saveScreenshot(page: Page, name: string): Promise<void> {
  const folder = new URL('../../artifacts/', import.meta.url);
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: fileURLToPath(new URL(`${name}.png`, folder)) });
}
