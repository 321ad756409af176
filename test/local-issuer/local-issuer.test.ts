import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { decodeJwt } from 'jose';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startLocalIssuer } from '../../src/local-issuer/local-issuer.ts';
import { createRequestHandler } from '../../src/local-issuer/request-handler.ts';
import { signInAs } from '../../src/local-issuer/sign-in.ts';
import {
  asBrowser,
  asMachine,
  audience,
  type IssuerFixture,
  knownScopes,
  startIssuer,
} from './issuer-fixture.ts';

let issuer: IssuerFixture;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());

test('supports discovery, with the endpoints of Auth0', async () => {
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

test('lists its users and clients', () => {
  expect(issuer.users.map(({ name, scopes }) => [name, scopes.join(' ')])).toEqual([
    ['manager', 'read:messages'],
    ['administrator', 'read:messages write:messages admin:write'],
    ['guest', ''],
  ]);
  expect(issuer.clients.map(({ clientId }) => clientId)).toEqual(['local-machine', 'local-spa']);
});

test.each<[when: string, fail: (response: ServerResponse) => void, result: number | 'aborted']>([
  ['before the response', () => {}, 500],
  ['during the response', (response) => response.writeHead(200).write('half'), 'aborted'],
])('an error %s is reported and ends the response', async (_when, begin, result) => {
  const problem = new Error('not expected');
  const errors: unknown[] = [];
  const fail = async (_request: IncomingMessage, response: ServerResponse) => {
    begin(response);
    throw problem;
  };
  const server = createServer(
    createRequestHandler({
      issuer: issuer.issuer,
      login: fail,
      userInfo: fail,
      provider: fail,
      onError: (error) => errors.push(error),
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const outcome = await fetch(`http://127.0.0.1:${port}/token`)
    .then(async (response) => {
      await response.text();
      return response.status;
    })
    .catch(() => 'aborted');
  server.close();
  expect([outcome, errors]).toEqual([result, [problem]]);
});

test('publishes one public key and no private parameters', async () => {
  const response = await fetch(`${issuer.issuer}.well-known/jwks.json`);

  expect(await response.json()).toEqual({
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
    ['an audience that is not a URI', { audience: 'other' }, 'invalid_target'],
  ])('are rejected for %s', async (_case, parameters, error) => {
    const configuration = await asMachine(issuer.issuer);

    const outcome = client.clientCredentialsGrant(configuration, parameters);

    await expect(outcome).rejects.toMatchObject({ error, status: 400 });
  });

  test('are rejected for a wrong secret', async () => {
    const configuration = await asMachine(issuer.issuer, { secret: 'wrong' });

    const outcome = client.clientCredentialsGrant(configuration, {});

    await expect(outcome).rejects.toMatchObject({ error: 'invalid_client', status: 401 });
  });
});

describe('the lifetime of an access token', () => {
  const lifetimeOf = (tokens: client.TokenEndpointResponse): number => {
    const { exp = 0, iat = 0 } = decodeJwt(tokens.access_token);
    return exp - iat;
  };

  test.each([
    ['1', 1],
    ['86400', 86_400],
  ])('is what a machine requests: %s', async (lifetime, seconds) => {
    const machine = await asMachine(issuer.issuer);
    const tokens = await client.clientCredentialsGrant(machine, { lifetime });

    expect([lifetimeOf(tokens), tokens.expires_in]).toEqual([seconds, seconds]);
  });

  test('is what a user requests, also when renewing', async () => {
    const tokens = await signInAs({ issuer: issuer.issuer, user: 'manager', lifetime: 2 });
    const browser = await asBrowser(issuer.issuer);
    const renewed = await client.refreshTokenGrant(browser, tokens.refresh_token ?? '', {
      lifetime: '3',
    });
    const again = await client.refreshTokenGrant(browser, renewed.refresh_token ?? '');

    expect([tokens, renewed, again].map(lifetimeOf)).toEqual([2, 3, 3600]);
  });

  test.each(['0', '86401', '-1', '1.5', '1e3', '', ' 1', '0x1'])(
    'is never %j',
    async (lifetime) => {
      const machine = await asMachine(issuer.issuer);

      await expect(client.clientCredentialsGrant(machine, { lifetime })).rejects.toMatchObject({
        error: 'invalid_request',
        error_description: 'lifetime must be a whole number of seconds from 1 to 86400',
      });
    },
  );

  test('cannot be requested twice', async () => {
    const response = await fetch(`${issuer.issuer}oauth/token`, {
      method: 'POST',
      body: new URLSearchParams([
        ['grant_type', 'client_credentials'],
        ['client_id', 'local-machine'],
        ['client_secret', 'local-machine-secret'],
        ['lifetime', '1'],
        ['lifetime', '2'],
      ]),
    });

    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: 'invalid_request' },
    ]);
  });
});

describe('a user', () => {
  test.each([
    ['every scope they have', 'administrator', undefined, ['email', 'read:orders']],
    ['nothing if they have no scopes', 'guest', undefined, []],
    ['nothing if they request nothing', 'administrator', '', []],
    // A name that is a scope of the API and of OpenID Connect is granted as a scope of the API.
    ['only scopes they have', 'manager', 'email read:orders', ['read:orders']],
    ['each scope once', 'administrator', 'email read:orders', ['email', 'read:orders']],
  ])('gets %s: %s, %j', async (_case, user, scope, granted) => {
    const other = await startIssuer(knownScopes(['email', 'read:orders']));
    try {
      const options = scope === undefined ? {} : { scope };
      const { access_token: token } = await signInAs({ issuer: other.issuer, user, ...options });
      const { permissions, scope: inToken } = decodeJwt(token);
      expect(permissions).toEqual(granted);
      expect(String(inToken ?? '').split(' ')).toEqual(granted.length > 0 ? granted : ['openid']);
    } finally {
      await other.close();
    }
  });

  test('can have a scope that no rule names, and their own name and email', async () => {
    const other = await startIssuer({
      scopes: ['read:orders'],
      users: [{ name: 'ann', scopes: ['print'], displayName: 'Ann B.', email: 'ann@b.example' }],
    });
    try {
      const options = { issuer: other.issuer, user: 'ann' };
      expect((await signInAs(options)).scope).toBe('print');
      const { claims } = await signInAs({ ...options, scope: 'openid profile email' });
      expect(claims()).toMatchObject({ name: 'Ann B.', email: 'ann@b.example' });
    } finally {
      await other.close();
    }
  });
});

test('uses the scopes and identifiers of its options', async () => {
  const other = await startIssuer({
    audience: ['https://one.example', 'https://two.example'],
    ...knownScopes(['read:orders', 'write:orders']),
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

const ann = { name: 'ann', scopes: ['a'] };

test.each([
  ['in production', { environment: 'production' }, 'production', /NODE_ENV=production/],
  ['with an audience that is not a URI', { audience: 'api' }, 'option', /absolute URI/],
  ['without an audience', { audience: [] }, 'option', /at least one/],
  ['with a relative key file', { keyFile: 'keys.json' }, 'option', /absolute path/],
  ['with two test users of the same name', { users: [ann, ann] }, 'option', /"ann" is used twice/],
  ['with a user without a name', { users: [{ ...ann, name: '' }] }, 'option', /one name is empty/],
  ['with a token lifetime of zero', { accessTokenLifetime: 0 }, 'option', /accessTokenLifetime/],
  ['with a logout URL that is none', { logoutUrl: '/logout' }, 'option', /logoutUrl/],
])('does not start %s', async (_case, changes, code, message) => {
  const outcome = startLocalIssuer({
    port: 0,
    audience,
    keyFile: issuer.keyFile,
    environment: undefined,
    ...knownScopes(),
    ...changes,
  });

  await expect(outcome).rejects.toMatchObject({ name: 'LocalIssuerError', code });
  await expect(outcome).rejects.toThrow(message);
});

test('reports a port that is already in use', async () => {
  const port = Number(new URL(issuer.issuer).port);

  await expect(startIssuer({ port })).rejects.toThrow(
    new RegExp(`cannot listen on port ${port} of 127.0.0.1: the port is already in use`),
  );
});

test('rejects requests with another Host', async () => {
  const { port } = new URL(issuer.issuer);
  const { request } = await import('node:http');
  const status = await new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', headers: { host: `evil.example:${port}` } };
    request(options, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });

  expect(status).toBe(421);
});
