import { once } from 'node:events';
import { connect } from 'node:net';
import { GraphQLScalarType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpServer } from '../../src/server/http-server.ts';
import type { RequestEnd, RequestRecord } from '../../src/server/request-record.ts';
import { RequestRecords } from '../../src/server/request-records.ts';
import { connectAs, connectRaw, subscribeTo } from '../subscriptions/raw-socket.ts';
import { createTestClock } from '../support/clock.ts';
import { buildFixtureApi } from '../support/fixture-api.ts';
import { send, type WireRequest } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

type Line = Readonly<Record<string, unknown>>;

const api = buildFixtureApi({
  modules: [
    {
      typeDefs: /* GraphQL */ `
        extend type Query {
          fails: String
          policed: String @auth(policy: "broken")
        }
      `,
      resolvers: {
        Query: {
          policed: () => 'ok',
          fails: () => {
            throw new Error('It failed.');
          },
        },
      },
      policies: {
        broken: () => {
          throw new Error('The policy failed.');
        },
      },
    },
  ],
});

let server: TestServer;
let seen = 0;
beforeAll(async () => {
  server = await startTestServer({ LOG_REQUESTS: 'on', LOG_LEVEL: 'debug' }, undefined, api);
});
afterAll(() => server.stop());

/** The lines since the last call, once so many requests have ended. */
async function takeLines(count = 1): Promise<readonly Line[]> {
  const lines = (): readonly Line[] =>
    server.logged.slice(seen).map((line): Line => JSON.parse(line));
  const ended = () => lines().filter(({ outcome }) => outcome !== undefined).length;
  await expect.poll(ended, { interval: 5 }).toBe(count);
  const taken = lines();
  seen = server.logged.length;
  return taken;
}

const id = 'id-of-client';
const json = ['Content-Type', 'application/json'];
const body = JSON.stringify({ query: '{ public { message } }' });

/** Sends bytes, and returns the response and the line that it has. */
async function talk(...texts: readonly string[]): Promise<readonly [text: string, line: Line]> {
  const socket = connect(Number(new URL(server.origin).port), 'localhost');
  let text = '';
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  socket.on('error', () => {});
  for (const part of texts) socket.write(part);
  await once(socket, 'close');
  const [line = {}] = (await takeLines()).filter(({ outcome }) => outcome !== undefined);
  return [text, line];
}

const idIn = (text: string): string | undefined => /^X-Request-Id: (.+)\r$/im.exec(text)?.[1];

describe('each response has the id that its lines in the log have', () => {
  const operation = { method: 'POST', headers: json, body };
  it.each<[string, number, string, WireRequest]>([
    ['through Yoga', 200, '/graphql', operation],
    ['that is served directly', 200, '/graphql', operation],
    ['to GET', 200, '/graphql?query={__typename}', {}],
    ['of a refusal', 401, '/graphql?query={private{message}}', {}],
    ['of refused credentials', 401, '/graphql', { headers: ['Authorization', 'Bearer x'] }],
    ['to what is invalid', 400, '/graphql', { ...operation, body: '{' }],
    [
      'to a body that is too large',
      413,
      '/graphql',
      { ...operation, headers: [...json, 'Content-Length', '99999999'], body: '' },
    ],
    ['to another method', 405, '/graphql', { method: 'PUT' }],
    ['to two hosts', 400, '/graphql', { headers: ['Host', 'a', 'Host', 'b'] }],
    ['to an expectation', 417, '/graphql', { headers: ['Expect', 'more'] }],
    ['of /livez', 200, '/livez', {}],
    ['of /readyz', 405, '/readyz', { method: 'POST' }],
    ['of metadata', 200, '/.well-known/oauth-protected-resource', {}],
    ['to what is not found', 404, '/nothing', {}],
    [
      'to a preflight',
      204,
      '/graphql',
      { method: 'OPTIONS', headers: ['Access-Control-Request-Method', 'POST'] },
    ],
  ])('%s: %i', async (_, status, path, request) => {
    const headers = [...(request.headers ?? []), 'X-Request-Id', id];
    const sent = send(`${server.origin}${path}`, { ...request, headers });
    if (request.body === '') {
      // Nothing of it is read, so that its client sees the connection close.
      await sent.catch(() => {});
    } else {
      const response = await sent;
      expect([response.status, response.headers['x-request-id']]).toEqual([status, id]);
    }
    const lines = await takeLines();
    expect(lines.filter(({ outcome }) => outcome !== undefined)).toMatchObject([
      { request: id, status },
    ]);
  });

  it.each(['short', 'x'.repeat(65), 'with spaces', '12345678;a', undefined])(
    'and a new one for a client with the id %s',
    async (other) => {
      const headers = other === undefined ? [] : ['X-Request-Id', other];
      const response = await send(`${server.origin}/livez`, { headers });
      const given = response.headers['x-request-id'];
      expect(given).toMatch(/^[0-9a-f-]{36}$/);
      expect(await takeLines()).toMatchObject([{ request: given }]);
    },
  );
});

describe('what does not become a request has a line', () => {
  const upgrade = 'Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';
  const head = 'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';
  it.each<[string, number, object, string]>([
    ['no HTTP', 400, {}, 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['a header without a name', 400, {}, 'GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n'],
    [
      'headers that are too long',
      431,
      {},
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    ],
    [
      'a body that is not chunked as it says',
      400,
      { method: 'POST', route: 'graphql' },
      `${head}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`,
    ],
    [
      'a WebSocket of another page',
      403,
      { method: 'GET', route: 'graphql' },
      `GET /graphql HTTP/1.1\r\n${upgrade}Origin: https://evil.test\r\n\r\n`,
    ],
    [
      'a WebSocket without a key',
      400,
      { method: 'GET', route: 'graphql' },
      `GET /graphql HTTP/1.1\r\n${upgrade}Sec-WebSocket-Version: 13\r\n\r\n`,
    ],
    [
      'a WebSocket with two hosts',
      400,
      { method: 'GET', route: 'graphql' },
      `GET /graphql HTTP/1.1\r\nHost: b\r\n${upgrade}\r\n`,
    ],
  ])('%s: %i', async (_, status, expected, text) => {
    const [response, line] = await talk(text);
    expect(response).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(line).toMatchObject({ ...expected, status, outcome: 'rejected' });
    expect(idIn(response)).toBe(line['request']);
    expect(JSON.stringify(line)).not.toMatch(/evil|OpenSSH|xxx/);
  });

  it('without a status if its client has gone', async () => {
    const socket = connect(Number(new URL(server.origin).port), 'localhost');
    socket.on('error', () => {});
    socket.end('GET / HTTP/1.1\r\nHos');
    const [line] = await takeLines();
    expect(line).toMatchObject({ outcome: 'aborted' });
    expect(line).not.toHaveProperty('status');
    socket.destroy();
  });

  it('and connections that send nothing have none', async () => {
    const socket = connect(Number(new URL(server.origin).port), 'localhost');
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.end();
    await once(socket.resume(), 'close');
    await send(`${server.origin}/livez`);
    expect(await takeLines()).toMatchObject([{ route: 'health' }]);
  });
});

it('a request that is not complete in time has one line, with or without its headers', async () => {
  const ends: [RequestRecord, RequestEnd][] = [];
  const { server: http, connections } = createHttpServer({
    graphql: () => {},
    webSocket: () => undefined,
    readiness: { isReady: () => true, report: () => expect.unreachable() },
    requests: new RequestRecords([{ onEnd: (record, end) => void ends.push([record, end]) }]),
    metadata: new Map(),
    allowedOrigins: [],
    tokenFrom: ['authorization'],
    maxCredentialBytes: 16_384,
    publicUrl: 'http://localhost',
    maxConnections: 10,
    timeouts: { requestMs: 60_000, idleMs: 65_000, writeMs: 60_000 },
    clock: createTestClock(),
    graphiql: undefined,
    reportError: () => {},
    reportExcess: () => {},
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  // What Node emits after the timeout.
  const timeout = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
  try {
    const start = 'POST /graphql HTTP/1.1\r\nHost: a\r\n';
    for (const sent of [start, `${start}X-Request-Id: ${id}\r\nContent-Length: 9\r\n\r\n{`, '']) {
      const connected = once(http, 'connection');
      const client = connect(port, '127.0.0.1');
      let text = '';
      client.on('data', (chunk) => {
        text += String(chunk);
      });
      const [socket] = await connected;
      client.write(sent);
      await expect.poll(() => socket.bytesRead, { interval: 5 }).toBe(sent.length);
      http.emit('clientError', timeout, socket);
      await once(client, 'close');
      const [line] = ends.splice(0);
      expect(text).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\nConnection: close\r\n/);
      if (sent === '') expect(line).toBeUndefined();
      else expect(line).toMatchObject([{ id: idIn(text) }, { status: 408, isAborted: false }]);
      if (sent.includes(id)) expect(idIn(text)).toBe(id);
    }
  } finally {
    http.close();
    connections.closeAll();
  }
});

it('the response to an upgrade has the id of the connection', async () => {
  const url = server.endpoint.replace('http', 'ws');
  const socket = await connectRaw(url, { headers: { 'X-Request-Id': id } });
  expect(socket.headers['x-request-id']).toBe(id);
  socket.socket.terminate();
});

describe.each(['info', 'warn'])(
  'with LOG_LEVEL=%s, errors have the id of their request',
  (level) => {
    let quiet: TestServer;
    let before = 0;
    beforeAll(async () => {
      quiet = await startTestServer({ LOG_LEVEL: level }, undefined, api);
    });
    afterAll(() => quiet.stop());

    const errors = (): readonly Line[] =>
      quiet.logged
        .slice(before)
        .map((line): Line => JSON.parse(line))
        .filter((line) => line['level'] === 50);

    it.each([
      ['a policy', '{ policed }', 'A policy threw: access was denied.'],
      ['a resolver', '{ fails }', 'An unexpected error was masked.'],
    ])('of %s', async (_, query, msg) => {
      const token = quiet.issuer.sign();
      before = quiet.logged.length;
      const headers = [...json, 'Authorization', `Bearer ${token}`];
      // The first time through Yoga, then directly.
      for (const request of ['first-request', 'second-request']) {
        await send(quiet.endpoint, {
          method: 'POST',
          headers: [...headers, 'X-Request-Id', request],
          body: JSON.stringify({ query }),
        });
      }
      expect(errors()).toMatchObject([
        { request: 'first-request', msg },
        { request: 'second-request', msg },
      ]);

      before = quiet.logged.length;
      const client = await connectAs(quiet.endpoint.replace('http', 'ws'), {
        Authorization: `Bearer ${token}`,
      });
      await client.next();
      client.send(subscribeTo(query));
      await client.next();
      client.socket.close();
      expect(errors()).toMatchObject([{ request: expect.stringMatching(/^[0-9a-f-]{36}$/), msg }]);
    });
  },
);

it('errors of GraphiQL have the id of their request', async () => {
  let isBroken = false;
  const user = {
    name: 'ann',
    displayName: 'Ann',
    get scopes(): readonly string[] {
      if (isBroken) throw new Error('It failed.');
      return [];
    },
  };
  const Broken = new GraphQLScalarType({
    name: 'Broken',
    parseValue: () => undefined,
    parseLiteral() {
      // Validation reports the messages of errors, and fails if it cannot read one.
      throw Object.defineProperty(new Error(), 'message', {
        get() {
          throw new Error('It failed.');
        },
      });
    },
  });
  const breakable = buildFixtureApi({
    typeDefs: 'scalar Broken extend type Query { a(b: Broken): String }',
    resolvers: { Broken },
  });
  const broken = await startTestServer({}, undefined, breakable, {
    testUsers: [user],
    graphiqlFolder: new URL('missing/', import.meta.url),
  });
  try {
    isBroken = true;
    const headers = ['X-Request-Id', id, 'Accept', 'text/html'];
    const post = {
      method: 'POST',
      headers: [...headers, ...json],
      body: '{"query":"{ a(b: 1) }"}',
    };
    for (const [path, request] of [
      ['/graphql', { headers }],
      ['/graphiql/rules', { headers }],
      ['/graphiql/access', post],
    ] as const) {
      expect((await send(`${broken.origin}${path}`, request)).status).toBe(500);
    }
    const lines = broken.logged.map((line): Line => JSON.parse(line));
    expect(lines.filter(({ level }) => level === 50)).toMatchObject([
      { request: id, msg: 'GraphiQL could not be loaded.' },
      { request: id, msg: 'Access could not be explained.' },
      { request: id, msg: 'Access could not be explained.' },
    ]);
  } finally {
    await broken.stop();
  }
});
