import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operate, send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let production: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  production = await startTestServer(
    {
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://api.example.com',
      ALLOWED_ORIGINS: 'https://app.example.com',
    },
    server.issuer,
  );
});
afterAll(() => Promise.all([server.stop(), production.stop()]));

const query = '{ public { message } }';
const data = { public: { message: 'Hello from a public field: no access token needed.' } };
const json = ['Content-Type', 'application/json'];

describe('paths', () => {
  it.each([
    ['GET', '/livez', 200, 'ok\n'],
    ['HEAD', '/livez', 200, ''],
    ['POST', '/livez', 405, 'Method not allowed: use GET or HEAD.\n'],
    ['GET', '/readyz', 200, 'ok\n'],
    ['GET', '/nothing', 404, 'Not found. GraphQL is at /graphql.\n'],
    ['GET', '/graphql/', 404, 'Not found. GraphQL is at /graphql.\n'],
    ['GET', '/nothing/health', 404, 'Not found. GraphQL is at /graphql.\n'],
    ['GET', '//graphql', 404, 'Not found. GraphQL is at /graphql.\n'],
  ])('%s %s: %i', async (method, target, status, text) => {
    // Keys are fetched in the background once the server listens.
    await operate(server.endpoint, query, { token: server.issuer.sign() });
    const response = await send(server.origin, { method, target });
    expect([response.status, response.text]).toEqual([status, text]);
    expect(response.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(response.headers['cache-control']).toBe('no-store');
  });

  it('sends browsers a page for an unknown path', async () => {
    const headers = ['Accept', 'text/html,*/*;q=0.8'];
    for (const target of ['/nothing', '/graphiql/nothing', '/%3Cscript%3E']) {
      const response = await send(server.origin, { target, headers });
      expect(response.status).toBe(404);
      expect(response.text).toContain('<h1>Not found</h1>');
      expect(response.text).not.toMatch(/<script|nothing<\/code>/);
      expect(response.headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'content-security-policy': expect.stringMatching(
          /^default-src 'none'; style-src 'sha256-[^']+'; .*frame-ancestors 'none'$/,
        ),
      });
    }
  });

  it('redirects from / to GraphiQL in development, not in production', async () => {
    const home = await send(`${server.origin}/`);
    expect([home.status, home.headers['location']]).toEqual([302, '/graphql']);
    expect((await send(`${production.origin}/`)).status).toBe(404);
  });
});

describe('request targets and hosts', () => {
  it.each([
    [
      'absolute form',
      { target: `http://elsewhere.test/graphql?query=${encodeURIComponent(query)}` },
    ],
    [
      'a query that ends like a health check',
      { target: `/graphql?query=${encodeURIComponent(query)}&x=/health` },
    ],
    [
      'user information in Host',
      { target: `/graphql?query=${encodeURIComponent(query)}`, headers: ['Host', 'evil@x'] },
    ],
  ])('%s is served', async (_, request) => {
    const response = await send(server.origin, request);
    expect([response.status, JSON.parse(response.text)]).toEqual([200, { data }]);
  });

  it('never uses the host of a request in its own URLs', async () => {
    const response = await operate(production.endpoint, '{ private { message } }', {
      headers: ['Host', 'evil.test', 'X-Forwarded-Host', 'evil.test'],
    });
    const challenge = response.headers['www-authenticate'] ?? '';
    expect([...challenge.matchAll(/https?:\/\/[^"]*/g)].map(([url]) => url)).toEqual([
      'https://api.example.com/.well-known/oauth-protected-resource/graphql',
      'https://api.example.com/.well-known/oauth-protected-resource/graphql',
    ]);
  });
});

describe('bodies', () => {
  const big = JSON.stringify({ query: `{ public { message } } # ${'x'.repeat(103_000)}` });
  it.each([
    ['no JSON', json, 'nothing', 400, 'The body is not valid JSON.'],
    ['nothing at all', json, '', 400, 'The body is not valid JSON.'],
    ['a list', json, '[{"query":"{ public { message } }"}]', 400, 'The body must be a JSON object'],
    ['null', json, 'null', 400, 'The body must be a JSON object'],
    ['a text', json, '"{ public { message } }"', 400, 'The body must be a JSON object'],
    ['no query', json, '{}', 400, 'The body must have a string property "query"'],
    [
      'a query that is no text',
      json,
      '{"query":1}',
      400,
      'The body must have a string property "query"',
    ],
    [
      'variables that are a list',
      json,
      '{"query":"{ __typename }","variables":[]}',
      400,
      'Expected "variables"',
    ],
    [
      'a form',
      ['Content-Type', 'application/x-www-form-urlencoded'],
      'query=%7B__typename%7D',
      415,
      'The body must be JSON',
    ],
    [
      'plain text',
      ['Content-Type', 'text/plain'],
      '{"query":"{ __typename }"}',
      415,
      'The body must be JSON',
    ],
    [
      'GraphQL as it is',
      ['Content-Type', 'application/graphql'],
      '{ __typename }',
      415,
      'The body must be JSON',
    ],
    ['no content type', [], '{"query":"{ __typename }"}', 415, 'The body must be JSON'],
    ['too large', json, big, 413, 'The body is larger than 102400 bytes'],
    [
      'too large, in chunks',
      [...json, 'Transfer-Encoding', 'chunked'],
      big,
      413,
      'The body is larger than 102400 bytes',
    ],
  ])('%s: one clear message', async (_, headers, body, status, message) => {
    const response = await send(server.endpoint, { method: 'POST', headers, body });
    expect(response.status).toBe(status);
    const { errors } = JSON.parse(response.text);
    expect(errors).toHaveLength(1);
    expect(errors[0].message).toContain(message);
    expect(errors[0].extensions.code).toBe('BAD_REQUEST');
    // A challenge would tell clients that a token is what is wrong.
    expect(response.headers['www-authenticate']).toBeUndefined();
  });

  it('accepts one in chunks', async () => {
    const headers = [...json, 'Transfer-Encoding', 'chunked'];
    const body = JSON.stringify({ query });
    const response = await send(server.endpoint, { method: 'POST', headers, body });
    expect([response.status, JSON.parse(response.text)]).toEqual([200, { data }]);
  });
});

describe('query strings', () => {
  it.each([
    ['?query={__typename}&variables=x', [], 400, 'variables in the query string must be JSON.'],
    [
      '?query={__typename}&variables=[]',
      [],
      400,
      'variables in the query string must be a JSON object.',
    ],
    [
      '?query={__typename}&query={__typename}',
      [],
      400,
      'The query string has query more than once: send it once.',
    ],
    [
      '?query={__typename}',
      ['Content-Type', 'message/external-body'],
      415,
      'A GET request has no body: remove Content-Type.',
    ],
    ['', [], 400, 'The query string must have a query, such as ?query={__typename}.'],
  ])('%s', async (search, headers, status, message) => {
    const response = await send(`${server.endpoint}${search}`, { headers });
    expect([response.status, JSON.parse(response.text).errors[0].message]).toEqual([
      status,
      message,
    ]);
  });

  it('runs no mutation', async () => {
    const response = await send(`${server.endpoint}?query=mutation{x}`);
    expect([response.status, response.headers['allow']]).toEqual([405, 'POST']);
  });
});

describe('documents', () => {
  it.each([
    [
      'too many tokens',
      `{ ${'a:__typename '.repeat(1000)} }`,
      'The document has more than 2000 tokens',
    ],
    [
      'lists in lists',
      `{ public(x: ${'['.repeat(900)}`,
      'The document is nested more than 100 levels',
    ],
    [
      'selections in selections',
      `{ ${'a { '.repeat(300)}`,
      'The document is nested more than 100 levels',
    ],
  ])('%s are rejected before they are parsed', async (_, text, message) => {
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const response = await operate(server.endpoint, text, { accept });
      expect(response.status).toBe(accept === 'application/json' ? 200 : 400);
      expect(response.body.errors?.[0]?.message).toContain(message);
    }
  });
});

describe('pages of other origins', () => {
  const from = (origin: string) => ['Origin', origin];
  const preflight = [
    'Access-Control-Request-Method',
    'POST',
    'Access-Control-Request-Headers',
    'authorization,content-type',
  ];

  it.each([
    ['a local page in development', () => server, 'http://localhost:5173', true],
    ['another page in development', () => server, 'https://evil.test', false],
    ['a page without an origin', () => server, 'null', false],
    ['a listed page', () => production, 'https://app.example.com', true],
    ['an unlisted page', () => production, 'https://evil.test', false],
    ['a page that looks listed', () => production, 'https://app.example.com.evil.test', false],
    ['a local page in production', () => production, 'http://localhost:5173', false],
  ])('%s', async (_, on, origin, isAllowed) => {
    const allowed = isAllowed ? origin : undefined;
    const preflightResponse = await send(on().endpoint, {
      method: 'OPTIONS',
      headers: [...from(origin), ...preflight],
    });
    expect(preflightResponse.status).toBe(204);
    expect(preflightResponse.headers['access-control-allow-origin']).toBe(allowed);
    expect(preflightResponse.headers['access-control-allow-headers']).toBe(
      isAllowed ? 'authorization,content-type' : undefined,
    );
    const refused = await operate(on().endpoint, '{ private { message } }', {
      headers: from(origin),
    });
    expect(refused.status).toBe(401);
    expect(refused.headers['access-control-allow-origin']).toBe(allowed);
    expect(refused.headers['access-control-expose-headers']).toBe(
      isAllowed
        ? 'WWW-Authenticate, DPoP-Nonce, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id'
        : undefined,
    );
    expect(refused.headers['access-control-allow-credentials']).toBeUndefined();
    expect(refused.headers['vary']).toBe('Origin, Accept, Authorization');
  });
});

describe('in production', () => {
  it('has no GraphiQL and no introspection', async () => {
    const page = await send(production.endpoint, { headers: ['Accept', 'text/html'] });
    expect(page.headers['content-type']).toBe('application/json; charset=utf-8');
    const response = await operate(production.endpoint, '{ __schema { types { name } } }', {
      accept: 'application/graphql-response+json',
    });
    expect(response.status).toBe(400);
    expect(response.body).not.toHaveProperty('data');
  });
});

describe('with INTROSPECTION=viewer', () => {
  it('returns only what the viewer can access', async () => {
    const limited = await startTestServer({ INTROSPECTION: 'viewer' }, server.issuer);
    const query = '{ __type(name: "Query") { fields { name } } }';
    const namesFor = async (token?: string) => {
      const response = await operate(limited.endpoint, query, { token });
      return JSON.stringify(response.body.data).match(/(?<="name":")\w+/g);
    };
    try {
      expect(await namesFor()).toEqual(['public']);
      expect(await namesFor(server.issuer.sign())).toEqual(['public', 'private', 'viewer']);
    } finally {
      await limited.stop();
    }
  });
});

describe('in development', () => {
  it('serves GraphiQL, with nothing of the request in it', async () => {
    const page = await send(`${server.endpoint}?query=%3C/script%3E%3Cscript%3Ealert(1)`, {
      headers: ['Accept', 'text/html'],
    });
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.text).not.toContain('alert(1)');
  });

  it('allows introspection', async () => {
    const response = await operate(server.endpoint, '{ __schema { queryType { name } } }');
    expect(response.body).toEqual({ data: { __schema: { queryType: { name: 'Query' } } } });
  });
});
