import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { createYoga } from 'graphql-yoga';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useAuth } from '../../src/adapters/yoga/use-auth.ts';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';
import { createHttpServer, type HttpServerOptions } from '../../src/server/http-server.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { connectRaw } from '../subscriptions/raw-socket.ts';
import { authenticatorFor } from '../support/authentication.ts';
import { send, type WireResponse } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const readiness: HttpServerOptions['readiness'] = {
  isReady: () => true,
  report: () => ({
    status: 'ready',
    issuers: [],
    redis: undefined,
    revocations: undefined,
    database: undefined,
  }),
};

const query = '{ public { message } }';
const post = (headers: readonly string[], body: string | Uint8Array = JSON.stringify({ query })) =>
  send(server.endpoint, {
    method: 'POST',
    headers: ['Content-Type', 'application/json', ...headers],
    body,
  });
const headerBytes = ({ headers }: WireResponse): number => JSON.stringify(headers).length;
const errorOf = ({ text }: WireResponse) => JSON.parse(text).errors[0];

describe('the headers of a response do not grow with the request', () => {
  it.each([
    ['commas', ','.repeat(15_000)],
    ['ranges that nothing matches', 'a,'.repeat(7_000)],
    ['ranges that all match', '*/*,'.repeat(3_500)],
    ['one long range', 'a'.repeat(15_000)],
    ['parameters', `application/json${';'.repeat(14_000)}`],
  ])('Accept: %s', async (_, accept) => {
    expect(headerBytes(await post(['Accept', accept]))).toBeLessThan(1_000);
    const stream = await post(
      ['Accept', accept],
      JSON.stringify({ query: 'subscription { clock { time } }' }),
    );
    expect(headerBytes(stream)).toBeLessThan(1_000);
  });

  it('with useAuth alone as well', async () => {
    const schema = guardSchema(
      makeExecutableSchema({ typeDefs: [authDirectives, 'type Query { a: Int, b: Int @auth }'] }),
    );
    const authenticator = authenticatorFor(server.issuer);
    const yoga = createYoga({ schema, plugins: [useAuth({ authenticator })], logging: false });
    const response = await yoga.fetch('http://localhost/graphql?query={a}', {
      headers: { Accept: 'a,'.repeat(7_000) },
    });
    expect(response.status).toBe(406);
    expect(JSON.stringify([...response.headers]).length).toBeLessThan(1_000);
  });

  const paths = [
    '/graphql',
    '/livez',
    '/',
    '/nothing',
    '/graphiql/nothing',
    '/.well-known/oauth-protected-resource/graphql',
  ];
  it.each([
    ['Access-Control-Request-Headers', `x-a,${'b'.repeat(14_000)}`],
    ['Access-Control-Request-Headers', 'x y\u00e9'],
    ['Origin', `http://localhost:1/${'o'.repeat(14_000)}`],
    ['Origin', `http://${'u'.repeat(14_000)}@localhost:1`],
    ['If-None-Match', 'n'.repeat(14_000)],
    ['Content-Encoding', 'e'.repeat(14_000)],
    ['Content-Type', `application/json;${'p'.repeat(14_000)}`],
    ['Authorization', `Basic ${'a'.repeat(14_000)}`],
    ['DPoP', 'd'.repeat(14_000)],
    ['X-Request-Id', 'i'.repeat(14_000)],
  ])('%s', async (name, value) => {
    for (const path of paths) {
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        const headers = [
          ...(name === 'Origin' ? [] : ['Origin', 'http://localhost:5173']),
          'Access-Control-Request-Method',
          'POST',
          name,
          value,
        ];
        const answer = await send(`${server.origin}${path}`, { method, headers });
        expect([method, path, headerBytes(answer) < 1_200]).toEqual([method, path, true]);
        expect(answer.status).toBeLessThan(500);
      }
    }
  });
});

describe('headers that Node would drop without a word', () => {
  const filler = (count: number) => Array.from({ length: count }, () => ['X', '']).flat();

  it.each([
    ['a token behind too many others', [...filler(1_001), 'Authorization', 'Bearer bad'], 431],
    ['a token behind as many as may be', [...filler(900), 'Authorization', 'Bearer bad'], 401],
    ['two hosts', ['Host', 'localhost', 'Host', 'localhost'], 400],
    ['two hosts, in other letters', ['host', 'localhost', 'HOST', 'evil.test'], 400],
    ['two content types', ['Content-Type', 'text/plain'], 400],
    ['two origins', ['Origin', 'http://localhost:1', 'Origin', 'http://localhost:1'], 400],
    ['two lengths', ['Content-Length', '34', 'Content-Length', '34'], 400],
    ['two tokens', ['Authorization', 'Bearer a', 'Authorization', 'Bearer b'], 400],
  ])('%s', async (_, headers, status) => {
    const answer = await post(headers);
    expect(answer.status).toBe(status);
    // What refuses a length is Node, which sends no body.
    if (answer.text !== '') expect(JSON.parse(answer.text)).not.toHaveProperty('data');
  });

  it('are refused before an upgrade as well', async () => {
    const url = server.endpoint.replace('http', 'ws');
    const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`x${index}`, '']));
    await expect(connectRaw(url, { headers: many })).rejects.toThrow('431');
  });
});

describe('bodies', () => {
  const text = JSON.stringify({ query });
  const data = { public: { message: 'Hello from a public field: no access token needed.' } };

  it.each([
    ['a byte order mark', `\uFEFF${text}`, 200],
    ['two of them', `\uFEFF\uFEFF${text}`, 400],
    ['a byte order mark alone', '\uFEFF', 400],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 400],
    ['an empty query', '{"query":""}', 200],
    ['a query of white space', '{"query":" \\n"}', 200],
    ['a query that is a comment', '{"query":"#"}', 200],
    ['half a surrogate pair', '{"query":"{ a(b: \\"\\ud800\\") }"}', 200],
    [
      'an operation name that is a number',
      '{"query":"{ __typename }","operationName":1}',
      'client',
    ],
    ['an operation name that is a list', '{"query":"{ __typename }","operationName":[]}', 'client'],
    ['extensions that are a list', '{"query":"{ __typename }","extensions":[]}', 400],
    ['a member __proto__', '{"query":"{ __typename }","__proto__":{"a":1}}', 'client'],
    ['a member constructor', '{"query":"{ __typename }","constructor":1}', 400],
    ['variables named __proto__', '{"query":"{ __typename }","variables":{"__proto__":1}}', 200],
  ])('%s is answered alike, with a length and in chunks', async (_, body, status) => {
    const [whole, chunked] = await Promise.all([
      post([], body),
      post(['Transfer-Encoding', 'chunked'], body),
    ]);
    expect([chunked.status, chunked.text]).toEqual([whole.status, whole.text]);
    if (status === 'client') expect(whole.status).toBeLessThan(500);
    else expect(whole.status).toBe(status);
  });

  it('serves what follows a byte order mark', async () => {
    expect(JSON.parse((await post([], `\uFEFF${text}`)).text)).toEqual({ data });
  });

  it.each([
    ['gzip', gzipSync(text)],
    ['GZIP', gzipSync(text)],
    ['br', text],
    ['identity, gzip', gzipSync(text)],
    ['nothing-of-the-kind', text],
  ])('in the coding %s is refused, with what would be accepted', async (coding, body) => {
    const answer = await post(['Content-Encoding', coding], body);
    expect([answer.status, answer.headers['accept-encoding']]).toEqual([415, 'identity']);
    expect(errorOf(answer).extensions.code).toBe('BAD_REQUEST');
  });

  it.each(['identity', ' Identity ', ''])('in the coding "%s" is served', async (coding) => {
    expect((await post(['Content-Encoding', coding])).status).toBe(200);
  });

  it.each([
    ['application/json; charset=utf-8', 200],
    ['application/json;charset="UTF-8"', 200],
    ['application/json; charset=utf-16', 415],
    ['application/json; charset=iso-8859-1', 415],
  ])('of the type %s', async (type, status) => {
    const headers = ['Content-Type', type];
    const answer = await send(server.endpoint, { method: 'POST', headers, body: text });
    expect(answer.status).toBe(status);
  });
});

describe('qualities of zero are not acceptable', () => {
  it.each([
    ['application/json;q=0, */*', 'application/graphql-response+json; charset=utf-8'],
    [
      'application/graphql-response+json;q=0.1, application/json;q=0',
      'application/graphql-response+json; charset=utf-8',
    ],
    ['application/graphql-response+json;q=0, application/*', 'application/json; charset=utf-8'],
    [
      'application/json;q=0.2, application/graphql-response+json',
      'application/graphql-response+json; charset=utf-8',
    ],
  ])('%s', async (accept, type) => {
    const answer = await post(['Accept', accept]);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, type]);
  });

  it('nothing is left', async () => {
    const answer = await post(['Accept', '*/*;q=0']);
    expect([answer.status, errorOf(answer).message]).toEqual([
      406,
      'The response is JSON. Send Accept: application/json.',
    ]);
  });

  it('a stream', async () => {
    const accept = ['Accept', 'text/event-stream;q=0, */*'];
    const body = JSON.stringify({ query: 'subscription { clock { time } }' });
    const token = ['Authorization', `Bearer ${server.issuer.sign()}`];
    expect((await post([...accept, ...token], body)).status).toBe(406);
  });

  it.each([
    ['text/html;q=0, */*', 'text/plain; charset=utf-8'],
    ['text/html, */*;q=0', 'text/html; charset=utf-8'],
    ['text/plain, text/html;q=0.5', 'text/plain; charset=utf-8'],
    ['*/*', 'text/plain; charset=utf-8'],
  ])('a wrong path with %s', async (accept, type) => {
    const answer = await send(`${server.origin}/nothing`, { headers: ['Accept', accept] });
    expect(answer.headers['content-type']).toBe(type);
  });

  it.each([
    ['text/html;q=0, application/json', 'application/json; charset=utf-8'],
    ['application/json, text/html;q=0.5', 'application/json; charset=utf-8'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'text/html; charset=utf-8'],
  ])('GraphiQL or GraphQL with %s', async (accept, type) => {
    const target = `/graphql?query=${encodeURIComponent(query)}`;
    const answer = await send(server.origin, { target, headers: ['Accept', accept] });
    expect(answer.headers['content-type']).toBe(type);
  });
});

describe('what caches and browsers are told', () => {
  const get = `/graphql?query=${encodeURIComponent(query)}`;

  it('a response to an anonymous GET is not to be taken for one to a token', async () => {
    const { headers } = await send(`${server.origin}${get}`);
    expect(headers['cache-control']).toBe('no-cache');
    expect(headers['vary']).toBe('Origin, Accept, Authorization');
  });

  it('a response to a token is not to be kept', async () => {
    const token = ['Authorization', `Bearer ${server.issuer.sign()}`];
    const { headers } = await send(`${server.origin}${get}`, { headers: token });
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['vary']).toBe('Origin, Accept, Authorization');
  });

  it.each([
    ['data', get, []],
    ['an error', '/graphql?query={', []],
    ['a refusal', '/graphql?query={private{message}}', []],
    ['a request without a query', '/graphql', []],
    ['nothing acceptable', get, ['Accept', 'image/png']],
    ['two hosts', get, ['Host', 'a', 'Host', 'b']],
    ['another method', '/graphql', [], 'PUT'],
    ['life', '/livez', []],
    ['readiness', '/readyz', [], 'POST'],
    ['metadata', '/.well-known/oauth-protected-resource', []],
    ['the origin', '/', []],
    ['a wrong path', '/nothing', []],
    ['a wrong path, for people', '/nothing', ['Accept', 'text/html']],
    ['a preflight', '/graphql', ['Access-Control-Request-Method', 'POST'], 'OPTIONS'],
    ['what is not of GraphiQL', '/graphiql/nothing', []],
  ])('nothing is sniffed: %s', async (_, target, headers, method = 'GET') => {
    const answer = await send(server.origin, { target, headers, method });
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    if (target.startsWith('/graphql') && method === 'GET') {
      expect(answer.headers['cache-control']).toMatch(/^no-(?:cache|store)$/);
    }
  });
});

describe('a hash in the place of a query', () => {
  const extensions = { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } };
  const search = new URLSearchParams({ extensions: JSON.stringify(extensions) });

  it.each([
    ['application/json', 200],
    ['application/graphql-response+json', 400],
  ])('is not supported, as %s says it', async (accept, status) => {
    const headers = ['Accept', accept];
    const answers = await Promise.all([
      send(`${server.endpoint}?${search}`, { headers }),
      post(headers, JSON.stringify({ extensions })),
      post(headers, JSON.stringify({ query: null, extensions })),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBe(status);
      expect(errorOf(answer)).toEqual({
        message: 'PersistedQueryNotSupported',
        extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' },
      });
    }
  });

  it('beside a query is ignored', async () => {
    expect((await post([], JSON.stringify({ query, extensions }))).status).toBe(200);
  });

  it.each([{}, { persistedQuery: null }, { persistedQuery: 'a' }])(
    'is not taken for one: %j',
    async (other) => {
      expect((await post([], JSON.stringify({ extensions: other }))).status).toBe(400);
    },
  );
});

describe('limits of documents', () => {
  it.each([
    ['selections', Array.from({ length: 150 }, (_, index) => `a${index}: public { message }`)],
    ['arguments', Array.from({ length: 150 }, (_, i) => `a${i}: __type(name: "Query") { name }`)],
  ])('many brackets side by side are not deep: %s', async (_, fields) => {
    const answer = await post([], JSON.stringify({ query: `{ ${fields.join(' ')} }` }));
    const { errors } = JSON.parse(answer.text);
    // They are parsed, and have too many aliases.
    expect(errors).toMatchObject([
      { extensions: { limit: 'aliases', actual: 150 } },
      { extensions: { limit: 'rootFields', actual: 150 } },
    ]);
  });
});

describe('connections', () => {
  it('are bounded in number', async () => {
    const small = await startTestServer({ MAX_CONNECTIONS: '2' }, server.issuer);
    const { port } = new URL(small.origin);
    const sockets = [];
    try {
      const ends: Promise<unknown>[] = [];
      for (let index = 0; index < 3; index += 1) {
        const socket = connect(Number(port), 'localhost');
        socket.on('error', () => {});
        sockets.push(socket);
        ends.push(once(socket.resume(), 'close').then(() => index));
        await once(socket, 'connect');
      }
      expect(await Promise.race(ends)).toBe(2);
    } finally {
      for (const socket of sockets) socket.destroy();
      await small.stop();
    }
  });

  it('have so much time for a request', () => {
    const { server: http, connections } = createHttpServer({
      graphql: () => {},
      webSocket: () => undefined,
      readiness,
      metadata: new Map(),
      allowedOrigins: [],
      tokenFrom: ['authorization'],
      maxCredentialBytes: 16_384,
      publicUrl: 'http://localhost',
      maxConnections: 1_000,
      timeouts: { requestMs: 60_000, idleMs: 65_000, writeMs: 60_000 },
      clock: systemClock,
      graphiql: undefined,
      reportError: () => {},
      reportExcess: () => {},
    });
    expect(http).toMatchObject({
      headersTimeout: 20_000,
      requestTimeout: 60_000,
      keepAliveTimeout: 65_000,
      maxHeadersCount: 0,
    });
    connections.closeAll();
  });
});

/** A server on a port of its own that does with requests what it is told. */
async function serve(graphql: HttpServerOptions['graphql'], reportError = (_error: unknown) => {}) {
  const { server: http, connections } = createHttpServer({
    graphql,
    webSocket: () => {
      throw new Error('upgrade');
    },
    readiness,
    metadata: new Map(),
    allowedOrigins: [],
    tokenFrom: ['authorization'],
    maxCredentialBytes: 16_384,
    publicUrl: 'http://localhost',
    maxConnections: 1_000,
    timeouts: { requestMs: 60_000, idleMs: 65_000, writeMs: 60_000 },
    clock: systemClock,
    graphiql: undefined,
    reportError,
    reportExcess: () => {},
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const stop = (): void => {
    http.close();
    connections.closeAll();
  };
  return { origin: `http://127.0.0.1:${port}`, stop };
}

/** Writes the bytes as they are; what comes back until the connection closes. */
async function exchange(origin: string, text: string): Promise<string> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  let answers = '';
  socket.on('data', (data) => {
    answers += String(data);
  });
  socket.on('error', () => {});
  socket.write(text);
  await once(socket, 'close');
  return answers;
}

describe('requests that do not wait for the response before them', () => {
  const get = 'GET /graphql HTTP/1.1\r\nHost: x\r\n';

  it.each([
    [10, 10],
    [11, 10],
    [900, 10],
  ])('%i of one connection', async (sent, run) => {
    let count = 0;
    const { origin, stop } = await serve((_request, response) => {
      count += 1;
      response.end('{}');
    });
    try {
      const last = `${get}Connection: close\r\n\r\n`;
      const answers = await exchange(origin, `${`${get}\r\n`.repeat(sent - 1)}${last}`);
      expect(count).toBe(run);
      if (sent === run) expect(answers.match(/HTTP\/1\.1 200/g)).toHaveLength(run);
    } finally {
      stop();
    }
  });

  it.each([
    ['another path', 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['an expectation', `${get}Expect: a\r\n\r\n`],
    ['a bad header', `${get}Host: x\r\n\r\n`],
    ['a query', `GET /graphql?query={__typename} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['a subscription', 'GET /graphql?query=subscription{clock{time}} HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('close the connection: %s', async (_, text) => {
    const answers = await exchange(server.origin, text.repeat(500));
    expect(answers.split('HTTP/1.1 ').length - 1).toBeLessThanOrEqual(10);
    expect((await post([])).status).toBe(200);
  });
});

describe('headers that mean nothing', () => {
  it.each([
    ['Host', 'a b', 400],
    ['Host', 'a b"@c', 400],
    ['Host', 'http://a', 400],
    ['Host', 'a/b', 400],
    ['Host', 'a,b', 200],
    ['Host', 'a?b', 400],
    ['Host', '<a>', 400],
    ['Host', 'a:b', 400],
    ['Host', 'a:1:2', 400],
    ['Host', '[::1', 400],
    ['Host', '%zz', 400],
    ['Host', 'ü', 400],
    ['Host', '', 200],
    ['Host', 'api.example.com:443', 200],
    ['Host', '[::1]:4000', 200],
    ['Host', 'my_host', 200],
    ['Transfer-Encoding', 'gzip, chunked', 501],
    ['Transfer-Encoding', 'identity, chunked', 501],
    ['Transfer-Encoding', 'Chunked', 200],
    ['Expect', 'something', 417],
    ['Expect', '100-continue', 200],
  ])('%s: %s', async (name, value, status) => {
    const answer = await post([name, value]);
    expect(answer.status).toBe(status);
    if (status !== 200) expect(errorOf(answer).extensions.code).toBe('BAD_REQUEST');
  });
});

it('what is thrown for a request closes its connection alone', async () => {
  const reported: unknown[] = [];
  const { origin, stop } = await serve(
    () => {
      throw new Error('request');
    },
    (error) => reported.push(error),
  );
  try {
    const upgrade =
      'GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    expect(await exchange(origin, 'GET /graphql HTTP/1.1\r\nHost: x\r\n\r\n')).toBe('');
    expect(await exchange(origin, upgrade)).toBe('');
    expect(reported).toEqual([new Error('request'), new Error('upgrade')]);
    expect((await send(`${origin}/livez`)).status).toBe(200);
  } finally {
    stop();
  }
});
