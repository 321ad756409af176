import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operate, send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createTestIssuer, createTestKey, encodeJws } from '../support/tokens.ts';

let server: TestServer;
let strict: TestServer;
let withoutDpop: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  strict = await startTestServer({ REQUIRED_CLAIMS: 'email' }, server.issuer);
  withoutDpop = await startTestServer({ DPOP: 'off' }, server.issuer);
});
afterAll(() => Promise.all([server, strict, withoutDpop].map((one) => one.stop())));

const issuer = createTestIssuer();
const valid = () => server.issuer.sign();
const changed = (claims: Record<string, unknown>, header: Record<string, unknown> = {}) =>
  server.issuer.sign({ claims, header });
const parts = () => valid().split('.');

/** A case of the table of refusals: what is sent, and what comes back. */
interface Row {
  readonly row: number;
  readonly case: string;
  /** Header names and values by turns. */
  readonly headers?: () => string[];
  readonly query?: string;
  readonly status: 400 | 401;
  readonly error?: 'invalid_request' | 'invalid_token';
  readonly on?: () => TestServer;
}

const authorization = (value: string) => ['Authorization', value];
const bearer = (token: string) => authorization(`Bearer ${token}`);

const table: readonly Row[] = [
  { row: 1, case: 'no Authorization header', status: 401 },
  { row: 1, case: 'an empty one', headers: () => authorization(''), status: 401 },
  { row: 2, case: 'Basic', headers: () => authorization('Basic dTpw'), status: 401 },
  {
    row: 2,
    case: 'DPoP, where it is off',
    headers: () => authorization(`DPoP ${valid()}`),
    status: 401,
    on: () => withoutDpop,
  },
  {
    row: 3,
    case: 'the scheme alone',
    headers: () => authorization('Bearer'),
    status: 400,
    error: 'invalid_request',
  },
  {
    row: 3,
    case: 'two tokens',
    headers: () => bearer(`${valid()} ${valid()}`),
    status: 400,
    error: 'invalid_request',
  },
  {
    row: 3,
    case: 'a character outside token68',
    headers: () => bearer('a,b'),
    status: 400,
    error: 'invalid_request',
  },
  ...['a=b', '=ab', 'a{b', 'a}', 'a%20b'].map(
    (text): Row => ({
      row: 3,
      case: `${text}, which is no token68`,
      headers: () => bearer(text),
      status: 400,
      error: 'invalid_request',
    }),
  ),
  {
    row: 4,
    case: 'two headers',
    headers: () => [...bearer(valid()), ...bearer(valid())],
    status: 400,
    error: 'invalid_request',
  },
  {
    row: 4,
    case: 'two headers, the first of them Basic',
    headers: () => [...authorization('Basic dTpw'), ...bearer(valid())],
    status: 400,
    error: 'invalid_request',
  },
  {
    row: 5,
    case: 'a token in the query string',
    query: '?access_token=x',
    status: 400,
    error: 'invalid_request',
  },
  {
    row: 5,
    case: 'the same beside a good header',
    query: '?access%5Ftoken=',
    headers: () => bearer(valid()),
    status: 400,
    error: 'invalid_request',
  },
  {
    row: 6,
    case: 'an opaque token',
    headers: () => bearer('b3BhcXVl'),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 6,
    case: 'a JWE',
    headers: () => bearer('a.b.c.d.e'),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 6,
    case: 'JSON serialization',
    headers: () => bearer('{"payload":"e30"}'),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 7,
    case: 'padding inside',
    headers: () => {
      const [head, body, signature] = parts();
      return bearer(`${head}=.${body}.${signature}`);
    },
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 8,
    case: 'alg none',
    headers: () => bearer(encodeJws({ alg: 'none' }, { sub: 'x' }, () => Buffer.alloc(0))),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 8,
    case: 'unknown crit',
    headers: () => bearer(changed({}, { crit: ['x'], x: 1 })),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 9,
    case: 'a bad signature',
    headers: () => {
      const [head, body] = parts();
      return bearer(`${head}.${body}.AAAA`);
    },
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 9,
    case: 'another key of that name',
    headers: () =>
      bearer(server.issuer.sign({ key: createTestKey('ES256', server.issuer.keys[0]?.kid) })),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 10,
    case: 'a claim twice',
    headers: () =>
      bearer(
        encodeJws(
          { alg: 'ES256', kid: server.issuer.keys[0]?.kid ?? '' },
          '{"sub":"a","sub":"b"}',
          server.issuer.keys[0] ?? createTestKey(),
        ),
      ),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 11,
    case: 'typ of a logout token',
    headers: () => bearer(changed({}, { typ: 'logout+jwt' })),
    status: 401,
    error: 'invalid_token',
  },
  ...[
    { token_use: 'id' },
    { token_use: 'ID' },
    { typ: 'ID' },
    { typ: 'refresh' },
    { typ: 'Logout' },
    { typ: 'Offline' },
    { events: {} },
  ].map(
    (claims): Row => ({
      row: 11,
      case: JSON.stringify(claims),
      headers: () => bearer(changed(claims)),
      status: 401,
      error: 'invalid_token',
    }),
  ),
  {
    row: 12,
    case: 'issued in 2050',
    headers: () => bearer(changed({ iat: 2_524_608_000, exp: 2_524_608_600 })),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 12,
    case: 'another issuer',
    headers: () => bearer(changed({ iss: 'https://evil.test/' })),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 12,
    case: 'another audience',
    headers: () => bearer(changed({ aud: 'https://other.test' })),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 12,
    case: 'no exp',
    headers: () => bearer(changed({ exp: undefined })),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 12,
    case: 'expired',
    headers: () => bearer(changed({ exp: server.issuer.clock.seconds() - 6 })),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 12,
    case: 'not yet valid',
    headers: () => bearer(changed({ nbf: server.issuer.clock.seconds() + 6 })),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 13,
    case: 'a required claim is missing',
    headers: () => bearer(valid()),
    on: () => strict,
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 24,
    case: 'a token bound to a key',
    headers: () => bearer(changed({ cnf: { jkt: 'x' } })),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 26,
    case: 'a token bound in another way',
    headers: () => bearer(changed({ cnf: { 'x5t#S256': 'x' } })),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 29,
    case: 'a token of more than 8 KiB',
    headers: () => bearer('a'.repeat(8193)),
    status: 401,
    error: 'invalid_token',
  },
];

const ask = ({ endpoint }: TestServer, row: Pick<Row, 'headers' | 'query'>, field: string) =>
  send(`${endpoint}${row.query ?? ''}`, {
    method: 'POST',
    headers: ['Content-Type', 'application/json', ...(row.headers?.() ?? [])],
    body: JSON.stringify({ query: `{ ${field} { message } }` }),
  });

describe.each(table)('row $row: $case', (row) => {
  it(`responds with ${row.status}${row.error ? ` ${row.error}` : ''}`, async () => {
    const on = row.on?.() ?? server;
    const response = await ask(on, row, 'private');
    expect(response.status).toBe(row.status);
    const body = JSON.parse(response.text);
    expect(body).not.toHaveProperty('data');
    expect(body.errors[0].extensions.code).toBe(
      row.status === 400 ? 'BAD_REQUEST' : 'UNAUTHENTICATED',
    );
    expect(response.headers['cache-control']).toBe('no-store');
    const challenge = response.headers['www-authenticate'] ?? '';
    expect(challenge).toMatch(/^Bearer realm="graphql", /);
    expect(challenge).toContain(
      `resource_metadata="${on.origin}/.well-known/oauth-protected-resource/graphql"`,
    );
    expect(/ error="([^"]*)"/.exec(challenge)?.[1]).toBe(row.error);
    // What went wrong is said from a fixed list: nothing of the request comes back.
    if (row.error) expect(challenge).toContain(`error_description="${body.errors[0].message}"`);
  });

  it('applies to public fields too', async () => {
    const response = await ask(row.on?.() ?? server, row, 'public');
    expect(response.status).toBe(row.error ? row.status : 200);
  });
});

describe('row 13', () => {
  it('names the claim, as the configuration does', async () => {
    const response = await operate(strict.endpoint, '{ private { message } }', { token: valid() });
    expect(response.body.errors?.[0]?.message).toBe(
      'The access token is missing the required claim email.',
    );
  });
});

describe('row 17: the keys are unavailable', () => {
  it('responds with 503 to credentials, serves public fields without, and recovers', async () => {
    issuer.setDown(true);
    const down = await startTestServer({ LOG_LEVEL: 'warn' }, issuer);
    try {
      const token = issuer.sign();
      const refused = await operate(down.endpoint, '{ public { message } }', { token });
      expect(refused.status).toBe(503);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      expect(refused.headers['www-authenticate']).toBeUndefined();
      expect(refused.body.errors?.[0]?.extensions['code']).toBe('SERVICE_UNAVAILABLE');
      expect((await send(`${down.origin}/readyz`)).status).toBe(503);
      expect((await operate(down.endpoint, '{ public { message } }')).status).toBe(200);

      issuer.setDown(false);
      issuer.clock.advance(60);
      const served = await operate(down.endpoint, '{ private { message } }', { token });
      expect(served.status).toBe(200);
      expect((await send(`${down.origin}/readyz`)).status).toBe(200);
      expect(down.logged.join('')).not.toContain(token.slice(0, 20));
    } finally {
      await down.stop();
    }
  });
});

describe('bad credentials and a bad request at once', () => {
  it.each(['not JSON', '{"query":"{"}', '[]'])('reports the credentials: %s', async (body) => {
    const response = await send(server.endpoint, {
      method: 'POST',
      headers: ['Content-Type', 'application/json', ...bearer('b3BhcXVl')],
      body,
    });
    expect(response.status).toBe(401);
  });
});

describe('what is accepted', () => {
  it.each(['BEARER ', 'bearer ', 'Bearer   '])('the scheme as %j', async (scheme) => {
    const headers = authorization(`${scheme}${valid()}`);
    const response = await ask(server, { headers: () => headers }, 'private');
    expect(response.status).toBe(200);
  });
});

describe('a refusal follows Accept', () => {
  it.each([
    ['application/graphql-response+json', 'application/graphql-response+json; charset=utf-8'],
    ['application/json', 'application/json; charset=utf-8'],
    ['*/*', 'application/json; charset=utf-8'],
    ['text/html', 'application/json; charset=utf-8'],
  ])('%s gets %s', async (accept, type) => {
    const headers = ['Accept', accept, ...bearer('b3BhcXVl')];
    const response = await ask(server, { headers: () => headers }, 'private');
    expect([response.status, response.headers['content-type']]).toEqual([401, type]);
  });
});

describe('any text in the Authorization header', () => {
  it('is rejected with a 4xx status, and never reaches a private field', async () => {
    const texts = fc.oneof(
      fc.string({ unit: 'grapheme-ascii', maxLength: 300 }),
      fc.string({ unit: 'grapheme-ascii', maxLength: 300 }).map((text) => `Bearer ${text}`),
      fc
        .tuple(fc.base64String(), fc.base64String(), fc.base64String())
        .map((segments) => `Bearer ${segments.join('.').replaceAll('=', '')}`),
      fc
        .tuple(fc.json(), fc.json())
        .map(
          (json) =>
            `Bearer ${json.map((text) => Buffer.from(text).toString('base64url')).join('.')}.AAAA`,
        ),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const response = await ask(server, { headers: () => authorization(text) }, 'private');
        expect([400, 401]).toContain(response.status);
        expect(response.text).not.toContain('Hello');
      }),
      { numRuns: 150, seed: 20_261_126 },
    );
  });
});
