import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createTestIssuer } from '../support/tokens.ts';

const path = '/.well-known/oauth-protected-resource';
const servers = new Map<string, TestServer>();
beforeAll(async () => {
  const issuer = createTestIssuer();
  for (const DPOP of ['off', 'optional', 'required']) {
    servers.set(DPOP, await startTestServer({ DPOP, PUBLIC_URL: 'https://api.test' }, issuer));
  }
});
afterAll(async () => {
  for (const server of servers.values()) await server.stop();
});

const originOf = (name: string): string => servers.get(name)?.origin ?? '';

describe('the metadata (RFC 9728)', () => {
  const always = {
    authorization_servers: ['https://issuer.test/'],
    scopes_supported: ['admin:write', 'read:messages'],
  };
  const algorithms = ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'PS256', 'RS256'];
  const bySetting: readonly [string, object][] = [
    ['off', { bearer_methods_supported: ['header'], dpop_bound_access_tokens_required: false }],
    [
      'optional',
      {
        bearer_methods_supported: ['header'],
        dpop_signing_alg_values_supported: algorithms,
        dpop_bound_access_tokens_required: false,
      },
    ],
    [
      'required',
      {
        bearer_methods_supported: [],
        dpop_signing_alg_values_supported: algorithms,
        dpop_bound_access_tokens_required: true,
      },
    ],
  ];

  it.each(
    bySetting.flatMap(([name, members]) => [
      [name, '', 'https://api.test', members] as const,
      [name, '/graphql', 'https://api.test/graphql', members] as const,
    ]),
  )('with DPOP=%s, at %s, is that of %s', async (name, suffix, resource, members) => {
    const response = await send(`${originOf(name)}${path}${suffix}`, {
      // Nothing of what a request says of its host gets in.
      headers: ['Host', 'evil.test', 'X-Forwarded-Host', 'evil.test', 'X-Forwarded-Proto', 'ftp'],
    });
    expect(response.status).toBe(200);
    expect(response.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'max-age=3600',
    });
    expect(JSON.parse(response.text)).toEqual({ resource, ...always, ...members });
  });

  it('is readable by scripts of any origin, without cookies', async () => {
    const url = `${originOf('optional')}${path}`;
    const response = await send(url, { headers: ['Origin', 'https://anybody.test'] });
    expect(response.headers['access-control-allow-origin']).toBe('*');
    expect(response.headers['access-control-allow-credentials']).toBeUndefined();
    const preflight = await send(url, {
      method: 'OPTIONS',
      headers: [
        ...['Origin', 'https://anybody.test', 'Access-Control-Request-Method', 'GET'],
        ...['Access-Control-Request-Headers', 'mcp-protocol-version'],
      ],
    });
    expect([preflight.status, preflight.headers]).toMatchObject([
      204,
      {
        'access-control-allow-origin': '*',
        'access-control-allow-headers': 'mcp-protocol-version',
        'access-control-allow-methods': 'GET, HEAD',
      },
    ]);
  });

  it.each([
    ['GET', `${path}?x=y`, 200],
    ['HEAD', path, 200],
    ['POST', path, 405],
    ['GET', `${path}/`, 404],
    ['GET', `${path}/other`, 404],
    ['GET', `/graphql${path}`, 404],
  ])('%s %s: %i', async (method, target, status) => {
    expect((await send(`${originOf('optional')}${target}`, { method })).status).toBe(status);
  });
});
