import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiClient } from '../../src/local-issuer/clients-and-users.ts';
import { startLocalIssuer } from '../../src/local-issuer/local-issuer.ts';
import { signInAs } from '../../src/local-issuer/sign-in.ts';
import type { TokenProfile } from '../../src/local-issuer/token-profile.ts';
import {
  asMachine,
  audience,
  type IssuerFixture,
  knownScopes,
  startIssuer,
} from './issuer-fixture.ts';

const issuers = new Map<TokenProfile, IssuerFixture>();
beforeAll(async () => {
  for (const profile of ['auth0', 'rfc9068'] as const) {
    issuers.set(profile, await startIssuer({ profile, accessTokenLifetime: 120 }));
  }
});
afterAll(() => Promise.all([...issuers.values()].map((issuer) => issuer.close())));

function issuerOf(profile: TokenProfile): IssuerFixture {
  const issuer = issuers.get(profile);
  if (!issuer) throw new Error('not started');
  return issuer;
}

async function verify(token: string, { issuer }: { issuer: string }) {
  const keys = createRemoteJWKSet(new URL('.well-known/jwks.json', issuer));
  return jwtVerify(token, keys, { issuer, audience, algorithms: ['RS256'] });
}

async function machineToken(issuer: IssuerFixture): Promise<string> {
  const parameters = { scope: 'read:messages admin:write' };
  const machine = await asMachine(issuer.issuer);
  return (await client.clientCredentialsGrant(machine, parameters)).access_token;
}

test("a user's token in Auth0's profile", async () => {
  const issuer = issuerOf('auth0');
  const scope = 'openid email read:messages admin:write';
  const tokens = await signInAs({ issuer: issuer.issuer, user: 'manager', scope });

  const { payload, protectedHeader } = await verify(tokens.access_token, issuer);

  expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'JWT', kid: expect.any(String) });
  expect(payload).toEqual({
    iss: issuer.issuer,
    sub: 'manager',
    aud: [audience, `${issuer.issuer}userinfo`],
    iat: expect.any(Number),
    exp: Number(payload.iat) + 120,
    scope: 'openid email read:messages',
    azp: 'local-spa',
    permissions: ['read:messages'],
    auth_time: expect.any(Number),
  });
});

test("permissions in Auth0's profile are the granted scopes, not all of the user's", async () => {
  const issuer = issuerOf('auth0');
  const scope = 'read:messages';
  const tokens = await signInAs({ issuer: issuer.issuer, user: 'administrator', scope });

  const { payload } = await verify(tokens.access_token, issuer);

  expect(payload).toMatchObject({ aud: audience, scope, permissions: ['read:messages'] });
});

test("a machine's token in Auth0's profile", async () => {
  const issuer = issuerOf('auth0');

  const { payload } = await verify(await machineToken(issuer), issuer);

  expect(payload).toEqual({
    iss: issuer.issuer,
    sub: 'local-machine@clients',
    aud: audience,
    iat: expect.any(Number),
    exp: expect.any(Number),
    scope: 'read:messages admin:write',
    gty: 'client-credentials',
    azp: 'local-machine',
    permissions: ['read:messages', 'admin:write'],
  });
});

test("a user's token in the profile of RFC 9068", async () => {
  const issuer = issuerOf('rfc9068');
  const scope = 'openid read:messages admin:write';
  const tokens = await signInAs({ issuer: issuer.issuer, user: 'administrator', scope });

  const { payload, protectedHeader } = await verify(tokens.access_token, issuer);

  expect(protectedHeader.typ).toBe('at+jwt');
  expect(payload).toEqual({
    iss: issuer.issuer,
    sub: 'administrator',
    aud: audience,
    iat: expect.any(Number),
    exp: Number(payload.iat) + 120,
    jti: expect.any(String),
    client_id: 'local-spa',
    scope: 'openid read:messages admin:write',
    auth_time: expect.any(Number),
  });
});

test("a machine's token in the profile of RFC 9068", async () => {
  const issuer = issuerOf('rfc9068');

  const { payload, protectedHeader } = await verify(await machineToken(issuer), issuer);

  expect(protectedHeader.typ).toBe('at+jwt');
  expect(payload).toMatchObject({
    sub: 'local-machine',
    client_id: 'local-machine',
    jti: expect.any(String),
    scope: 'read:messages admin:write',
  });
});

test.each(['auth0', 'rfc9068'] as const)(
  'without scopes there is no scope claim, in the profile %s',
  async (profile) => {
    const issuer = issuerOf(profile);
    const machine = await asMachine(issuer.issuer);
    const tokens = await client.clientCredentialsGrant(machine, {});

    const { payload } = await verify(tokens.access_token, issuer);

    expect(payload).not.toHaveProperty('scope');
    expect(payload['permissions'] ?? []).toEqual([]);
  },
);

test('a token is still valid after a restart of its issuer', async () => {
  const first = await startIssuer();
  const token = await machineToken(first);
  const keys = async (issuer: string) =>
    (await fetch(new URL('.well-known/jwks.json', issuer))).json();
  const before = await keys(first.issuer);

  const second = await startLocalIssuer({
    port: 0,
    audience,
    keyFile: first.keyFile,
    environment: undefined,
    ...knownScopes(),
  });

  try {
    expect(await keys(second.issuer)).toEqual(before);
    const restarted = createRemoteJWKSet(new URL('.well-known/jwks.json', second.issuer));
    await expect(jwtVerify(token, restarted, { issuer: first.issuer })).resolves.toBeDefined();
  } finally {
    await second.close();
    await first.close();
  }
});

describe('an opaque token', () => {
  let issuer: IssuerFixture;
  beforeAll(async () => {
    issuer = await startIssuer({ profile: 'opaque', accessTokenLifetime: 120 });
  });
  afterAll(() => issuer.close());

  async function introspect(token: string, secret: string = apiClient.clientSecret) {
    const configuration = await client.discovery(
      new URL(issuer.issuer),
      apiClient.clientId,
      secret,
      client.ClientSecretBasic(secret),
      { execute: [client.allowInsecureRequests] },
    );
    return client.tokenIntrospection(configuration, token);
  }

  test('of a user', async () => {
    const scope = 'openid read:messages';
    const tokens = await signInAs({ issuer: issuer.issuer, user: 'manager', scope });
    expect(tokens.access_token).toMatch(/^[\w-]+$/);
    expect(await introspect(tokens.access_token)).toEqual({
      active: true,
      iss: issuer.issuer,
      sub: 'manager',
      aud: audience,
      client_id: 'local-spa',
      iat: expect.any(Number),
      exp: expect.any(Number),
      auth_time: expect.any(Number),
      scope: 'read:messages',
      token_type: 'Bearer',
    });
  });

  test('of a machine', async () => {
    expect(await introspect(await machineToken(issuer))).toMatchObject({
      active: true,
      sub: 'local-machine@clients',
      client_id: 'local-machine',
      scope: 'read:messages admin:write',
    });
  });

  test('is inactive if the issuer does not know it', async () => {
    expect(await introspect('unknown')).toEqual({ active: false });
  });

  test('is introspected for the API only', async () => {
    await expect(introspect(await machineToken(issuer), 'guessed')).rejects.toMatchObject({
      status: 401,
    });
  });
});
