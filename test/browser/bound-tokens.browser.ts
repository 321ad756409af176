import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { buildApi } from '../../src/server/build-api.ts';
import * as fixture from '../fixture/index.ts';
import { openGraphiql } from './browser-driver.ts';
import { launchChromium } from './chromium.ts';
import { startEnvironment, type TestEnvironment } from './environment.ts';

/** The tabs of the fixture, one of which requires a stronger sign-in. */
const api = buildApi({
  ...fixture,
  typeDefs: [
    authDirectives,
    /* GraphQL */ `
        type Query {
          public: Greeting
          private: Greeting @auth(maxAge: 0)
          viewer: Viewer @auth(maxAge: 0)
          privateScoped: Greeting @auth(scope: "read:messages")
          admin: Greeting @auth(acr: "urn:example:strong", maxAge: 300)
        }
        type Greeting {
          message: String!
          subject: ID
        }
        type Viewer {
          subject: ID!
          scopes: [String!]!
          expiresAt: String!
        }
      `,
  ],
  resolvers: {
    Query: {
      privateScoped: () => ({ message: 'Hello.' }),
      admin: () => ({ message: 'Hello.' }),
    },
  },
});

let environment: TestEnvironment;
let browser: Browser;
beforeAll(async () => {
  [environment, browser] = await Promise.all([
    startEnvironment({
      api,
      environment: { DPOP_NONCE: 'required' },
    }),
    launchChromium(),
  ]);
});
afterAll(() => Promise.all([browser?.close(), environment?.close()]));

test('tokens are bound to a key, proofs follow nonces, and a sign-in is stepped up', async () => {
  const { page, run, signInAs, message, openSignIn, button, close } = await openGraphiql(
    browser,
    environment,
  );
  await signInAs('Manager');
  expect((await run('Scoped')).sent['authorization']).toMatch(/^Bearer /);

  // The same account gets another token without a prompt.
  const [popup] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByText('DPoP', { exact: true }).click(),
  ]);
  await popup.waitForEvent('close');
  await message.getByText(/^$/).waitFor({ state: 'attached' });
  const bound = await run('Scoped');
  expect(bound.status).toBe(200);
  expect(bound.sent['authorization']).toMatch(/^DPoP /);
  expect(bound.sent['dpop']).toMatch(/^ey/);

  expect((await run('Private')).status).toBe(401);
  expect(await message.textContent()).toBe('This requires a sign-in at most 0 seconds old.');
  const [authorizationRequest, fresh] = await Promise.all([
    page.context().waitForEvent('request', (request) => request.url().includes('/authorize?')),
    openSignIn('Sign in again'),
  ]);
  expect(authorizationRequest.url()).toMatch(
    /[?&]prompt=login&.*max_age=0|max_age=0&.*prompt=login/,
  );
  await fresh.getByRole('button', { name: 'Cancel' }).click();
  await message.getByText('canceled').waitFor();

  const refused = await run('Admin');
  expect(refused.status).toBe(401);
  expect(await message.textContent()).toBe(
    'This requires a sign-in with the authentication class urn:example:strong.',
  );
  const again = await openSignIn('Sign in again');
  await again.waitForURL(/sign-in/);
  expect(await again.locator('code').allInnerTexts()).toContain('urn:example:strong');
  const closed = again.waitForEvent('close');
  await again.getByRole('button', { name: /^Manager/ }).click();
  await closed;
  await page.locator('.wire').getByText('200 OK').waitFor();

  // And back: a bound token cannot be sent as a Bearer token.
  const [last] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByText('Bearer', { exact: true }).click(),
  ]);
  await last.waitForEvent('close');
  await message.getByText(/^$/).waitFor({ state: 'attached' });
  expect((await run('Scoped')).sent['authorization']).toMatch(/^Bearer /);
  await button('Sign out').click();
  expect(await close()).toEqual([]);
});
