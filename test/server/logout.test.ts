import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
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

const logoutToken = ({ issuer } = server, claims: Record<string, unknown> = {}): string =>
  issuer.sign({
    header: { typ: 'logout+jwt' },
    claims: {
      sub: 'ada',
      aud: 'app',
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      ...claims,
    },
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
    const token = logoutToken(server, { ...session, aud: 'other' });
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

describe('the rate limit of /backchannel-logout', () => {
  const servers: TestServer[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((one) => one.stop()));
  });
  async function start(settings: Record<string, string>): Promise<TestServer> {
    const started = await startTestServer({ LOGOUT_CLIENT_ID: 'app', ...settings });
    servers.push(started);
    return started;
  }
  const statuses = async (one: TestServer, tokens: readonly string[]): Promise<number[]> => {
    const found: number[] = [];
    for (const token of tokens) {
      found.push((await signOut(`logout_token=${token}`, 'POST', one)).status);
    }
    return found;
  };

  it('counts ten points for a token that is rejected, and verifies none beyond it', async () => {
    const one = await start({ RATE_LIMIT_LOGOUT: '20/60' });
    const valid = logoutToken(one);
    expect(await statuses(one, ['e30.e30.e30', 'none', valid])).toEqual([400, 400, 429]);
    one.issuer.clock.advance(10);
    const refused = await signOut(`logout_token=${'x'.repeat(200_000)}`, 'POST', one);
    expect(refused).toMatchObject({
      status: 429,
      headers: {
        'retry-after': '50',
        'ratelimit-policy': '"logout";q=20;w=60',
        ratelimit: '"logout";r=0;t=50',
        'cache-control': 'no-store',
        'content-type': 'application/json',
      },
    });
    expect(JSON.parse(refused.text)).toEqual({
      error: 'temporarily_unavailable',
      error_description: 'Too many requests. Try again in 50 seconds.',
    });
    one.issuer.clock.advance(50);
    expect(await statuses(one, [valid])).toEqual([200]);
  });

  it('counts one point for each user who signs out', async () => {
    const one = await start({ RATE_LIMIT_LOGOUT: '3/60' });
    const tokens = ['a', 'b', 'c', 'd'].map((sub) => logoutToken(one, { sub }));
    expect(await statuses(one, tokens)).toEqual([200, 200, 200, 429]);
  });

  it('is that of addresses by default, and counts apart from operations', async () => {
    const one = await start({ RATE_LIMIT_ADDRESS: '1/60' });
    const ask = () => fetch(`${one.endpoint}?query={public{message}}`);
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 429]);
    const tokens = ['a', 'b'].map((sub) => logoutToken(one, { sub }));
    expect(await statuses(one, tokens)).toEqual([200, 429]);
  });

  it('counts the address that a proxy appended', async () => {
    const one = await start({ RATE_LIMIT_LOGOUT: '1/60', PROXY_HOPS: '1' });
    const from = async (address: string, sub: string): Promise<number> => {
      const { status } = await send(`${one.origin}/backchannel-logout`, {
        method: 'POST',
        headers: [
          ...['Content-Type', 'application/x-www-form-urlencoded'],
          ...['X-Forwarded-For', address],
        ],
        body: `logout_token=${logoutToken(one, { sub })}`,
      });
      return status;
    };
    expect([
      await from('192.0.2.1', 'a'),
      await from('192.0.2.9, 192.0.2.1', 'b'),
      await from('192.0.2.2', 'c'),
    ]).toEqual([200, 429, 200]);
  });

  it('is none without a setting', async () => {
    const one = await start({});
    const tokens = Array.from({ length: 30 }, () => 'none');
    expect(new Set(await statuses(one, tokens))).toEqual(new Set([400]));
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
