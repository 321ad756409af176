import { makeExecutableSchema } from '@graphql-tools/schema';
import { createYoga } from 'graphql-yoga';
import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuthContext } from '../../../src/adapters/yoga/auth-options.ts';
import { useAuth } from '../../../src/adapters/yoga/use-auth.ts';
import { createAuthenticator } from '../../../src/authentication/authenticator.ts';
import { authDirectives } from '../../../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../../../src/authorization/enforcement/guard-schema.ts';
import { signInAs } from '../../../src/local-issuer/sign-in.ts';
import { audience, type IssuerFixture, startIssuer } from '../../local-issuer/issuer-fixture.ts';

const url = new URL('https://api.example/graphql');

let issuer: IssuerFixture;
let ask: (token: string, query: string, keyPair?: oauth.CryptoKeyPair) => Promise<Response>;
/** Milliseconds by which the API's clock has gone on since somebody signed in. */
let later = 0;

beforeAll(async () => {
  issuer = await startIssuer();
  const schema = guardSchema(
    makeExecutableSchema<AuthContext>({
      typeDefs: [
        authDirectives,
        `type Query {
          transfer: Int @auth(acr: ["urn:example:mfa"], maxAge: 60)
          strong: Int @auth(acr: ["urn:example:mfa", "urn:example:passkey"])
          recent: Int @auth(maxAge: 300)
        }`,
      ],
      resolvers: { Query: { transfer: () => 1, strong: () => 2, recent: () => 3 } },
    }),
    { now: () => Date.now() + later },
  );
  const authenticator = createAuthenticator({
    issuer: issuer.issuer,
    audience,
    dpop: 'optional',
    publicUrl: url.origin,
  });
  const yoga = createYoga({ schema, plugins: [useAuth({ authenticator })], logging: false });
  ask = (token, query, keyPair) =>
    oauth.protectedResourceRequest(
      token,
      'POST',
      url,
      new Headers({ 'content-type': 'application/json' }),
      JSON.stringify({ query }),
      {
        [oauth.customFetch]: async (target, { method, headers, body }) => {
          const answer = await yoga.fetch(target, { method, headers, body: String(body) });
          // The client insists on the global Response.
          return new Response(await answer.text(), answer);
        },
        ...(keyPair === undefined ? {} : { DPoP: oauth.DPoP({}, keyPair) }),
      },
    );
});
afterAll(() => issuer.close());

/** What a client does with a refusal: reads in the challenge what sign-in is needed. */
async function challengeOf(answer: Promise<Response>) {
  const error = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof oauth.WWWAuthenticateChallengeError)) throw error;
  const [challenge, ...more] = error.cause;
  expect(more).toEqual([]);
  return { status: error.status, scheme: challenge?.scheme, parameters: challenge?.parameters };
}

describe.each(['bearer', 'dpop'] as const)('the whole way of a step-up, with %s', (scheme) => {
  it.each([
    ['transfer', { acr_values: 'urn:example:mfa', max_age: '60' }],
    ['strong', { acr_values: 'urn:example:mfa urn:example:passkey' }],
    ['recent', { max_age: '300' }],
  ])('%s: refused, stepped up, allowed', async (field, needed) => {
    const query = `{ ${field} }`;
    const keyPair = scheme === 'dpop' ? await oauth.generateKeyPair('ES256') : undefined;
    const who = { issuer: issuer.issuer, user: 'manager', ...(keyPair ? { keyPair } : {}) };

    const weak = await signInAs(who);
    later = 301_000;
    const refusal = await challengeOf(ask(weak.access_token, query, keyPair));
    expect(refusal).toMatchObject({
      status: 401,
      scheme,
      parameters: { error: 'insufficient_user_authentication', ...needed },
    });
    const { acr_values: acrValues, max_age: maxAge } = refusal.parameters ?? {};
    expect([acrValues, maxAge]).toEqual([
      'acr_values' in needed ? needed.acr_values : undefined,
      'max_age' in needed ? needed.max_age : undefined,
    ]);

    // The issuer's clock is the real one, so the API's comes back to it.
    later = 0;
    const strong = await signInAs({
      ...who,
      ...(acrValues === undefined ? {} : { acrValues }),
      ...(maxAge === undefined ? {} : { maxAge: Number(maxAge) }),
    });
    const answer = await ask(strong.access_token, query, keyPair);
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { data: { [field]: expect.any(Number) } },
    ]);
  });
});
