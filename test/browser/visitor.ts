import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, Locator, Page, Response } from 'playwright-core';
import type { World } from './world.ts';

/** Somebody in front of GraphiQL. */
export interface Visitor {
  readonly page: Page;
  /** What the bar says. */
  readonly sentence: Locator;
  /** Presses a button of the bar, and has the window that it opens. */
  openSignIn(button?: string): Promise<Page>;
  /** Presses a button of the bar, and chooses a person in the window that it opens. */
  signInAs(person: string, button?: string): Promise<void>;
  /** Runs a tab. */
  run(tab: string): Promise<Answer>;
  button(name: string): Locator;
  reload(): Promise<void>;
  /** Ends the visit, and tells what went wrong behind the scenes. */
  leave(): Promise<readonly string[]>;
}

/** What the API answered to an operation, and with what it was asked. */
interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly sent: Readonly<Record<string, string>>;
}

export interface VisitOptions {
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
  /** Runs before the page is opened. */
  readonly prepare?: (page: Page) => Promise<unknown>;
}

/** Opens GraphiQL in a window of its own, with nothing remembered. */
export async function visit(
  browser: Browser,
  { endpoint, origin, issuer }: World,
  { width = 1280, colorScheme = 'light', prepare }: VisitOptions = {},
): Promise<Visitor> {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
  context.setDefaultTimeout(8000);
  const faults: string[] = [];
  const own = [`${origin}/`, issuer, 'data:', `blob:${origin}/`];
  context.on('request', (request) => {
    const url = request.url();
    if (!own.some((start) => url.startsWith(start))) faults.push(`A request to ${url}`);
  });
  context.on('console', (message) => {
    // Browsers report every refusal as an error; those of the API are what is tried here.
    const isRefusal = message.location().url === endpoint;
    if (message.type() === 'error' && !isRefusal) faults.push(message.text());
  });
  context.on('weberror', (error) => faults.push(error.error().message));

  const page = await context.newPage();
  await prepare?.(page);
  const open = async (load: () => Promise<unknown>): Promise<void> => {
    const introspected = page.waitForResponse((response) => isAnswer(response, endpoint));
    await load();
    await introspected;
  };
  await open(() => page.goto(endpoint));
  const execute = page.locator('.graphiql-execute-button');
  const button = (name: string) => page.getByRole('button', { name, exact: true });

  const openSignIn = async (name = 'Sign in'): Promise<Page> => {
    const [popup] = await Promise.all([page.waitForEvent('popup'), button(name).click()]);
    return popup;
  };
  return {
    page,
    sentence: page.locator('#bar').getByRole('status'),
    button,
    openSignIn,
    async signInAs(person, name) {
      const popup = await openSignIn(name);
      const closed = popup.waitForEvent('close');
      await popup.getByRole('button', { name: new RegExp(`^${person}`) }).click();
      await closed;
      await page.locator('#bar .who').getByText(person, { exact: true }).waitFor();
    },
    async run(tab) {
      // GraphiQL takes a moment to take up what its tab holds, and then writes it into the address.
      const holdsTab = (url: URL): boolean =>
        (url.searchParams.get('query') ?? '').includes(`query ${tab} `);
      if (!holdsTab(new URL(page.url()))) {
        await page.getByRole('tab', { name: tab, exact: true }).click();
        await page.waitForURL(holdsTab);
      }
      const answered = page.waitForResponse((response) => isAnswer(response, endpoint));
      await execute.click();
      const response = await answered;
      return {
        status: response.status(),
        body: await response.json(),
        sent: await response.request().allHeaders(),
      };
    },
    reload: () => open(() => page.reload()),
    async leave() {
      await context.close();
      return faults;
    },
  };
}

/** Whether it answers an operation. A challenge for a nonce is followed by the page itself. */
function isAnswer(response: Response, endpoint: string): boolean {
  const challenge = response.headers()['www-authenticate'] ?? '';
  return (
    response.url() === endpoint &&
    response.request().method() === 'POST' &&
    !challenge.includes('use_dpop_nonce')
  );
}

/** Keeps a picture of the page for whoever looks at the run afterwards. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = new URL('../../artifacts/', import.meta.url);
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: fileURLToPath(new URL(`${name}.png`, folder)) });
}
