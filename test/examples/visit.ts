import type { Browser, Page, Request } from 'playwright-core';

/** A person's visit to an app, and what their browser noticed. */
export interface Visit {
  readonly page: Page;
  /** What the app wrote to the console or threw. */
  readonly complaints: readonly string[];
  /** The origins that were asked for anything. */
  readonly origins: ReadonlySet<string>;
  /** Every request that was sent, in order. */
  readonly requests: readonly Request[];
  close(): Promise<void>;
}

/** Chromium itself notes each refused request and each silent server; the app does not. */
const ownNotes = /^Failed to load resource: /;

/** Opens an app in a browser that has never been there. */
export async function visit(browser: Browser, url: string): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  const origins = new Set<string>();
  const requests: Request[] = [];
  page.on('console', (message) => {
    if (!ownNotes.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  context.on('request', (request) => {
    requests.push(request);
    if (!request.url().startsWith('data:')) origins.add(new URL(request.url()).origin);
  });
  await page.goto(url);
  return { page, complaints, origins, requests, close: () => context.close() };
}
