import { readFileSync } from 'node:fs';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { viewerId } from '../../src/index.ts';
import { requestIdOf } from '../../src/server/http/request-id.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('the id of a request', () => {
  it.each([
    [{ 'x-request-id': 'abc-DEF_1' }, 'abc-DEF_1'],
    [{ 'x-request-id': 'a b c d e f' }, undefined],
    [{ 'x-request-id': 'short' }, undefined],
    [{ 'x-request-id': 'x'.repeat(65) }, undefined],
    [{ 'x-request-id': '12345678\n' }, undefined],
    [{ traceparent: `00-${trace}-00f067aa0ba902b7-01` }, trace],
    [{ 'x-request-id': '', traceparent: `00-${trace}-00f067aa0ba902b7-01` }, trace],
    [{ traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` }, undefined],
    [{ traceparent: `${'0'.repeat(1_000_000)}-${trace}-00f067aa0ba902b7-01` }, undefined],
    [{}, undefined],
  ])('of %o is %s', (headers, expected) => {
    const id = requestIdOf(headers);
    if (expected !== undefined) expect(id).toBe(expected);
    else expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });
});

type Line = Readonly<Record<string, unknown>>;

describe('the log of requests', () => {
  let server: TestServer;
  let seen = 0;

  beforeAll(async () => {
    server = await startTestServer({ LOG_REQUESTS: 'on', LOG_DECISIONS: '1', LOG_LEVEL: 'debug' });
  });
  afterAll(() => server.stop());

  /** The lines since the last call, once there is one for a request. */
  async function takeLines(): Promise<readonly Line[]> {
    const isRequest = (line: string): boolean => line.includes('"outcome":');
    while (!server.logged.slice(seen).some(isRequest)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    const lines = server.logged.slice(seen).map((line): Line => JSON.parse(line));
    seen = server.logged.length;
    return lines;
  }

  async function send(
    body: object | string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<readonly Line[]> {
    const response = await fetch(server.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    await response.text();
    return takeLines();
  }

  const bearer = () => ({
    authorization: `Bearer ${server.issuer.sign({ claims: { client_id: 'the-client', sub: 'user-1' } })}`,
  });

  it.each([
    ['an allowed operation', '{ public { message } }', { outcome: 'completed', status: 200 }],
    [
      'one with a name',
      'query Named { public { message } }',
      { outcome: 'completed', operation: 'Named', type: 'query' },
    ],
    [
      'one with a long name',
      `query ${'N'.repeat(100)} { public { message } }`,
      { operation: `${'N'.repeat(64)}…` },
    ],
    [
      'a refused operation',
      '{ private { message } }',
      { outcome: 'refused', status: 401, code: 'UNAUTHENTICATED' },
    ],
    ['an invalid operation', '{ nothing }', { outcome: 'rejected' }],
    ['a document that cannot be parsed', '{', { outcome: 'rejected' }],
  ])('has a line for %s', async (_, query, expected) => {
    // The first time through Yoga, then directly.
    for (let time = 0; time < 2; time += 1) {
      const lines = await send({ query }, { 'x-request-id': 'id-of-client' });
      const requests = lines.filter(({ outcome }) => outcome !== undefined);
      expect(requests).toMatchObject([
        { request: 'id-of-client', method: 'POST', route: 'graphql', ...expected },
      ]);
      expect(requests[0]?.['ms']).toBeGreaterThan(0);
    }
  });

  it('has the hash of the document, the viewer and the client', async () => {
    const [line] = (await send({ query: '{ public { message } }' }, bearer())).filter(
      ({ outcome }) => outcome !== undefined,
    );
    const { issuer } = server.issuer;
    expect(line).toMatchObject({
      // sha256sum of the text.
      document: '8ae6547a8c21b181a8665127074108978a7152d8b27b7b1a8ca2a4fc9b420dba',
      viewer: { issuer, subject: viewerId({ issuer, subject: 'user-1' }).slice(0, 16) },
      client: 'the-client',
    });
  });

  it('has what one request differs in from others with the same document or token', async () => {
    const query = 'query One { public { message } } query Two { public { message } }';
    const [one, other] = [bearer(), bearer()];
    const sent = [
      ['One', one],
      ['Two', one],
      ['One', {}],
      ['Two', other],
    ] as const;
    for (const [operationName, credentials] of sent) {
      const lines = await send({ query, operationName }, credentials);
      const [line] = lines.filter(({ outcome }) => outcome !== undefined);
      expect(line).toMatchObject({ operation: operationName, type: 'query' });
      expect(line?.['client']).toBe('authorization' in credentials ? 'the-client' : undefined);
      expect(Object.hasOwn(line ?? {}, 'viewer')).toBe('authorization' in credentials);
    }
  });

  it('has a line for each refusal, with the id of its request', async () => {
    const lines = await send({ query: '{ alias: private { message } }' });
    const [refusal] = lines.filter((line) => line['refusal'] !== undefined);
    const [request] = lines.filter(({ outcome }) => outcome !== undefined);
    expect(refusal).toMatchObject({
      level: 30,
      refusal: 'rule',
      reason: 'authentication',
      code: 'UNAUTHENTICATED',
      coordinate: 'Query.private',
      status: 401,
      rule: expect.anything(),
      request: request?.['request'],
    });
    expect(JSON.stringify(lines)).not.toContain('alias');
  });

  it('has a line for refused credentials', async () => {
    const lines = await send({ query: '{ public { message } }' }, { authorization: 'Bearer x' });
    expect(lines).toMatchObject([
      { level: 30, refusal: 'credentials', reason: 'token_not_jws', status: 401 },
      { outcome: 'refused', reason: 'token_not_jws', code: 'UNAUTHENTICATED' },
    ]);
  });

  it('has what was allowed and denied', async () => {
    const query = '{ public { message } private { message } }';
    const decided = (await send({ query })).filter((line) => line['allow'] !== undefined);
    expect(decided).toMatchObject([
      {
        allow: expect.arrayContaining(['Query.public']),
        deny: [{ coordinate: 'Query.private', reason: 'authentication', code: 'UNAUTHENTICATED' }],
      },
    ]);
  });

  it('has no field that the documentation does not list', () => {
    const table = readFileSync(new URL('../../docs/production.md', import.meta.url), 'utf8');
    const section = table.split('\n## ').find((text) => text.startsWith('Log\n')) ?? '';
    const listed = [...section.matchAll(/^\| (`.+?) \|/gm)].flatMap(([, names = '']) =>
      names.split(', ').map((name) => name.replaceAll('`', '')),
    );
    const logged = server.logged.flatMap((line) => Object.keys(JSON.parse(line)));
    expect(logged).toContain('allow');
    expect([...new Set(logged)].filter((name) => !listed.includes(name))).toEqual([]);
  });

  it('has probes at level debug', async () => {
    await fetch(`${server.origin}/livez`);
    expect(await takeLines()).toMatchObject([{ level: 20, route: 'health', status: 200 }]);
  });

  it('has no more than one line about an instance that is not ready, however often it is checked', async () => {
    const unready = await startTestServer({ REDIS_URL: 'redis://127.0.0.1:1', LOG_REQUESTS: 'on' });
    try {
      for (let times = 0; times < 3; times += 1) {
        expect((await fetch(`${unready.origin}/readyz`)).status).toBe(503);
      }
      expect(unready.logged.filter((line) => line.includes('"route"'))).toEqual([]);
    } finally {
      await unready.stop();
    }
  });

  it('has a line for each operation over WebSocket', async () => {
    const client = createClient({
      url: server.endpoint.replace('http', 'ws'),
      webSocketImpl: WebSocket,
    });
    const operations = [
      ['{ public { message } }', { outcome: 'completed', status: 200 }],
      ['{ private { message } }', { outcome: 'refused', status: 401 }],
      ['{ nothing }', { outcome: 'rejected', status: 400 }],
    ] as const;
    for (const [query, expected] of operations) {
      await new Promise<void>((resolve) => {
        client.subscribe({ query }, { next() {}, error: () => resolve(), complete: resolve });
      });
      const lines = await takeLines();
      expect(lines.filter(({ outcome }) => outcome !== undefined)).toMatchObject([
        { method: 'subscribe', route: 'graphql', ...expected },
      ]);
    }
    await client.dispose();
  });
});

it.each([
  ['off, except refusals', { LOG_REQUESTS: 'off' }, 1],
  ['off', { LOG_REQUESTS: 'on', LOG_LEVEL: 'warn' }, 0],
])('is %s with %o', async (_, settings, count) => {
  const server = await startTestServer(settings);
  try {
    await fetch(server.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ private { message } }' }),
    });
    expect(server.logged).toHaveLength(count);
  } finally {
    await server.stop();
  }
});
