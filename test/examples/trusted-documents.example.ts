import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../browser/chromium.ts';
import { type ManifestFile, writeManifest } from '../support/trusted-documents.ts';
import { fields, notAllowed, shown, signIn } from './app-page.ts';
import { type Environment, startEnvironment } from './environment.ts';
import { message, post, signInWith, waitUntilLive } from './messages-page.ts';
import { openRecordedPage } from './recorded-page.ts';
import { apps, type ServedApp, serveApp } from './serve-app.ts';

const run = promisify(execFile);

describe.each(apps)('%s with trusted documents only', (app) => {
  let browser: Browser;
  let manifest: ManifestFile;
  let environment: Environment;
  let served: ServedApp;
  beforeAll(async () => {
    const cwd = fileURLToPath(new URL(`../../examples/${app}`, import.meta.url));
    const folder = await mkdtemp(join(tmpdir(), 'documents-'));
    const file = join(folder, 'list.json');
    await run(process.execPath, ['../shared/write-documents.mjs', file], { cwd });
    const list: Record<string, string> = JSON.parse(await readFile(file, 'utf8'));
    await rm(folder, { recursive: true });
    manifest = writeManifest(...Object.values(list));
    [browser, environment] = await Promise.all([
      launchChromium(),
      startEnvironment({
        TRUSTED_DOCUMENTS: manifest.file,
        TRUSTED_DOCUMENTS_MODE: 'only',
        GRAPHIQL: 'off',
      }),
    ]);
    served = await serveApp(app, {
      VITE_ISSUER: environment.issuer.url,
      VITE_ENDPOINT: environment.api.url,
      VITE_TRUSTED_DOCUMENTS: 'on',
    });
  });
  afterAll(async () => {
    await Promise.all([browser?.close(), environment?.close(), served?.close()]);
    manifest?.remove();
  });

  test('sends hashes, and works as without', async () => {
    const recorded = await openRecordedPage(browser, `${served.origin}/#all`);
    const { page } = recorded;
    const sent: unknown[] = [];
    page.on('request', (request) => {
      if (request.url() === environment.api.url)
        sent.push(...[request.postDataJSON()].filter(Boolean));
    });
    await notAllowed(page, 'admin').waitFor();

    await signIn(page, 'Manager');
    await shown(page, 'privateScoped').waitFor();
    expect(await fields(page)).toEqual([['public', 'private', 'privateScoped'], ['admin']]);
    await page.getByRole('link', { name: 'Messages' }).click();
    await waitUntilLive(page);
    await post(page, 'By its hash');
    await signInWith(page, 'write:messages', 'Administrator');
    await waitUntilLive(page);
    await post(page, 'By its hash');
    await message(page, 'By its hash').waitFor();

    for (const body of sent) {
      expect(body).toHaveProperty('documentId');
      expect(body).not.toHaveProperty('query');
    }
    expect(sent.length).toBeGreaterThan(3);
    expect(recorded.consoleMessages).toEqual([]);
    await recorded.close();
  });
});
