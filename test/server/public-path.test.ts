import { createServer, request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkApi } from '../../src/cli/doctor/check-api.ts';
import { formatStartupMessage } from '../../src/server/startup-message.ts';
import { connectAs } from '../subscriptions/raw-socket.ts';
import { buildFixtureApi } from '../support/fixture-api.ts';
import { freePort } from '../support/free-ports.ts';
import { boundToken, createProof } from '../support/proofs.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createTestKey } from '../support/tokens.ts';

const wellKnown = '/.well-known/oauth-protected-resource';

let server: TestServer;
let origin: string;
let closeProxy = (): void => {};

/** Behind a proxy that strips `/v1`, and forwards the metadata as they are. */
beforeAll(async () => {
  const port = await freePort();
  origin = `http://localhost:${port}`;
  server = await startTestServer({ PUBLIC_URL: `${origin}/v1`, ALLOWED_ORIGINS: 'https://a.test' });
  const proxy = createServer((incoming, response) => {
    const { method, headers, url = '' } = incoming;
    const path = url.startsWith(wellKnown) ? url : /^\/v1(\/.*)/.exec(url)?.[1];
    if (path === undefined) {
      response.writeHead(502).end();
      return;
    }
    const forwarded = request(`${server.origin}${path}`, { method, headers }, (received) => {
      response.writeHead(received.statusCode ?? 502, received.headers);
      received.pipe(response);
    });
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => proxy.listen(port, 'localhost', resolve));
  closeProxy = () => {
    proxy.close();
    proxy.closeAllConnections();
  };
});
afterAll(async () => {
  closeProxy();
  await server?.stop();
});

const post = (headers: Readonly<Record<string, string>>) =>
  fetch(`${origin}/v1/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ query: '{ private { message } }' }),
  });

it('has metadata where challenges say, with the URL of the endpoint', async () => {
  const challenge = (await post({})).headers.get('www-authenticate') ?? '';
  const [, url = ''] = /resource_metadata="([^"]+)"/.exec(challenge) ?? [];
  expect(url).toBe(`${origin}${wellKnown}/v1/graphql`);
  expect(await (await fetch(url)).json()).toMatchObject({ resource: `${origin}/v1/graphql` });
  const ofAll = await fetch(`${origin}${wellKnown}/v1`);
  expect(await ofAll.json()).toMatchObject({ resource: `${origin}/v1` });
  expect((await fetch(`${server.origin}${wellKnown}/graphql`)).status).toBe(404);
});

it.each([
  ['/v1/graphql', 200],
  ['/graphql', 401],
])('compares proofs with it: %s', async (path, status) => {
  const key = createTestKey();
  const { issuer } = server;
  const token = boundToken(issuer, key);
  const proof = createProof({ key, token, url: `${origin}${path}`, clock: issuer.clock });
  expect((await post({ Authorization: `DPoP ${token}`, DPoP: proof })).status).toBe(status);
});

it('serves GraphiQL below it', async () => {
  const headers = { Accept: 'text/html' };
  const redirect = await fetch(`${origin}/v1/`, { headers, redirect: 'manual' });
  expect(redirect.headers.get('location')).toBe('/v1/graphql');
  const page = await fetch(`${origin}/v1/graphql`, { headers });
  const parts = [...(await page.text()).matchAll(/(?:src|href)="([^":]+)"/g)];
  expect(parts.length).toBeGreaterThan(2);
  for (const [, part = ''] of parts) {
    expect((await fetch(new URL(part, page.url))).status).toBe(200);
  }
  const callback = await fetch(`${origin}/v1/graphiql/callback`, { headers });
  for (const [, part = ''] of (await callback.text()).matchAll(/(?:src|href)="([^":]+)"/g)) {
    expect((await fetch(new URL(part, callback.url))).status).toBe(200);
  }
  const settings = await (await fetch(`${origin}/v1/graphiql/settings.json`)).text();
  expect(settings).toContain(`"endpoint":"${origin}/v1/graphql"`);
});

it('names the endpoint to clients that are wrong', async () => {
  expect(await (await fetch(`${origin}/v1/other`)).text()).toContain('GraphQL is at /v1/graphql.');
});

it('lets pages of its origin connect over WebSocket', async () => {
  const url = server.endpoint.replace('http', 'ws');
  const socket = await connectAs(url, undefined, { headers: { Origin: origin } });
  expect(await socket.next()).toMatchObject({ type: 'connection_ack' });
  socket.socket.terminate();
});

it('is in the startup message, and is what doctor checks', async () => {
  const { configuration } = server;
  const { schema } = buildFixtureApi();
  expect(formatStartupMessage(configuration, { schema })).toContain(`${origin}/v1/graphql?query=`);
  const { issuer, publicUrl } = configuration;
  const api = {
    authenticator: { issuers: issuer.issuers },
    hasLocalIssuer: false,
    publicUrl,
    address: undefined,
    redisUrl: undefined,
  };
  const check = (customFetch: (url: string) => Promise<Response>) =>
    checkApi(api, { fetch: customFetch, now: Date.now });
  expect(await check(fetch)).toMatchObject([{ verdict: 'ok' }]);
  const withoutMetadata = (url: string) =>
    url.includes(wellKnown) ? fetch(`${origin}/elsewhere`) : fetch(url);
  expect(await check(withoutMetadata)).toMatchObject([
    { verdict: 'problem', fix: expect.stringContaining(`${origin}${wellKnown}/v1/graphql`) },
  ]);
});
