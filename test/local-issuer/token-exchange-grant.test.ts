import { createRemoteJWKSet, decodeJwt, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiClient, machineClient } from '../../src/local-issuer/clients-and-users.ts';
import { signInAs } from '../../src/local-issuer/sign-in.ts';
import { tokenExchangeGrant } from '../../src/local-issuer/token-exchange-grant.ts';
import type { TokenProfile } from '../../src/local-issuer/token-profile.ts';
import { createProof, thumbprintOf } from '../support/proofs.ts';
import { createTestKey } from '../support/tokens.ts';
import { asMachine, audience, type IssuerFixture, startIssuer } from './issuer-fixture.ts';

const stock = 'https://stock.example';
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
const overHttp = { execute: [client.allowInsecureRequests] };

interface Running {
  readonly fixture: IssuerFixture;
  /** The API as a client. */
  readonly api: client.Configuration;
  /** An access token of the administrator, with two of three scopes. */
  readonly token: string;
}
const running = new Map<TokenProfile, Running>();
beforeAll(async () => {
  for (const profile of ['auth0', 'rfc9068', 'opaque'] as const) {
    const fixture = await startIssuer({ profile, audience: [audience, stock] });
    const { issuer } = fixture;
    const api = await asApi(issuer);
    const scope = 'openid email read:messages admin:write';
    const tokens = await signInAs({ issuer, user: 'administrator', scope });
    running.set(profile, { fixture, api, token: tokens.access_token });
  }
});
afterAll(() => Promise.all([...running.values()].map(({ fixture }) => fixture.close())));

function get(profile: TokenProfile): Running {
  const found = running.get(profile);
  if (found === undefined) throw new Error('The issuer was not started.');
  return found;
}

const asApi = (issuer: string, secret: string = apiClient.clientSecret) =>
  client.discovery(
    new URL(issuer),
    apiClient.clientId,
    undefined,
    client.ClientSecretBasic(secret),
    overHttp,
  );

type Changes = Readonly<Record<string, string | undefined>>;

/** Sends a valid exchange, except for the changes; undefined leaves a parameter out. */
function exchange({ api, token }: Running, changes: Changes = {}) {
  const parameters = {
    subject_token: token,
    subject_token_type: accessTokenType,
    audience: stock,
    ...changes,
  };
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) form.append(name, value);
  }
  return client.genericGrantRequest(api, tokenExchangeGrant, form);
}

async function claimsOf({ fixture }: Running, token: string): Promise<JWTPayload> {
  const keys = createRemoteJWKSet(new URL('.well-known/jwks.json', fixture.issuer));
  const { payload } = await jwtVerify(token, keys, { issuer: fixture.issuer, audience: stock });
  return payload;
}

describe('the new token', () => {
  test("says who acts, in Auth0's profile", async () => {
    const issued = await exchange(get('auth0'), { scope: 'read:messages' });
    expect(issued).toMatchObject({
      token_type: 'bearer',
      issued_token_type: accessTokenType,
      scope: 'read:messages',
    });
    expect(await claimsOf(get('auth0'), issued.access_token)).toEqual({
      iss: get('auth0').fixture.issuer,
      sub: 'administrator',
      aud: stock,
      iat: expect.any(Number),
      exp: expect.any(Number),
      scope: 'read:messages',
      permissions: ['read:messages'],
      azp: 'local-api',
      auth_time: expect.any(Number),
      act: { sub: 'local-api' },
    });
  });

  test('says who acts, in the profile of RFC 9068', async () => {
    const issued = await exchange(get('rfc9068'));
    expect(await claimsOf(get('rfc9068'), issued.access_token)).toMatchObject({
      sub: 'administrator',
      client_id: 'local-api',
      scope: 'read:messages admin:write',
      auth_time: expect.any(Number),
      act: { sub: 'local-api' },
    });
  });

  test('says who acts, if it is opaque', async () => {
    const issued = await exchange(get('opaque'));
    const again = await exchange(get('opaque'), { subject_token: issued.access_token });
    expect(await client.tokenIntrospection(get('opaque').api, again.access_token)).toMatchObject({
      active: true,
      sub: 'administrator',
      aud: stock,
      scope: 'read:messages admin:write',
      auth_time: expect.any(Number),
      act: { sub: 'local-api', act: { sub: 'local-api' } },
    });
  });

  test('has the actors before, five at most', async () => {
    const issuer = get('auth0');
    let { token } = issuer;
    for (let count = 0; count < 5; count += 1) {
      token = (await exchange(issuer, { subject_token: token })).access_token;
    }
    let act: unknown = decodeJwt(token)['act'];
    for (let count = 0; count < 5; count += 1) {
      expect(act).toMatchObject({ sub: 'local-api' });
      act = Object(act).act;
    }
    expect(act).toBeUndefined();
    const outcome = exchange(issuer, { subject_token: token });
    await expect(outcome).rejects.toMatchObject({ error: 'invalid_request' });
  });

  test.each([
    ['auth0', 'local-machine@clients'],
    ['rfc9068', 'local-machine'],
    ['opaque', 'local-machine@clients'],
  ] as const)('is for a machine, in the profile %s', async (profile, sub) => {
    const machine = await asMachine(get(profile).fixture.issuer);
    const parameters = { scope: 'read:messages' };
    const { access_token: token } = await client.clientCredentialsGrant(machine, parameters);
    const issued = await exchange(get(profile), { subject_token: token });
    const claims =
      profile === 'opaque'
        ? await client.tokenIntrospection(get(profile).api, issued.access_token)
        : await claimsOf(get(profile), issued.access_token);
    expect(claims).toMatchObject({ sub, act: { sub: 'local-api' }, scope: 'read:messages' });
  });

  test.each(['auth0', 'opaque'] as const)(
    'does not outlive the exchanged one, in the profile %s',
    async (profile) => {
      const { issuer } = get(profile).fixture;
      const tokens = await signInAs({ issuer, user: 'manager', lifetime: 60 });
      const issued = await exchange(get(profile), { subject_token: tokens.access_token });
      expect(issued.expires_in).toBeLessThanOrEqual(60);
      const shorter = await exchange(get(profile), { lifetime: '30' });
      expect(shorter.expires_in).toBe(30);
    },
  );

  test('is bound to the key of a proof, which counts once', async () => {
    const { fixture, token } = get('auth0');
    const url = `${fixture.issuer}oauth/token`;
    const key = createTestKey();
    const clock = { seconds: () => Math.floor(Date.now() / 1000) };
    const proof = createProof({ key, token, url, clock, claims: { ath: undefined } });
    const send = async (dpop: string) => {
      const { clientId, clientSecret } = apiClient;
      const response = await fetch(url, {
        method: 'POST',
        headers: { dpop, authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
        body: new URLSearchParams({
          grant_type: tokenExchangeGrant,
          subject_token: token,
          subject_token_type: accessTokenType,
          audience: stock,
        }),
      });
      return { status: response.status, body: await response.json() };
    };

    const issued = await send(proof);
    expect(issued).toMatchObject({ status: 200, body: { token_type: 'DPoP' } });
    expect(await claimsOf(get('auth0'), issued.body.access_token)).toMatchObject({
      cnf: { jkt: thumbprintOf(key) },
    });
    expect(await send(proof)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await send('x')).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } });
  });
});

describe('the request', () => {
  test.each<[string, Changes, string | undefined]>([
    ['no scope: all of the exchanged token', {}, 'read:messages admin:write'],
    ['one of its scopes', { scope: 'admin:write' }, 'admin:write'],
    ['a scope that is for the client only', { scope: 'openid' }, undefined],
    ['a resource', { audience: undefined, resource: stock, scope: 'admin:write' }, 'admin:write'],
    [
      'the type of a JWT',
      { subject_token_type: 'urn:ietf:params:oauth:token-type:jwt', scope: 'admin:write' },
      'admin:write',
    ],
    [
      'no actor for a parameter of others',
      { organization: 'x', scope: 'admin:write' },
      'admin:write',
    ],
  ])('can have %s', async (_case, changes, scope) => {
    expect((await exchange(get('auth0'), changes)).scope).toBe(scope);
  });

  test('is for the first API by default', async () => {
    const issued = await exchange(get('auth0'), { audience: undefined });
    expect(decodeJwt(issued.access_token).aud).toBe(audience);
  });

  test.each<[string, Changes, string]>([
    [
      'a scope of the user that the token does not have',
      { scope: 'write:messages' },
      'invalid_scope',
    ],
    ['an unknown audience', { audience: 'https://other.example' }, 'invalid_target'],
    [
      'an unknown resource',
      { audience: undefined, resource: 'https://other.example' },
      'invalid_target',
    ],
    ['two targets', { resource: audience }, 'invalid_target'],
    ['no token', { subject_token: undefined }, 'invalid_request'],
    ['no type of token', { subject_token_type: undefined }, 'invalid_request'],
    [
      'another type of token',
      { subject_token_type: 'urn:ietf:params:oauth:token-type:id_token' },
      'invalid_request',
    ],
    [
      'another requested type',
      { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
      'invalid_request',
    ],
    [
      'the token of an actor',
      { actor_token: 'x', actor_token_type: accessTokenType },
      'invalid_request',
    ],
  ])('is rejected for %s', async (_case, changes, error) => {
    for (const profile of ['auth0', 'opaque'] as const) {
      await expect(exchange(get(profile), changes)).rejects.toMatchObject({ error, status: 400 });
    }
  });

  test('is rejected for a token that is not an access token of this issuer', async () => {
    const { fixture } = get('auth0');
    const { issuer } = fixture;
    const scope = 'openid read:messages';
    const tokens = await signInAs({ issuer, user: 'manager', scope });
    const foreign = await new SignJWT(decodeJwt(get('auth0').token))
      .setProtectedHeader({ alg: 'ES256' })
      .sign(createTestKey().privateKey);
    const other = await signInAs({ issuer: get('rfc9068').fixture.issuer, user: 'manager' });
    const rows = [tokens.id_token, tokens.refresh_token, foreign, other.access_token, 'x', ''];
    for (const token of rows) {
      const outcome = exchange(get('auth0'), { subject_token: token });
      await expect(outcome).rejects.toMatchObject({ error: 'invalid_request' });
    }
  });

  test('is rejected for other clients', async () => {
    const { issuer } = get('auth0').fixture;
    const machine = await asMachine(issuer, { secret: machineClient.clientSecret });
    await expect(exchange({ ...get('auth0'), api: machine })).rejects.toMatchObject({
      error: 'invalid_request',
    });
    const guessed = await asApi(issuer, 'guessed');
    await expect(exchange({ ...get('auth0'), api: guessed })).rejects.toMatchObject({
      status: 401,
    });
  });
});
