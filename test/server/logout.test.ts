import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfiguration } from '../../src/server/configuration/configuration.ts';
import { send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ LOGOUT_CLIENT_ID: 'app,other', MAX_TOKEN_LIFETIME: '3600' });
});
afterAll(() => server?.stop());

const signOut = (body: string, method = 'POST', to = server) =>
  send(`${to.origin}/backchannel-logout`, {
    method,
    headers: ['Content-Type', 'application/x-www-form-urlencoded'],
    ...(method === 'GET' ? {} : { body }),
  });

const reasonFor = async (claims: Record<string, unknown>) => {
  const { text } = await send(server.endpoint, {
    method: 'POST',
    headers: [
      ...['Content-Type', 'application/json'],
      ...['Authorization', `Bearer ${server.issuer.sign({ claims })}`],
    ],
    body: JSON.stringify({ query: '{ private { message } }' }),
  });
  return /"reason":"(\w+)"/.exec(text)?.[1];
};

describe('/backchannel-logout', () => {
  it('revokes the tokens of the session', async () => {
    const session = { sub: 'ada', sid: 'one' };
    expect(await reasonFor(session)).toBeUndefined();
    const token = server.issuer.sign({
      header: { typ: 'logout+jwt' },
      claims: {
        ...session,
        aud: 'other',
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      },
    });
    const { status, headers } = await signOut(`logout_token=${token}`);
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(await reasonFor(session)).toBe('token_revoked');
    expect((await signOut(`logout_token=${token}`)).status).toBe(400);
  });

  it('rejects an access token, a long body and other methods', async () => {
    expect((await signOut(`logout_token=${server.issuer.sign()}`)).status).toBe(400);
    expect((await signOut(`logout_token=${'x'.repeat(200_000)}`)).status).toBe(400);
    const { status, headers } = await signOut('', 'GET');
    expect([status, headers['allow']]).toEqual([405, 'POST']);
  });

  it('is not there without LOGOUT_CLIENT_ID', async () => {
    const other = await startTestServer({ REVOCATION: 'on' });
    try {
      expect((await signOut('logout_token=x', 'POST', other)).status).toBe(404);
    } finally {
      await other.stop();
    }
  });
});

it('MAX_TOKEN_LIFETIME is the longest lifetime of a token', async () => {
  const exp = server.issuer.clock.seconds() + 3601;
  expect(await reasonFor({ exp })).toBe('token_lifetime');
});

describe('the settings of revocation', () => {
  it.each<[Record<string, string>, object | undefined]>([
    [{}, undefined],
    [{ REVOCATION: 'on' }, { maxTokenLifetime: 86_400, logoutClientIds: [] }],
    [{ LOGOUT_CLIENT_ID: 'app' }, { maxTokenLifetime: 86_400, logoutClientIds: ['app'] }],
  ])('%o', (environment, expected) => {
    expect(readConfiguration(environment).revocation).toEqual(expected);
  });

  it.each<[Record<string, string>, string]>([
    [{ LOGOUT_CLIENT_ID: 'app', REVOCATION: 'off' }, 'LOGOUT_CLIENT_ID requires REVOCATION=on'],
    [{ MAX_TOKEN_LIFETIME: '3600' }, 'MAX_TOKEN_LIFETIME requires REVOCATION=on'],
    [{ REVOCATION: 'on', WORKERS: '2', DPOP: 'off' }, 'REDIS_URL is missing: with WORKERS=2'],
  ])('%o is a problem', (environment, message) => {
    expect(() => readConfiguration(environment)).toThrow(message);
  });
});
