import { afterEach, describe, expect, it } from 'vitest';
import { connectAs } from '../subscriptions/raw-socket.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createTestIssuer, createTestKey } from '../support/tokens.ts';

const issuer = createTestIssuer();
const servers: TestServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function start(environment: Readonly<Record<string, string>>): Promise<TestServer> {
  const server = await startTestServer(environment, issuer);
  servers.push(server);
  return server;
}

/** The status of a query, its data, and why its token was rejected. */
async function ask(server: TestServer, token: string, query: string) {
  const response = await fetch(server.endpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = await response.json();
  return { status: response.status, data, reason: errors?.[0]?.extensions?.reason };
}

const own = '{ private { message } }';
const scoped = '{ privateScoped { message } }';
const scope = 'read:messages';
const absent = undefined;

describe('which tokens are accepted', () => {
  const noAudience = { OIDC_AUDIENCE: '', ALLOWED_CLIENTS: 'spa,machine' };
  it.each([
    ['ALLOWED_CLIENTS', noAudience, { aud: absent, client_id: 'spa' }, own, 200, absent],
    [
      'ALLOWED_CLIENTS: another client',
      noAudience,
      { aud: absent, client_id: 'other' },
      own,
      401,
      'token_client',
    ],
    [
      'ALLOWED_CLIENTS: a token for another API',
      noAudience,
      { aud: 'https://other.example.com', client_id: 'spa' },
      own,
      401,
      'token_audience',
    ],
    [
      'ALLOWED_CLIENTS beside OIDC_AUDIENCE',
      { ALLOWED_CLIENTS: 'spa' },
      { azp: 'other' },
      own,
      401,
      'token_client',
    ],
    [
      'SCOPE_CLAIMS',
      { SCOPE_CLAIMS: 'realm_access.roles' },
      { realm_access: { roles: [scope] } },
      scoped,
      200,
      absent,
    ],
    [
      'SCOPE_CLAIMS: nothing else counts',
      { SCOPE_CLAIMS: 'realm_access.roles' },
      { scope },
      scoped,
      403,
      absent,
    ],
    [
      'SCOPE_CLAIMS of the client',
      { ALLOWED_CLIENTS: 'spa', SCOPE_CLAIMS: 'resource_access.{client}.roles' },
      { client_id: 'spa', resource_access: { spa: { roles: [scope] } } },
      scoped,
      200,
      absent,
    ],
    [
      'MACHINE_TOKENS',
      { MACHINE_TOKENS: 'accept' },
      { sub: absent, client_id: 'machine' },
      own,
      200,
      absent,
    ],
    ['no MACHINE_TOKENS', {}, { sub: absent, client_id: 'machine' }, own, 401, 'token_subject'],
  ])('%s', async (_name, environment, claims, query, status, reason) => {
    const response = await ask(await start(environment), issuer.sign({ claims }), query);
    expect(response).toMatchObject({ status, ...(reason ? { reason } : {}) });
  });

  it.each([
    ['PS256', absent],
    ['RS256', 'token_algorithm'],
    ['ES256', absent],
    ['ES384', 'token_algorithm'],
  ] as const)('TOKEN_ALGORITHMS=PS256,ES256: %s', async (algorithm, reason) => {
    const signer = createTestIssuer({ key: createTestKey(algorithm) });
    const server = await startTestServer({ TOKEN_ALGORITHMS: 'PS256,ES256' }, signer);
    servers.push(server);
    const response = await ask(server, signer.sign(), own);
    expect([response.status, response.reason]).toEqual([reason ? 401 : 200, reason]);
  });

  it.each([
    ['0', 0, 'token_expired'],
    ['5', 4, absent],
    ['300', 299, absent],
    ['300', 300, 'token_expired'],
  ])('CLOCK_TOLERANCE=%s, %i seconds after the end', async (tolerance, late, reason) => {
    const server = await start({ CLOCK_TOLERANCE: tolerance });
    const exp = Math.floor(issuer.clock.now().getTime() / 1000) - late;
    const token = issuer.sign({ claims: { iat: exp - 60, exp } });
    expect((await ask(server, token, own)).reason).toBe(reason);
  });
});

describe('MAX_TOKEN_BYTES', () => {
  const tokenOf = (bytes: number) => {
    const fill = (length: number) => issuer.sign({ claims: { filling: 'a'.repeat(length) } });
    const length = Math.floor(((bytes - fill(0).length) * 3) / 4) - 4;
    return (
      [5, 4, 3, 2, 1, 0].map((more) => fill(length + more)).find((text) => text.length <= bytes) ??
      ''
    );
  };

  it.each([
    ['', 8_192, 200, absent],
    ['', 8_200, 401, 'token_too_long'],
    ['1024', 1_024, 200, absent],
    ['1024', 1_040, 401, 'token_too_long'],
    ['65536', 65_536, 200, absent],
    ['65536', 65_550, 401, 'token_too_long'],
  ])('%s: a token of %i bytes', async (max, bytes, status, reason) => {
    const server = await start({ MAX_TOKEN_BYTES: max });
    const token = tokenOf(bytes);
    expect(token.length).toBeGreaterThan(bytes - 6);
    expect(await ask(server, token, own)).toMatchObject({ status, ...(reason ? { reason } : {}) });

    const socket = await connectAs(server.endpoint.replace('http', 'ws'), {
      Authorization: `Bearer ${token}`,
    });
    const outcome = await Promise.race([socket.next(), socket.closed]);
    expect(outcome).toMatchObject(
      status === 200
        ? { type: 'connection_ack' }
        : { reason: expect.stringMatching(/token_too_long/) },
    );
    socket.socket.terminate();
  });

  it.each([
    ['', 16_384],
    ['65536', 8_192 + 65_536],
  ])('%s: headers that are not a token are limited too', async (max, bytes) => {
    const server = await start({ MAX_TOKEN_BYTES: max });
    const send = (length: number) =>
      fetch(`${server.origin}/livez`, { headers: { 'X-More': 'a'.repeat(length) } });
    expect((await send(bytes - 1_024)).status).toBe(200);
    expect((await send(bytes + 1_024)).status).toBe(431);
  });
});

describe('REFUSE', () => {
  it.each([
    ['selection', 200, 'object'],
    ['operation', 403, 'undefined'],
  ])('%s', async (refuse, status, data) => {
    const server = await start({ REFUSE: refuse });
    const query = '{ private { message } privateScoped { message } }';
    const response = await ask(server, issuer.sign(), query);
    expect(response.status).toBe(status);
    expect(typeof response.data).toBe(data);
  });
});
