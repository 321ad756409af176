import { trace } from '@opentelemetry/api';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { buildFixtureApi } from '../../support/fixture-api.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { createTestIssuer } from '../../support/tokens.ts';
import {
  type CollectedSpan,
  startTraceCollector,
  type TraceCollector,
  variablesFor,
} from '../../support/trace-collector.ts';

let collector: TraceCollector;
let server: TestServer;

beforeAll(async () => {
  collector = await startTraceCollector();
  const variables = variablesFor(collector);
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  const api = buildFixtureApi({
    typeDefs: 'extend type Query { traced: String, fails(input: String): String }',
    resolvers: {
      Query: {
        async traced() {
          await new Promise(setImmediate);
          trace.getTracer('resolvers').startSpan('load').end();
          return 'loaded';
        },
        fails() {
          throw Object.assign(new Error('canary-message'), {
            name: 'canary-name',
            detail: 'canary-detail',
          });
        },
      },
    },
  });
  server = await startTestServer(variables, undefined, api);
});

beforeEach(() => {
  collector.spans.length = 0;
});

afterAll(async () => {
  await server.stop();
  await collector.close();
  vi.unstubAllEnvs();
});

async function send(init: RequestInit, search = ''): Promise<void> {
  await (await fetch(`${server.endpoint}${search}`, init)).text();
}

const post = (query: string, headers: Readonly<Record<string, string>> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify({ query }),
});

/** The spans of the only request: a line for each, `NAME ATTRIBUTES`, indented below its parent. */
async function nextTree(last?: string): Promise<readonly string[]> {
  await collector.until(() => collector.spans.some(({ kind }) => kind === 'server'));
  await collector.until(() => !last || collector.spans.some(({ name }) => name === last));
  const spans = collector.spans.splice(0).sort((a, b) => a.start.localeCompare(b.start));
  const lines = (parent: string | undefined, indent: string): readonly string[] =>
    spans
      .filter(({ parentSpanId }) => parentSpanId === parent)
      .flatMap((span) => [`${indent}${describeSpan(span)}`, ...lines(span.spanId, `${indent}  `)]);
  return lines(undefined, '');
}

function describeSpan({ name, attributes, hasFailed }: CollectedSpan): string {
  const shown = ['resource_server.outcome', 'error.type', 'resource_server.reason']
    .map((key) => attributes[key])
    .filter((value) => value !== undefined);
  const status = attributes['http.response.status_code'];
  return [name, ...(status ? [status] : []), ...shown, ...(hasFailed ? ['ERROR'] : [])].join(' ');
}

describe('the spans of a request', () => {
  const token = () => ({ authorization: `Bearer ${server.issuer.sign()}` });
  const rows: readonly [string, () => RequestInit, readonly string[]][] = [
    [
      'that is allowed',
      () => post('query Hello { private { message } }', token()),
      [
        'POST /graphql 200 completed',
        '  authenticate authenticated',
        '  authorize allowed',
        '  execute completed',
      ],
    ],
    [
      'with credentials that are refused',
      () => post('{ private { message } }', { authorization: 'Bearer x' }),
      [
        'POST /graphql 401 refused UNAUTHENTICATED token_not_jws',
        '  authenticate refused UNAUTHENTICATED token_not_jws',
      ],
    ],
    [
      'that a rule refuses',
      () => post('{ admin { message } }', token()),
      [
        'POST /graphql 403 refused FORBIDDEN',
        '  authenticate authenticated',
        '  authorize refused FORBIDDEN',
      ],
    ],
    [
      'that has partial data',
      () => post('{ private { message } admin { message } }', token()),
      [
        'POST /graphql 200 partial',
        '  authenticate authenticated',
        '  authorize allowed',
        '  execute partial',
      ],
    ],
    [
      'whose resolver fails',
      () => post('{ fails public { message } }'),
      [
        'POST /graphql 200 partial',
        '  authenticate authenticated',
        '  authorize allowed',
        '  execute partial',
      ],
    ],
    [
      'whose resolver creates a span',
      () => post('{ traced }'),
      [
        'POST /graphql 200 completed',
        '  authenticate authenticated',
        '  authorize allowed',
        '  execute completed',
        '    load',
      ],
    ],
    [
      'that is not valid',
      () => post('{ unknown }'),
      ['POST /graphql 200', '  authenticate authenticated'],
    ],
  ];

  it.each(rows)('%s', async (_, init, expected) => {
    await send(init());
    expect(await nextTree()).toEqual(expected);
  });

  it.each(rows)('%s, served directly', async (_, init, expected) => {
    await send(init());
    expect(await nextTree()).toEqual(expected);
  });

  it('with GET', async () => {
    await send({}, '?query={public{message}}');
    expect(await nextTree()).toEqual([
      'GET /graphql 200 completed',
      '  authenticate authenticated',
      '  authorize allowed',
      '  execute completed',
    ]);
  });

  it('while no issuer can be reached have the status error', async () => {
    const issuer = createTestIssuer();
    // Before it starts: it fetches keys as soon as it listens.
    issuer.setDown(true);
    const other = await startTestServer(variablesFor(collector), issuer);
    const { authorization } = { authorization: `Bearer ${other.issuer.sign()}` };
    await (await fetch(other.endpoint, post('{ public { message } }', { authorization }))).text();
    expect(await nextTree()).toEqual([
      expect.stringMatching(/^POST \/graphql 503 refused 503 \w+ ERROR$/),
      expect.stringMatching(/^ {2}authenticate refused \w+ \w+ ERROR$/),
    ]);
    await other.stop();
  });

  it('name the operation by the conventions for GraphQL', async () => {
    await send(post('query Hello { private { message } }', token()));
    await collector.until(() => collector.spans.some(({ kind }) => kind === 'server'));
    const operation = {
      'graphql.operation.type': 'query',
      'graphql.operation.name': 'Hello',
      'graphql.document.hash': expect.stringMatching(/^[0-9a-f]{64}$/),
    };
    const [, ...named] = collector.spans;
    expect(named.map(({ name }) => name)).toEqual(['authorize', 'execute', 'POST /graphql']);
    for (const { attributes } of named) expect(attributes).toMatchObject(operation);
  });
});

it('the lines that a request causes in the log have its trace', async () => {
  await send(post('{ fails }'));
  await collector.until(() => collector.spans.some(({ kind }) => kind === 'server'));
  const { traceId } = collector.spans.at(-1) ?? {};
  const line = JSON.parse(server.logged.at(-1) ?? '');
  expect(line).toMatchObject({ msg: 'An unexpected error was masked.', trace_id: traceId });
});

describe('a subscription', () => {
  it('over SSE has a span for the stream', async () => {
    const client = new AbortController();
    const headers = {
      authorization: `Bearer ${server.issuer.sign()}`,
      accept: 'text/event-stream',
    };
    const response = await fetch(server.endpoint, {
      ...post('subscription { clock { time } }', headers),
      signal: client.signal,
    });
    await response.body?.getReader().read();
    client.abort();
    expect(await nextTree('stream')).toEqual([
      'POST /graphql 200 stream aborted',
      '  authenticate authenticated',
      '  authorize allowed',
      '  subscribe stream',
      '    stream ended complete',
    ]);
  });

  it('and a query over WebSocket have spans of their own', async () => {
    const client = createClient({
      url: server.endpoint.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${server.issuer.sign()}` },
    });
    for await (const _ of client.iterate({ query: '{ traced }' })) break;
    // The authentication of a connection belongs to none of its operations.
    const withoutConnection = (line: string): boolean => !line.startsWith('authenticate');
    expect((await nextTree()).filter(withoutConnection)).toEqual([
      'query completed',
      '  authorize allowed',
      '  execute completed',
      '    load',
    ]);
    for await (const _ of client.iterate({ query: 'subscription { clock { time } }' })) break;
    expect((await nextTree('stream')).filter(withoutConnection)).toEqual([
      'subscription ended complete',
      '  authorize allowed',
      '  subscribe stream',
      '    stream ended complete',
    ]);
    await client.dispose();
  });
});

it('no span has anything secret, or of what the client sent but the name of the operation', async () => {
  collector.requests.length = 0;
  const claims = { canary: 'canary-claim', scope: 'canary-scope' };
  const headers = {
    authorization: `Bearer ${server.issuer.sign({ claims })}`,
    cookie: 'session=canary-cookie',
    'user-agent': 'canary-agent',
    'x-request-id': 'canary-request-id',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    tracestate: 'canary=canary-state',
    baggage: 'canary=canary-baggage',
    forwarded: 'for=canary-address',
  };
  const query =
    'query Name($v: String) { canaryAlias: fails(input: $v) fails(input: "canary-literal") admin { message } }';
  await send({
    ...post(query, headers),
    body: JSON.stringify({
      query,
      variables: { v: 'canary-variable' },
      extensions: { a: 'canary' },
    }),
  });
  await send(post(query, { ...headers, authorization: 'Bearer canary-token' }));
  await send({ headers }, `?query=${encodeURIComponent(query)}&canary=canary-search`);
  await collector.until(() => collector.spans.filter(({ kind }) => kind === 'server').length === 3);
  const sent = collector.requests.map(({ body }) => body.toString()).join('\n');
  expect(sent).toContain('"Name"');
  expect(sent).not.toMatch(/canary/i);
});
