import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operate } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const viewers = {
  anonymous: undefined,
  guest: {},
  manager: { scope: 'read:messages' },
  administrator: { permissions: ['read:messages', 'write:messages', 'admin:write'] },
};

/** What each viewer gets of each field: the status when it is asked for alone. */
const table: readonly [keyof typeof viewers, string, number, string | undefined][] = [
  ['anonymous', 'public', 200, undefined],
  ['anonymous', 'private', 401, undefined],
  ['anonymous', 'privateScoped', 401, 'read:messages'],
  ['anonymous', 'admin', 401, 'admin:write'],
  ['guest', 'public', 200, undefined],
  ['guest', 'private', 200, undefined],
  ['guest', 'privateScoped', 403, 'read:messages'],
  ['guest', 'admin', 403, 'admin:write'],
  ['manager', 'public', 200, undefined],
  ['manager', 'private', 200, undefined],
  ['manager', 'privateScoped', 200, undefined],
  ['manager', 'admin', 403, 'admin:write'],
  ['administrator', 'public', 200, undefined],
  ['administrator', 'private', 200, undefined],
  ['administrator', 'privateScoped', 200, undefined],
  ['administrator', 'admin', 200, undefined],
];
const ways = (['POST', 'GET'] as const).flatMap((method) =>
  ['application/json', 'application/graphql-response+json'].map((accept) => ({ method, accept })),
);

describe.each(ways)('over $method as $accept', ({ method, accept }) => {
  it.each(table)('%s requests %s: %i', async (viewer, field, status, scope) => {
    const claims = viewers[viewer];
    const token = claims && server.issuer.sign({ claims });
    const response = await operate(server.endpoint, `{ ${field} { message subject } }`, {
      method,
      accept,
      token,
    });
    expect(response.status).toBe(status);
    expect(response.headers['content-type']).toBe(`${accept}; charset=utf-8`);
    if (status === 200) {
      const subject = token === undefined ? null : 'auth0|somebody';
      expect(response.body).toEqual({
        data: { [field]: { message: expect.any(String), subject } },
      });
      expect(response.headers['www-authenticate']).toBeUndefined();
      return;
    }
    const code = status === 401 ? 'UNAUTHENTICATED' : 'FORBIDDEN';
    expect(response.body).toEqual({
      errors: [
        {
          message: expect.any(String),
          path: [field],
          locations: [{ line: 1, column: 3 }],
          extensions: { code, ...(scope ? { scope } : {}) },
        },
      ],
    });
    expect(response.headers['cache-control']).toBe('no-store');
    const realm = `realm="graphql"`;
    const metadata = `resource_metadata="${server.origin}/.well-known/oauth-protected-resource/graphql"`;
    const asked = scope ? `scope="${scope}", ` : '';
    const algorithms = `algs="ES256 ES384 EdDSA Ed25519 PS256 RS256"`;
    expect(response.headers['www-authenticate']).toBe(
      status === 401
        ? `Bearer ${realm}, ${asked}${metadata}, DPoP ${realm}, ${asked}${algorithms}, ${metadata}`
        : `Bearer ${realm}, error="insufficient_scope", error_description="The access token is missing a scope that this operation requires.", scope="${scope}", ${metadata}`,
    );
  });

  it('returns the allowed fields, and denies the others in place', async () => {
    const token = server.issuer.sign({ claims: viewers.manager });
    const query =
      '{ public { message } hers: privateScoped { message } theirs: admin { message } }';
    const response = await operate(server.endpoint, query, { method, accept, token });
    expect(response.status).toBe(200);
    expect(response.headers['www-authenticate']).toBeUndefined();
    expect(response.headers['cache-control']).toBe('no-store');
    expect(response.body).toEqual({
      data: {
        public: { message: expect.any(String) },
        hers: { message: expect.any(String) },
        theirs: null,
      },
      errors: [
        {
          message: 'Insufficient scope. Required: admin:write.',
          path: ['theirs'],
          locations: [{ line: 1, column: 54 }],
          extensions: { code: 'FORBIDDEN', scope: 'admin:write' },
        },
      ],
    });
  });
});

describe('viewer', () => {
  it('returns the subject, its scopes and their expiry', async () => {
    const token = server.issuer.sign({
      claims: { scope: 'b a', scp: ['c'], permissions: ['d', 'a'] },
    });
    const response = await operate(server.endpoint, '{ viewer { subject scopes expiresAt } }', {
      token,
    });
    expect(response.body).toEqual({
      data: {
        viewer: {
          subject: 'auth0|somebody',
          scopes: ['a', 'b', 'c', 'd'],
          expiresAt: '2026-11-05T12:10:00.000Z',
        },
      },
    });
  });
});

describe('several refusals', () => {
  it('lists each, and names the smallest scope that is sufficient for all', async () => {
    const token = server.issuer.sign({ claims: viewers.guest });
    const response = await operate(
      server.endpoint,
      '{ admin { message } again: admin { message } privateScoped { message } }',
      { token },
    );
    expect(response.status).toBe(403);
    expect(response.body.errors?.map(({ path, extensions }) => [path, extensions])).toEqual([
      [['admin'], { code: 'FORBIDDEN', scope: 'admin:write' }],
      [['again'], { code: 'FORBIDDEN', scope: 'admin:write' }],
      [['privateScoped'], { code: 'FORBIDDEN', scope: 'read:messages' }],
    ]);
    expect(response.headers['www-authenticate']).toContain('scope="admin:write read:messages"');
    expect(response.body).not.toHaveProperty('data');
  });

  it('counts __typename as an allowed field', async () => {
    const response = await operate(server.endpoint, '{ __typename private { message } }');
    expect(response.status).toBe(200);
    expect(response.body.data).toEqual({ __typename: 'Query', private: null });
  });
});
