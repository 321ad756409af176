import type { Browser, Page, Request } from 'playwright-core';

/** A page in a browser, and what the browser recorded. */
export interface RecordedPage {
  readonly page: Page;
  /** What the app wrote to the console or threw. */
  readonly consoleMessages: readonly string[];
  /** The origins that got a request. */
  readonly origins: ReadonlySet<string>;
  /** The Authorization header of each request to this URL, in order. */
  sentTokens(url: string): (string | undefined)[];
  /** How many requests to renew a token were sent. */
  renewals(): number;
  close(): Promise<void>;
}

/** What Chromium logs about failed requests and connections, and what Vite and React log in development. */
const notFromApp =
  /^(Failed to load resource: |WebSocket connection to |\[vite\] |%cDownload the React DevTools)/;

/** Opens a URL with an empty browser profile. */
export async function openRecordedPage(browser: Browser, url: string): Promise<RecordedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(10_000);
  // Vite's development server bundles the packages of the app first.
  context.setDefaultNavigationTimeout(60_000);
  const page = await context.newPage();
  const consoleMessages: string[] = [];
  const origins = new Set<string>();
  const requests: Request[] = [];
  page.on('console', (message) => {
    if (!notFromApp.test(message.text())) consoleMessages.push(message.text());
  });
  page.on('pageerror', (error) => consoleMessages.push(String(error)));
  context.on('request', (request) => {
    requests.push(request);
    if (!request.url().startsWith('data:')) origins.add(new URL(request.url()).origin);
  });
  await page.goto(url);
  return {
    page,
    consoleMessages,
    origins,
    sentTokens: (url) =>
      requests
        .filter((request) => request.url().startsWith(url) && request.method() !== 'OPTIONS')
        .map((request) => request.headers()['authorization']),
    renewals: () =>
      requests.filter((request) => request.postData()?.includes('grant_type=refresh_token')).length,
    close: () => context.close(),
  };
}
