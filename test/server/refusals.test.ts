import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generatedCases } from '../support/generated-cases.ts';
import { operate, send } from '../support/http.ts';
import { bearerRows } from '../support/refusals/bearer-rows.ts';
import { authorization, partsOf, type RefusalRow } from '../support/refusals/refusal-row.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createTestIssuer } from '../support/tokens.ts';

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
const bearer = (token: string) => authorization(`Bearer ${token}`);
const serverOf = ({ on = 'optional' }: RefusalRow): TestServer =>
  on === 'strict' ? strict : on === 'off' ? withoutDpop : server;

const ask = (on: TestServer, row: Pick<RefusalRow, 'headers' | 'query'>, field: string) =>
  send(`${on.endpoint}${row.query ?? ''}`, {
    method: 'POST',
    headers: ['Content-Type', 'application/json', ...(row.headers?.(partsOf(on)) ?? [])],
    body: JSON.stringify({ query: `{ ${field} { message } }` }),
  });

describe.each(bearerRows)('row $row: $case', (row) => {
  it(`responds with ${row.status}${row.error ? ` ${row.error}` : ''}`, async () => {
    const on = serverOf(row);
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
    const response = await ask(serverOf(row), row, 'public');
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
      { numRuns: generatedCases(25), seed: 20_261_126 },
    );
  });
});
