import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectAs } from '../subscriptions/raw-socket.ts';
import { send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createTestIssuer } from '../support/tokens.ts';

const issuer = createTestIssuer();
const app = 'https://app.example.com';
const own = 'https://api.example.com';
const cookie = `__Host-access_token=${issuer.sign()}`;
const assertion = 'x-goog-iap-jwt-assertion';

let server: TestServer;
let behindProxy: TestServer;
beforeAll(async () => {
  const settings = { PUBLIC_URL: own, ALLOWED_ORIGINS: app };
  server = await startTestServer({ ...settings, TOKEN_COOKIE: '__Host-access_token' }, issuer);
  behindProxy = await startTestServer({ ...settings, TOKEN_HEADER: assertion }, issuer);
});
afterAll(async () => {
  await server?.stop();
  await behindProxy?.stop();
});

const query = '{ private { message } }';
const body = JSON.stringify({ query });
const json = { 'content-type': 'application/json' };

async function ask(
  headers: Readonly<Record<string, string>>,
  {
    target = server,
    ...options
  }: { method?: string; body?: string; search?: string; target?: TestServer } = {},
) {
  const { search = '', ...rest } = { method: 'POST', body, ...options };
  const response = await send(`${target.endpoint}${search}`, {
    ...rest,
    headers: Object.entries({ ...json, ...headers }).flat(),
  });
  return { ...response, reason: /"reason":"(\w+)"/.exec(response.text)?.[1] };
}

/** The same request, once to the direct listener and once to Yoga. */
const fronts = [
  ['directly', {}],
  ['through Yoga', { accept: 'application/json', 'content-type': 'application/json; a=b' }],
] as const;

describe.each(fronts)('TOKEN_COOKIE, served %s', (_, more) => {
  it.each([
    ['its own pages', { origin: own, cookie }, 200, undefined],
    [
      'its own pages, with Sec-Fetch-Site alone',
      { 'sec-fetch-site': 'same-origin', cookie },
      200,
      undefined,
    ],
    ['allowed origins', { origin: app, cookie }, 200, undefined],
    ['other origins', { origin: 'https://evil.example', cookie }, 403, 'origin_not_allowed'],
    ['sandboxed frames', { origin: 'null', cookie }, 403, 'origin_not_allowed'],
    ['clients without an origin', { cookie }, 403, 'origin_not_allowed'],
    ['a page, without the cookie', { origin: own }, 401, undefined],
    ['Authorization', { authorization: `Bearer ${issuer.sign()}` }, 200, undefined],
    [
      'both',
      { origin: own, cookie, authorization: `Bearer ${issuer.sign()}` },
      400,
      'token_repeated',
    ],
  ])('%s', async (_name, headers, status, reason) => {
    const response = await ask({ ...more, ...headers });
    expect([response.status, response.reason]).toEqual([status, reason]);
    expect(response.headers['vary']).toBe('Origin, Accept, Authorization, Cookie');
    if (status !== 200) {
      expect(response.headers['www-authenticate']).toMatch(/^Bearer realm="graphql"/);
      expect(response.headers['cache-control']).toBe('no-store');
    }
  });
});

describe.each([
  ['TOKEN_COOKIE', () => server],
  ['TOKEN_HEADER', () => behindProxy],
])('%s', (_, targetOf) => {
  it('lets pages of allowed origins alone send cookies and read responses', async () => {
    const target = targetOf();
    const preflight = { 'access-control-request-method': 'POST' };
    const credentials = async (origin: string) => {
      const requests = [
        ask({ origin, cookie }, { target }),
        ask({ origin, ...preflight }, { target, method: 'OPTIONS', body: '' }),
      ];
      return (await Promise.all(requests)).map(({ headers }) => [
        headers['access-control-allow-origin'],
        headers['access-control-allow-credentials'],
      ]);
    };
    expect(await credentials(app)).toEqual([
      [app, 'true'],
      [app, 'true'],
    ]);
    expect(await credentials('https://evil.example')).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
  });
});

describe('TOKEN_COOKIE', () => {
  it.each([
    [
      'in a link of another site',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
      403,
    ],
    ['entered by the user', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }, 200],
    [
      'in an EventSource of its own',
      { 'sec-fetch-site': 'same-origin', accept: 'text/event-stream' },
      200,
    ],
    [
      'in an EventSource of another site',
      { origin: 'https://evil.example', accept: 'text/event-stream' },
      403,
    ],
  ])('a URL %s', async (_, headers, status) => {
    const search = `?query=${encodeURIComponent(query)}`;
    const response = await ask({ ...headers, cookie }, { method: 'GET', body: '', search });
    expect(response.status).toBe(status);
  });

  it.each([
    [own, '{"data":{"viewer":{"subject":"auth0|somebody"}}}'],
    [app, '{"data":{"viewer":{"subject":"auth0|somebody"}}}'],
  ])('opens WebSockets from %s', async (origin, expected) => {
    const url = server.endpoint.replace('http', 'ws');
    const raw = await connectAs(url, undefined, { headers: { origin, cookie } });
    expect(await raw.next()).toEqual({ type: 'connection_ack' });
    raw.send({ id: '1', type: 'subscribe', payload: { query: '{ viewer { subject } }' } });
    expect(await raw.next()).toMatchObject({ payload: JSON.parse(expected) });
    raw.socket.terminate();
  });

  it('opens no WebSocket from elsewhere', async () => {
    const url = server.endpoint.replace('http', 'ws');
    const from = (headers: Record<string, string>) => connectAs(url, undefined, { headers });
    await expect(from({ origin: 'https://evil.example', cookie })).rejects.toThrow('403');
    // By a client without an origin, which is no browser.
    expect(await (await from({ cookie })).closed).toMatchObject({
      code: 4403,
      reason: expect.stringMatching(/^origin_not_allowed/),
    });
  });

  it('is not what metadata is about: it says how clients send tokens', async () => {
    const read = async ({ origin }: TestServer) =>
      JSON.parse((await send(`${origin}/.well-known/oauth-protected-resource`)).text);
    expect(await read(server)).toMatchObject({ bearer_methods_supported: ['header'] });
    expect(await read(behindProxy)).toMatchObject({ bearer_methods_supported: [] });
  });
});

describe('TOKEN_HEADER', () => {
  const token = issuer.sign();
  it.each([
    ['from its own pages', { origin: own, [assertion]: token }, 200],
    ['from allowed origins', { origin: app, [assertion]: token }, 200],
    [
      'from other origins, which have the cookie of the proxy',
      { origin: 'https://evil.example', [assertion]: token },
      403,
    ],
    [
      'with another Authorization header, which is for the proxy',
      { origin: own, [assertion]: token, authorization: 'Bearer other' },
      200,
    ],
    ['in Authorization', { origin: own, authorization: `Bearer ${token}` }, 401],
  ])('%s', async (_, headers, status) => {
    const response = await ask(headers, { target: behindProxy });
    expect(response.status).toBe(status);
    expect(response.headers['vary']).toBe(`Origin, Accept, Authorization, ${assertion}`);
  });
});
