import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { formatStartupMessage } from '../../src/server/startup-message.ts';
import { blocksOf, readDocument } from '../documentation/markdown.ts';
import { buildFixtureApi } from '../support/fixture-api.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createTestIssuer, fetchOf, jsonResponse } from '../support/tokens.ts';

const folder = mkdtempSync(join(tmpdir(), 'issuer-settings-'));
const servers: TestServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function start(...args: Parameters<typeof startTestServer>): Promise<TestServer> {
  const server = await startTestServer(...args);
  servers.push(server);
  return server;
}

/** The settings for a list of issuers. */
function listed(issuers: unknown): Readonly<Record<string, string>> {
  const path = join(folder, 'issuers.json');
  writeFileSync(path, typeof issuers === 'string' ? issuers : JSON.stringify(issuers));
  return { ISSUERS: path, OIDC_ISSUER: '', OIDC_AUDIENCE: '' };
}

async function statusOf({ endpoint }: TestServer, token: string): Promise<number> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: '{ private { message } }' }),
  });
  await response.text();
  return response.status;
}

async function metadataOf({ origin }: TestServer): Promise<Record<string, unknown>> {
  return (await fetch(`${origin}/.well-known/oauth-protected-resource/graphql`)).json();
}

async function pageOf({ origin, endpoint }: TestServer) {
  const page = await fetch(endpoint, { headers: { Accept: 'text/html' } });
  const settings = await (await fetch(`${origin}/graphiql/settings.json`)).text();
  return { policy: page.headers.get('content-security-policy'), settings };
}

describe('ISSUERS', () => {
  it('accepts tokens of each issuer for its own audience', async () => {
    const one = createTestIssuer({ audience: 'one' });
    const two = createTestIssuer({
      issuer: 'https://two.test/',
      audience: 'two',
      clock: one.clock,
    });
    const issuers = [one, two].map(({ issuer, audience }) => ({ issuer, audience }));
    const server = await start(listed(issuers), { ...one, fetch: fetchOf(one, two) });
    expect(await statusOf(server, one.sign())).toBe(200);
    expect(await statusOf(server, two.sign())).toBe(200);
    expect(await statusOf(server, two.sign({ claims: { aud: 'one' } }))).toBe(401);
    expect(await metadataOf(server)).toMatchObject({
      authorization_servers: ['https://issuer.test/', 'https://two.test/'],
    });
  });

  it('is as the page says', async () => {
    const [list = ''] = blocksOf(readDocument('docs/issuers.md'))
      .filter(({ language }) => language === 'json')
      .map(({ text }) => text);
    const { configuration } = await start(listed(list));
    expect(configuration.issuer.issuers).toEqual(JSON.parse(list));
  });
});

/** An issuer that is not a URL: its keys are where nothing but the setting says. */
function createNamedIssuer() {
  const issuer = createTestIssuer({ issuer: 'acme' });
  const keys = jsonResponse({ keys: issuer.keys.map(({ jwk }) => jwk) });
  const discovery = { issuer: 'acme', jwks_uri: 'https://auth.test/keys' };
  const fetch = async (url: string) =>
    url === 'https://auth.test/keys'
      ? keys.clone()
      : url === 'https://auth.test/t/.well-known/openid-configuration'
        ? jsonResponse(discovery)
        : new Response('', { status: 404 });
  return { ...issuer, fetch };
}

describe('an issuer that is not a URL', () => {
  it('has its keys at JWKS_URL, and is no server that clients could use', async () => {
    const issuer = createNamedIssuer();
    const server = await start({ JWKS_URL: 'https://auth.test/keys' }, issuer);
    expect(await statusOf(server, issuer.sign())).toBe(200);
    expect(await metadataOf(server)).not.toHaveProperty('authorization_servers');
    const { policy, settings } = await pageOf(server);
    expect(policy).toContain("connect-src 'self';");
    expect(settings).toContain('"clientId":null');
    const { schema } = buildFixtureApi();
    expect(formatStartupMessage(server.configuration, { schema })).toMatch(/^Issuer +acme$/m);
  });

  it('has its keys and sign-in at OIDC_DISCOVERY_URL', async () => {
    const issuer = createNamedIssuer();
    const url = 'https://auth.test/t/.well-known/openid-configuration';
    const server = await start({ OIDC_DISCOVERY_URL: url, GRAPHIQL_CLIENT_ID: 'spa' }, issuer);
    expect(await statusOf(server, issuer.sign())).toBe(200);
    const { policy, settings } = await pageOf(server);
    expect(policy).toContain("connect-src 'self' https://auth.test;");
    expect(settings).toContain(`"metadataUrl":"${url}","clientId":"spa"`);
  });
});
