import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startLocalIssuer } from '../../src/dev/local-issuer.ts';
import { asMachine, audience, type IssuerFixture, startIssuer } from './issuer-fixture.ts';

let issuer: IssuerFixture;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());

test('is found by discovery under its own name, at the routes of Auth0', async () => {
  const metadata = (await asMachine(issuer.issuer)).serverMetadata();

  expect(issuer.issuer).toMatch(/^http:\/\/localhost:\d+\/$/);
  expect(metadata).toMatchObject({
    issuer: issuer.issuer,
    authorization_endpoint: `${issuer.issuer}authorize`,
    token_endpoint: `${issuer.issuer}oauth/token`,
    userinfo_endpoint: `${issuer.issuer}userinfo`,
    jwks_uri: `${issuer.issuer}.well-known/jwks.json`,
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
  });
});

test('says who is there', () => {
  expect(issuer.users.map(({ name, scopes }) => [name, scopes.join(' ')])).toEqual([
    ['manager', 'read:messages'],
    ['administrator', 'read:messages write:messages admin:write'],
    ['guest', ''],
  ]);
  expect(issuer.clients.map(({ clientId }) => clientId)).toEqual(['local-machine', 'local-spa']);
});

test('publishes one public key and nothing private', async () => {
  const answer = await fetch(`${issuer.issuer}.well-known/jwks.json`);

  expect(await answer.json()).toEqual({
    keys: [
      {
        kty: 'RSA',
        alg: 'RS256',
        use: 'sig',
        kid: expect.any(String),
        n: expect.any(String),
        e: 'AQAB',
      },
    ],
  });
});

describe('client credentials', () => {
  test.each([
    ['no scope', {}, undefined],
    ['one scope', { scope: 'read:messages' }, 'read:messages'],
    ['every scope', { scope: 'read:messages admin:write' }, 'read:messages admin:write'],
    ['the audience by name', { scope: 'admin:write', audience }, 'admin:write'],
  ])('grant %s', async (_case, parameters, granted) => {
    const tokens = await client.clientCredentialsGrant(await asMachine(issuer.issuer), parameters);

    expect(tokens.scope).toBe(granted);
    expect(tokens.token_type).toBe('bearer');
    expect(tokens.expiresIn()).toBeGreaterThan(3590);
  });

  test('work with the secret in the Authorization header', async () => {
    const configuration = await asMachine(issuer.issuer, {
      authentication: client.ClientSecretBasic,
    });

    const tokens = await client.clientCredentialsGrant(configuration, { scope: 'read:messages' });

    expect(tokens.scope).toBe('read:messages');
  });

  test.each([
    ['an unknown scope', { scope: 'read:messages fly' }, 'invalid_scope'],
    ['an unknown audience', { audience: 'https://other.example' }, 'invalid_target'],
    ['an audience that is no URI', { audience: 'other' }, 'invalid_target'],
  ])('are refused for %s', async (_case, parameters, error) => {
    const configuration = await asMachine(issuer.issuer);

    const outcome = client.clientCredentialsGrant(configuration, parameters);

    await expect(outcome).rejects.toMatchObject({ error, status: 400 });
  });

  test('are refused for a wrong secret', async () => {
    const configuration = await asMachine(issuer.issuer, { secret: 'wrong' });

    const outcome = client.clientCredentialsGrant(configuration, {});

    await expect(outcome).rejects.toMatchObject({ error: 'invalid_client', status: 401 });
  });
});

test('knows the scopes and identifiers that it is given', async () => {
  const other = await startIssuer({
    audience: ['https://one.example', 'https://two.example'],
    scopes: ['read:orders', 'write:orders'],
  });
  try {
    const machine = await asMachine(other.issuer);
    const parameters = { scope: 'write:orders', audience: 'https://two.example' };

    expect((await client.clientCredentialsGrant(machine, parameters)).scope).toBe('write:orders');
    expect(other.users.map(({ scopes }) => scopes)).toEqual([
      ['read:orders'],
      ['read:orders', 'write:orders'],
      [],
    ]);
  } finally {
    await other.close();
  }
});

test.each([
  ['in production', { environment: 'production' }, 'production', /NODE_ENV=production/],
  ['with an audience that is no URI', { audience: 'api' }, 'option', /absolute URI/],
  ['without an audience', { audience: [] }, 'option', /at least one/],
  ['with a relative key file', { keyFile: 'keys.json' }, 'option', /absolute path/],
  ['with tokens that never live', { accessTokenLifetime: 0 }, 'option', /accessTokenLifetime/],
])('does not start %s', async (_case, changes, code, message) => {
  const outcome = startLocalIssuer({
    port: 0,
    audience,
    keyFile: issuer.keyFile,
    environment: undefined,
    ...changes,
  });

  await expect(outcome).rejects.toMatchObject({ name: 'LocalIssuerError', code });
  await expect(outcome).rejects.toThrow(message);
});

test('says so when its port is taken', async () => {
  const port = Number(new URL(issuer.issuer).port);

  await expect(startIssuer({ port })).rejects.toThrow(
    new RegExp(`cannot listen on port ${port} of 127.0.0.1: something else already listens there`),
  );
});

test('answers nobody who calls it by another name', async () => {
  const { port } = new URL(issuer.issuer);
  const { request } = await import('node:http');
  const status = await new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', headers: { host: `evil.example:${port}` } };
    request(options, (answer) => resolve(answer.resume().statusCode))
      .on('error', reject)
      .end();
  });

  expect(status).toBe(421);
});
