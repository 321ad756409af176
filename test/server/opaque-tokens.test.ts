import * as client from 'openid-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { queryCommand } from '../../src/cli/query-command.ts';
import { apiClient } from '../../src/local-issuer/clients-and-users.ts';
import { signInAs } from '../../src/local-issuer/sign-in.ts';
import { runInProcess } from '../cli/run-in-process.ts';
import { asMachine, type IssuerFixture, startIssuer } from '../local-issuer/issuer-fixture.ts';
import { operate } from '../support/http.ts';
import { type LocalServer, startLocalServer } from '../support/local-server.ts';

let issuer: IssuerFixture;
let server: LocalServer;
beforeAll(async () => {
  issuer = await startIssuer({ profile: 'opaque' });
  server = await startLocalServer(issuer, {
    INTROSPECTION_CLIENT_ID: apiClient.clientId,
    INTROSPECTION_CLIENT_SECRET: apiClient.clientSecret,
  });
});
afterAll(() => server.stop());

const ask = (field: string, token: string) =>
  operate(server.endpoint, `{ ${field} { subject } }`, { token });

const tokenOf = async (user: string): Promise<string> =>
  (await signInAs({ issuer: issuer.issuer, user })).access_token;

it('a user has the scopes that the issuer names', async () => {
  const token = await tokenOf('manager');
  expect(await ask('privateScoped', token)).toMatchObject({
    status: 200,
    body: { data: { privateScoped: { subject: 'manager' } } },
  });
  const refused = await ask('admin', token);
  expect(refused.status).toBe(403);
  expect(refused.headers['www-authenticate']).toContain('error="insufficient_scope"');
});

it('a machine is the subject of its own token', async () => {
  const machine = await asMachine(issuer.issuer);
  const { access_token: token } = await client.clientCredentialsGrant(machine, {
    scope: 'admin:write',
  });
  expect(await ask('admin', token)).toMatchObject({
    status: 200,
    body: { data: { admin: { subject: 'local-machine@clients' } } },
  });
});

it('a token that is bound to a key requires proofs with it', async () => {
  const outcome = await runInProcess(queryCommand, {
    folder: issuer.folder,
    // The local issuer is expected at the next port.
    variables: { PORT: String(Number(new URL(issuer.issuer).port) - 1) },
    arguments: [
      '{ private { subject } }',
      '--dpop',
      '--as',
      'manager',
      '--endpoint',
      server.endpoint,
    ],
  });
  expect(outcome).toMatchObject({ code: 0, stderr: '' });

  const bound = await signInAs({
    issuer: issuer.issuer,
    user: 'manager',
    keyPair: await client.randomDPoPKeyPair(),
  });
  expect(await ask('private', bound.access_token)).toMatchObject({
    status: 401,
    body: { errors: [{ extensions: { reason: 'token_bound' } }] },
  });
});

it('a token that the issuer does not know is rejected', async () => {
  const response = await ask('private', 'invented-token');
  expect(response).toMatchObject({
    status: 401,
    body: { errors: [{ extensions: { code: 'UNAUTHENTICATED', reason: 'token_inactive' } }] },
  });
  expect(response.headers['www-authenticate']).toContain('error="invalid_token"');
});

it('the API is ready', async () => {
  expect((await fetch(`${server.origin}/readyz`)).status).toBe(200);
});

it('an outage of the issuer is one: 503, and nothing secret in the log', async () => {
  const [known, unknown] = [await tokenOf('manager'), await tokenOf('guest')];
  expect(await ask('private', known)).toMatchObject({ status: 200 });
  await issuer.close();
  expect(await ask('private', known)).toMatchObject({ status: 200 });
  const response = await ask('private', unknown);
  expect(response).toMatchObject({
    status: 503,
    headers: { 'retry-after': '1', 'cache-control': 'no-store' },
    body: { errors: [{ extensions: { reason: 'introspection_unavailable' } }] },
  });
  expect(response.headers['www-authenticate']).toBeUndefined();
  const log = server.logged.join('');
  expect(log).toContain('An opaque token could not be introspected.');
  expect(log).toContain(`${issuer.issuer}token/introspection cannot be reached.`);
  for (const secret of [known, unknown, apiClient.clientSecret]) {
    expect(log).not.toContain(secret);
  }
});
