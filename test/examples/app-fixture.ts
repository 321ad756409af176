import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { launchChromium } from '../browser/chromium.ts';
import { type Environment, otherAudience, startEnvironment } from './environment.ts';
import { openRecordedPage, type RecordedPage } from './recorded-page.ts';
import { type App, type ServedApp, serveApp, startDevelopmentServer } from './serve-app.ts';

/** An app with its API and issuer, and the page of the current test. */
export interface AppFixture {
  readonly app: App;
  readonly environment: Environment;
  readonly recorded: RecordedPage;
  /** Opens a path of the app. */
  open(path: string, served?: ServedApp): Promise<Page>;
  /** Opens a path of the app as another person would: in a browser context of its own. */
  openElsewhere(path: string): Promise<Page>;
  /** The app with the audience of another API. */
  readonly withOtherAudience: ServedApp;
  /** The app with an audience that the issuer does not know. */
  readonly withUnknownAudience: ServedApp;
  /** The app on Vite's development server. */
  startDevelopment(): Promise<ServedApp>;
}

/** Starts everything before the tests, and checks after each that the app behaved. */
export function setUpApp(app: App): AppFixture {
  let browser: Browser;
  let environment: Environment;
  beforeAll(async () => {
    [browser, environment] = await Promise.all([launchChromium(), startEnvironment()]);
  });
  afterAll(async () => {
    await browser?.close();
    await environment?.close();
  });

  const served: ServedApp[] = [];
  const serve = async (settings = {}, start = serveApp): Promise<ServedApp> => {
    const urls = { VITE_ISSUER: environment.issuer.url, VITE_ENDPOINT: environment.api.url };
    const one = await start(app, { ...urls, ...settings });
    served.push(one);
    return one;
  };
  let withDefaults: ServedApp;
  let withOtherAudience: ServedApp;
  let withUnknownAudience: ServedApp;
  beforeAll(async () => {
    withDefaults = await serve();
    withOtherAudience = await serve({ VITE_AUDIENCE: otherAudience });
    withUnknownAudience = await serve({ VITE_AUDIENCE: 'https://unknown.example' });
  }, 60_000);
  afterAll(() => Promise.all(served.map(({ close }) => close())));

  let recorded: RecordedPage;
  const opened: RecordedPage[] = [];
  const openPage = async (path: string, { origin }: ServedApp): Promise<RecordedPage> => {
    const one = await openRecordedPage(browser, `${origin}/${path}`);
    opened.push(one);
    return one;
  };
  beforeEach(() => environment.setApiAhead(0));
  afterEach(async () => {
    const own = new Set(
      [environment.api.url, environment.issuer.url].map((url) => new URL(url).origin),
    );
    for (const { origins, consoleMessages, page, close } of opened.splice(0)) {
      const app = new URL(page.url()).origin;
      expect([...origins].filter((origin) => !own.has(origin))).toEqual([app]);
      expect(consoleMessages).toEqual([]);
      await close();
    }
  });

  return {
    app,
    get environment() {
      return environment;
    },
    get recorded() {
      return recorded;
    },
    get withOtherAudience() {
      return withOtherAudience;
    },
    get withUnknownAudience() {
      return withUnknownAudience;
    },
    async open(path, served = withDefaults) {
      recorded = await openPage(path, served);
      return recorded.page;
    },
    openElsewhere: async (path) => (await openPage(path, withDefaults)).page,
    startDevelopment: () => serve({}, startDevelopmentServer),
  };
}
