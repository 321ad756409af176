import { expect, test } from 'vitest';
import { setUpApp } from './app-fixture.ts';
import {
  fields,
  notAllowed,
  problem,
  refetch,
  shown,
  signIn,
  takeScreenshots,
} from './app-page.ts';
import { describeLive } from './describe-live.ts';
import { describeMessages } from './describe-messages.ts';
import { describeProblems } from './describe-problems.ts';
import type { App } from './serve-app.ts';

/** The tests of an app, in a browser, against the API and the local issuer. */
export function describeApp(app: App): void {
  const fixture = setUpApp(app);

  test('shows public fields without a sign-in', async () => {
    const page = await fixture.open('');

    await shown(page, 'public').waitFor();

    expect(await page.getByText('Not signed in').isVisible()).toBe(true);
    expect(fixture.recorded.sentTokens(fixture.environment.api.url)).toEqual([undefined]);
    await takeScreenshots(page, `${fixture.app}-public`);
  });

  test('signs in, and shows fields that require a scope; tokens stay in the tab', async () => {
    const page = await fixture.open('#scoped');
    await notAllowed(page, 'privateScoped').waitFor();

    await signIn(page, 'Manager');

    await shown(page, 'privateScoped').waitFor();
    expect(new URL(page.url()).search).toBe('');
    expect(await page.getByRole('banner').textContent()).toContain('Manager read:messages');
    expect(await page.evaluate('localStorage.length')).toBe(0);
    await page.reload();
    await shown(page, 'privateScoped').waitFor();
    expect(await page.getByText('Not signed in').count()).toBe(0);
  });

  test('names the missing scope, and signs in with it', async () => {
    const page = await fixture.open('#admin');
    await signIn(page, 'Manager');
    await notAllowed(page, 'admin').getByText('Missing scope: admin:write').waitFor();
    await takeScreenshots(page, `${fixture.app}-forbidden`);

    await page.getByRole('button', { name: 'Sign in with admin:write' }).click();
    await page.getByRole('button', { name: 'Administrator' }).click();

    await shown(page, 'admin').waitFor();
    expect(await page.getByRole('banner').textContent()).toContain('Administrator');
  });

  test('offers a stronger sign-in if one is required', async () => {
    const page = await fixture.open('#private');
    await signIn(page, 'Guest');
    await shown(page, 'private').waitFor();
    const stepUp = { code: 'UNAUTHENTICATED', acr: ['urn:example:strong'], maxAge: 60 };
    const message = 'A stronger or more recent sign-in is required.';
    await page.route(fixture.environment.api.url, (route) =>
      route.fulfill({
        status: 401,
        contentType: 'application/graphql-response+json',
        headers: {
          'access-control-allow-origin': '*',
          'access-control-expose-headers': 'WWW-Authenticate',
          'www-authenticate': 'Bearer realm="any", error="insufficient_user_authentication"',
        },
        json: { errors: [{ message, path: ['private'], extensions: stepUp }] },
      }),
    );
    await refetch(page);
    await notAllowed(page, 'private').getByText(message).waitFor();
    expect(fixture.recorded.renewals()).toBe(0);
    await page.unroute(fixture.environment.api.url);

    await page.getByRole('button', { name: 'Sign in again' }).click();

    await page.getByText('requires the authentication class urn:example:strong').waitFor();
    await page.getByRole('button', { name: 'Guest' }).click();
    await shown(page, 'private').waitFor();
  });

  test('shows data beside what is not allowed', async () => {
    const page = await fixture.open('#all');
    await notAllowed(page, 'admin').waitFor();
    const [data, others] = await fields(page);
    expect(data).toEqual(['public']);
    expect(others?.sort()).toEqual(['admin', 'private', 'privateScoped']);
    await takeScreenshots(page, `${fixture.app}-partial-anonymous`);

    await signIn(page, 'Manager');

    await shown(page, 'privateScoped').waitFor();
    expect(await fields(page)).toEqual([['public', 'private', 'privateScoped'], ['admin']]);
    await takeScreenshots(page, `${fixture.app}-partial`);
    await page.emulateMedia({ colorScheme: 'dark' });
    await takeScreenshots(page, `${fixture.app}-partial-dark`);
  });

  test('renews an expired token before sending it', async () => {
    const page = await fixture.open('#private');
    await signIn(page, 'Guest');
    await shown(page, 'private').waitFor();
    const before = fixture.recorded.sentTokens(fixture.environment.api.url).length;
    await page.clock.setFixedTime(Date.now() + 2 * 60 * 60 * 1000);

    await refetch(page);
    await refetch(page);

    await shown(page, 'private').waitFor();
    // One for each run: none was rejected and sent again.
    expect(fixture.recorded.sentTokens(fixture.environment.api.url).length - before).toBe(2);
    expect(fixture.recorded.renewals()).toBe(1);
  });

  test('renews a token that the API rejects, once, and retries', async () => {
    const page = await fixture.open('#private');
    await signIn(page, 'Guest');
    await shown(page, 'private').waitFor();
    const before = fixture.recorded.sentTokens(fixture.environment.api.url).length;
    fixture.environment.setApiAhead(2 * 60 * 60);
    await page.route('**/oauth/token', async (route) => {
      fixture.environment.setApiAhead(0);
      await route.continue();
    });

    await refetch(page);

    await shown(page, 'private').waitFor();
    // The rejected one, and its retry.
    expect(fixture.recorded.sentTokens(fixture.environment.api.url).length - before).toBe(2);
    expect(fixture.recorded.renewals()).toBe(1);
  });

  test('requires a sign-in if the token cannot be renewed, and returns to the same query', async () => {
    const page = await fixture.open('#scoped');
    await signIn(page, 'Manager');
    await shown(page, 'privateScoped').waitFor();
    const before = fixture.recorded.sentTokens(fixture.environment.api.url).length;
    await fixture.environment.issuer.stop();
    await fixture.environment.issuer.start();
    fixture.environment.setApiAhead(2 * 60 * 60);

    await refetch(page);

    await problem(page, 'Your session has expired. Sign in again.').waitFor();
    await notAllowed(page, 'privateScoped').waitFor();
    expect(fixture.recorded.renewals()).toBe(1);
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
    // First with the token, then without.
    const sent = fixture.recorded.sentTokens(fixture.environment.api.url).slice(before);
    expect(sent[0]).toBeDefined();
    expect(new Set(sent.slice(1))).toEqual(new Set([undefined]));
    await takeScreenshots(page, `${fixture.app}-ended`);
    fixture.environment.setApiAhead(0);
    await signIn(page, 'Manager');
    await shown(page, 'privateScoped').waitFor();
  });

  test('signs out of the app and the issuer', async () => {
    const page = await fixture.open('#private');
    await signIn(page, 'Manager');
    await shown(page, 'private').waitFor();

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();

    await shown(page, 'public').waitFor();
    expect(await page.getByText('Not signed in').isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('button', { name: 'Guest' }).click();
    await page.getByText('no scopes').waitFor();
  });

  describeProblems(fixture);
  describeMessages(fixture);
  describeLive(fixture);

  test("runs on Vite's development server", async () => {
    const page = await fixture.open('#scoped', await fixture.startDevelopment());
    await notAllowed(page, 'privateScoped').waitFor();

    await signIn(page, 'Manager');

    await shown(page, 'privateScoped').waitFor();
  });

  test('works with the keyboard only', async () => {
    const page = await fixture.open('');
    await shown(page, 'public').waitFor();
    const reached: unknown[] = [];
    for (let step = 0; step < 10; step += 1) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate('document.activeElement.textContent'));
    }
    expect(reached).toEqual([
      'Use DPoP',
      'Sign in',
      'Public',
      'Private',
      'Scoped',
      'Admin',
      'All',
      'Messages',
      'Live',
      'Refetch',
    ]);
  });
}
