import { describe, expect, test } from 'vitest';
import type { AppFixture } from './app-fixture.ts';
import { problem, refetch, shown, signIn, signInButton, takeScreenshots } from './app-page.ts';
import { otherAudience } from './environment.ts';

/** The tests of an app's messages about problems. */
export function describeProblems(fixture: AppFixture): void {
  describe('says what is wrong and how to fix it:', () => {
    test('the sign-in is canceled', async () => {
      const page = await fixture.open('#private');
      await signInButton(page).click();

      await page.getByRole('button', { name: 'Cancel' }).click();

      await problem(page, 'The sign-in was canceled. Nothing has changed.').waitFor();
      expect(new URL(page.url())).toMatchObject({ search: '', hash: '#private' });
      await signIn(page, 'Guest');
      await shown(page, 'private').waitFor();
      expect(await page.getByRole('alert').count()).toBe(0);
    });

    test('a second sign-in is canceled: the user stays signed in', async () => {
      const page = await fixture.open('#admin');
      await signIn(page, 'Manager');
      await page.getByRole('button', { name: 'Sign in with admin:write' }).click();

      await page.getByRole('button', { name: 'Cancel' }).click();

      await problem(page, 'The sign-in was canceled').waitFor();
      expect(await page.getByRole('banner').textContent()).toContain('Manager');
    });

    test('the response to a sign-in that was not started', async () => {
      const page = await fixture.open('?code=some&state=unknown');

      await problem(page, 'The sign-in could not be completed. Sign in again.').waitFor();
      expect(new URL(page.url()).search).toBe('');
    });

    test('the issuer cannot be reached', async () => {
      const page = await fixture.open('');
      await shown(page, 'public').waitFor();
      await fixture.environment.issuer.stop();
      try {
        await signInButton(page).click();
        await problem(
          page,
          `Can't reach the issuer at ${fixture.environment.issuer.url}`,
        ).waitFor();
      } finally {
        await fixture.environment.issuer.start();
      }
    });

    test('the response is not from an issuer', async () => {
      const page = await fixture.open('');
      await page.route('**/.well-known/openid-configuration', (route) =>
        route.fulfill({ contentType: 'text/html', body: '<h1>Hello</h1>' }),
      );

      await signInButton(page).click();

      await problem(page, 'that VITE_ISSUER is correct').waitFor();
    });

    test('the issuer cannot be reached for a renewal: the user stays signed in', async () => {
      const page = await fixture.open('#private');
      await signIn(page, 'Guest');
      await shown(page, 'private').waitFor();
      await page.clock.setFixedTime(Date.now() + 2 * 60 * 60 * 1000);
      await page.route('**/oauth/token', (route) => route.abort());

      await refetch(page);

      await problem(page, `Can't reach the issuer at ${fixture.environment.issuer.url}`).waitFor();
      await page.unroute('**/oauth/token');
      await refetch(page);
      await shown(page, 'private').waitFor();
    });

    test('the API cannot be reached', async () => {
      await fixture.environment.api.stop();
      const page = await fixture.open('');
      try {
        await problem(page, `Can't reach the API at ${fixture.environment.api.url}`).waitFor();
        await takeScreenshots(page, `${fixture.app}-unreachable`);
      } finally {
        await fixture.environment.api.start();
      }
      await refetch(page);
      await shown(page, 'public').waitFor();
    });

    test('a clock is wrong', async () => {
      const page = await fixture.open('#private');
      await signIn(page, 'Guest');
      await shown(page, 'private').waitFor();

      fixture.environment.setApiAhead(2 * 60 * 60);
      await refetch(page);

      await page.getByText('Set both clocks.').waitFor();
      expect(fixture.recorded.renewals()).toBe(1);
    });

    test('the token is for another API', async () => {
      const page = await fixture.open('#private', fixture.withOtherAudience);
      await signIn(page, 'Guest');

      await page.getByText(`Check VITE_AUDIENCE (${otherAudience})`).waitFor();
      await takeScreenshots(page, `${fixture.app}-audience`);
    });

    test('the issuer does not know the API', async () => {
      const page = await fixture.open('#private', fixture.withUnknownAudience);
      await signInButton(page).click();

      await problem(page, 'The issuer does not know this API. Check VITE_AUDIENCE').waitFor();
    });
  });
}
