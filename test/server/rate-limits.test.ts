import { afterEach, describe, expect, it, vi } from 'vitest';
import { viewerId } from '../../src/index.ts';
import { connectAs, subscribeTo } from '../subscriptions/raw-socket.ts';
import { operate, type WireResponse } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { writeManifest } from '../support/trusted-documents.ts';

const started: TestServer[] = [];
async function start(settings: Readonly<Record<string, string>>): Promise<TestServer> {
  const server = await startTestServer({ LOG_LEVEL: 'debug', ...settings });
  started.push(server);
  return server;
}
afterEach(() => Promise.all(started.splice(0).map((server) => server.stop())));

/** One request. */
interface Sent {
  readonly sub?: string;
  readonly client?: string;
  readonly org?: string;
  /** Without a token. */
  readonly anonymous?: true;
  readonly token?: string;
  readonly from?: string;
}

type Front = (server: TestServer, sent: Sent) => Promise<WireResponse>;

const tokenOf = ({ issuer }: TestServer, { sub = 'ada', client = 'app', org }: Sent): string =>
  issuer.sign({ claims: { sub, client_id: client, ...(org ? { org_id: org } : {}) } });

const front =
  (method: 'GET' | 'POST', accept: string): Front =>
  async (server, sent) => {
    const token = sent.token ?? (sent.anonymous ? undefined : tokenOf(server, sent));
    return operate(server.endpoint, '{ public { message } }', {
      method,
      accept,
      token,
      headers: sent.from === undefined ? [] : ['X-Forwarded-For', sent.from],
    });
  };

const fronts: readonly (readonly [string, Front])[] = [
  ['POST', front('POST', 'application/json')],
  ['GET', front('GET', 'application/graphql-response+json')],
];

const invalid = 'e30.e30.e30';

const bodyOf = (response: WireResponse) => JSON.parse(response.text);

/** What is sent, in this order, and the status of each. */
const rows: readonly (readonly [
  name: string,
  settings: Readonly<Record<string, string>>,
  sent: readonly (readonly [Sent, number])[],
])[] = [
  [
    'viewer: each subject has its own',
    { RATE_LIMIT_VIEWER: '2/60' },
    [
      [{}, 200],
      [{}, 200],
      [{}, 429],
      [{ sub: 'eve' }, 200],
      [{ anonymous: true }, 200],
    ],
  ],
  [
    'client: its users share one',
    { RATE_LIMIT_CLIENT: '2/60' },
    [
      [{}, 200],
      [{ sub: 'eve' }, 200],
      [{ sub: 'bob' }, 429],
      [{ client: 'other' }, 200],
    ],
  ],
  [
    'claim: tokens with the same value share one, and those without it have none',
    { RATE_LIMIT_CLAIM: 'org_id=1/60' },
    [
      [{ org: 'a' }, 200],
      [{ org: 'a', sub: 'eve' }, 429],
      [{ org: 'b' }, 200],
      [{}, 200],
      [{}, 200],
    ],
  ],
  [
    'address: whoever sends it',
    { RATE_LIMIT_ADDRESS: '2/60' },
    [
      [{}, 200],
      [{ anonymous: true }, 200],
      [{ sub: 'eve' }, 429],
      // The header is not trusted.
      [{ from: '192.0.2.1' }, 429],
    ],
  ],
  [
    'address behind a proxy: what the proxy appended',
    { RATE_LIMIT_ADDRESS: '1/60', PROXY_HOPS: '1' },
    [
      [{ from: '192.0.2.1' }, 200],
      [{ from: '198.51.100.7, 192.0.2.1' }, 429],
      [{ from: '192.0.2.2' }, 200],
      [{ from: '2001:db8:1:2::1' }, 200],
      [{ from: '2001:db8:1:2:ffff::2' }, 429],
      [{ from: '2001:db8:1:3::1' }, 200],
      // Not an address: that of the connection.
      [{ from: 'unknown' }, 200],
      [{}, 429],
    ],
  ],
  [
    'failures: a wrong token costs ten points, and no token is verified beyond the limit',
    { RATE_LIMIT_ADDRESS: '20/60' },
    [
      [{ token: invalid }, 401],
      [{ token: invalid }, 401],
      [{ token: invalid }, 429],
      [{}, 429],
    ],
  ],
  [
    'failures: the cost is a setting',
    { RATE_LIMIT_ADDRESS: '20/60', RATE_LIMIT_FAILURE_COST: '20' },
    [
      [{ token: invalid }, 401],
      [{}, 429],
    ],
  ],
  [
    'several: the one that is exceeded',
    { RATE_LIMIT_VIEWER: '5/60', RATE_LIMIT_CLIENT: '1/60' },
    [
      [{}, 200],
      [{}, 429],
      [{ client: 'other' }, 200],
    ],
  ],
];

describe.each(fronts)('%s', (_, request) => {
  it.each(rows)('%s', async (_name, settings, sent) => {
    const server = await start(settings);
    const statuses: number[] = [];
    for (const [one] of sent) statuses.push((await request(server, one)).status);
    expect(statuses).toEqual(sent.map(([, status]) => status));
  });

  it('allows exactly as many of parallel requests', async () => {
    const server = await start({ RATE_LIMIT_ADDRESS: '20/60' });
    const sent = Array.from({ length: 70 }, () => request(server, { anonymous: true }));
    const statuses = (await Promise.all(sent)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(20);
    expect(statuses.filter((status) => status === 429)).toHaveLength(50);
  });

  it('says what is left, and when to try again', async () => {
    const server = await start({ RATE_LIMIT_ADDRESS: '10/60', RATE_LIMIT_VIEWER: '2/30' });
    const first = await request(server, {});
    expect(first.headers).toMatchObject({
      'ratelimit-policy': '"address";q=10;w=60, "viewer";q=2;w=30',
      ratelimit: '"address";r=9;t=60, "viewer";r=1;t=30',
      'cache-control': 'no-store',
    });
    server.issuer.clock.advance(10);
    // Served directly: the operation is known.
    expect((await request(server, {})).headers).toMatchObject({
      'ratelimit-policy': '"address";q=10;w=60, "viewer";q=2;w=30',
      ratelimit: '"address";r=8;t=50, "viewer";r=0;t=20',
    });
    const refused = await request(server, {});
    expect(refused.status).toBe(429);
    expect(refused.headers).toMatchObject({
      'retry-after': '20',
      'ratelimit-policy': '"address";q=10;w=60, "viewer";q=2;w=30',
      ratelimit: '"address";r=7;t=50, "viewer";r=0;t=20',
      'cache-control': 'no-store',
    });
    expect(bodyOf(refused)).toEqual({
      errors: [
        {
          message: 'Too many requests. Try again in 20 seconds.',
          extensions: { code: 'RATE_LIMITED', limit: 'viewer', retryAfter: 20 },
        },
      ],
    });
    server.issuer.clock.advance(20);
    expect((await request(server, {})).status).toBe(200);
  });

  it('has no headers without limits, nor for what no limit counts', async () => {
    const open = await request(await start({}), {});
    const anonymous = await request(await start({ RATE_LIMIT_VIEWER: '2/60' }), {
      anonymous: true,
    });
    for (const { status, headers } of [open, anonymous]) {
      expect(status).toBe(200);
      expect(headers).not.toHaveProperty('ratelimit');
      expect(headers).not.toHaveProperty('ratelimit-policy');
    }
  });

  it('counts expired tokens like any request', async () => {
    const server = await start({ RATE_LIMIT_ADDRESS: '2/60' });
    const { clock } = server.issuer;
    const token = server.issuer.sign({ claims: { exp: clock.seconds() - 600 } });
    expect((await request(server, { token })).status).toBe(401);
    expect((await request(server, { token })).status).toBe(401);
    expect((await request(server, { token })).status).toBe(429);
  });

  it('reports each refusal once, with nothing of the token', async () => {
    const server = await start({
      RATE_LIMIT_VIEWER: '1/60',
      RATE_LIMIT_ADDRESS: '3/60',
      LOG_REQUESTS: 'on',
    });
    await request(server, {});
    await request(server, {});
    await request(server, { anonymous: true });
    await request(server, {});
    await vi.waitUntil(
      () => server.logged.filter((line) => line.includes('"outcome"')).length === 4,
    );
    const lines = server.logged.map((line) => JSON.parse(line));
    const common = { refusal: 'rate', code: 'RATE_LIMITED', retryAfter: 60 };
    const id = viewerId({ issuer: server.issuer.issuer, subject: 'ada' });
    const subject = id.slice(0, 16);
    const refusals = lines.filter(({ refusal }) => refusal !== undefined);
    expect(refusals).toMatchObject([
      { ...common, reason: 'viewer', viewer: { subject } },
      { ...common, reason: 'address' },
    ]);
    expect(refusals[1]).not.toHaveProperty('viewer');
    // The line of the request also has the client.
    expect(lines.find(({ status }) => status === 429)).toMatchObject({
      request: refusals[0].request,
      viewer: { issuer: server.issuer.issuer, subject },
      client: 'app',
    });
  });
});

describe('SSE', () => {
  it('refuses a subscription before it starts', async () => {
    const server = await start({ RATE_LIMIT_VIEWER: '1/60' });
    const token = tokenOf(server, {});
    const ask = () =>
      fetch(`${server.endpoint}?query=${encodeURIComponent('subscription { clock { time } }')}`, {
        headers: { Accept: 'text/event-stream', Authorization: `Bearer ${token}` },
      });
    const first = await ask();
    expect([first.status, first.headers.get('ratelimit')]).toEqual([200, '"viewer";r=0;t=60']);
    await first.body?.cancel();
    const second = await ask();
    expect([second.status, second.headers.get('retry-after')]).toEqual([429, '60']);
    expect(await second.text()).toContain('RATE_LIMITED');
  });
});

describe('WebSocket', () => {
  const connect = (server: TestServer, token?: string) =>
    connectAs(
      server.endpoint.replace('http', 'ws'),
      token === undefined ? undefined : { authorization: `Bearer ${token}` },
    );

  it('counts the connection and each operation; the connection stays open', async () => {
    const server = await start({ RATE_LIMIT_VIEWER: '2/60' });
    const raw = await connect(server, tokenOf(server, {}));
    expect(await raw.next()).toEqual({ type: 'connection_ack' });
    const ask = async (id: string): Promise<unknown> => {
      raw.send(subscribeTo('{ public { message } }', id));
      return raw.next();
    };
    expect(await ask('1')).toMatchObject({ id: '1', type: 'next' });
    expect(await raw.next()).toEqual({ id: '1', type: 'complete' });
    expect(await ask('2')).toEqual({
      id: '2',
      type: 'error',
      payload: [
        {
          message: 'Too many requests. Try again in 60 seconds.',
          extensions: { code: 'RATE_LIMITED', limit: 'viewer', retryAfter: 60 },
        },
      ],
    });
    server.issuer.clock.advance(60);
    expect(await ask('3')).toMatchObject({ id: '3', type: 'next' });
    raw.socket.terminate();
  });

  it('counts operations that are not trusted documents', async () => {
    const manifest = writeManifest('query Open { public { message } }');
    const server = await start({
      RATE_LIMIT_VIEWER: '3/60',
      TRUSTED_DOCUMENTS: manifest.file,
      TRUSTED_DOCUMENTS_MODE: 'only',
    });
    manifest.remove();
    const raw = await connect(server, tokenOf(server, {}));
    await raw.next();
    for (const code of ['ID_REQUIRED', 'NOT_IN_LIST', 'RATE_LIMITED']) {
      const other = { query: '', documentId: 'none' };
      const payload = code === 'ID_REQUIRED' ? { query: '{ public { message } }' } : other;
      raw.send({ id: '1', type: 'subscribe', payload });
      expect(JSON.stringify(await raw.next())).toContain(code);
    }
    raw.socket.terminate();
  });

  it.each([
    ['viewer', { RATE_LIMIT_VIEWER: '1/60' }],
    ['address', { RATE_LIMIT_ADDRESS: '1/60' }],
  ])('closes a connection beyond the limit: %s', async (_, settings) => {
    const server = await start(settings);
    const token = tokenOf(server, {});
    const first = await connect(server, token);
    expect(await first.next()).toEqual({ type: 'connection_ack' });
    const second = await connect(server, token);
    expect(await second.closed).toEqual({
      code: 1013,
      reason: 'rate_limited: Too many requests. Try again in 60 seconds.',
    });
    first.socket.terminate();
  });

  it('weighs refused credentials', async () => {
    const server = await start({ RATE_LIMIT_ADDRESS: '10/60' });
    const refused = await connect(server, invalid);
    expect(await refused.closed).toMatchObject({ code: 4403 });
    const next = await connect(server, tokenOf(server, {}));
    expect(await next.closed).toMatchObject({ code: 1013 });
  });
});
