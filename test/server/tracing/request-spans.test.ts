import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startTestServer, type TestServer } from '../../support/server.ts';
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
  const variables = {
    ...variablesFor(collector),
    OTEL_RESOURCE_ATTRIBUTES: 'service.version=1.4.0',
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  server = await startTestServer({ ...variables, PUBLIC_URL: 'http://localhost:4000/api' });
});

afterAll(async () => {
  await server.stop();
  await collector.close();
  vi.unstubAllEnvs();
});

/** The span of the only request that was sent. */
async function nextRequestSpan(): Promise<CollectedSpan> {
  const isRequest = ({ kind }: CollectedSpan): boolean => kind === 'server';
  await collector.until(() => collector.spans.some(isRequest));
  const [span, ...others] = collector.spans.splice(0).filter(isRequest);
  expect(others).toEqual([]);
  if (span === undefined) throw new Error('There is no span.');
  return span;
}

const operation = (query: string): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ query }),
});

const common = {
  'http.route': '/graphql',
  'url.path': '/graphql',
  'url.scheme': 'http',
  'server.address': 'localhost',
  'server.port': 4000,
};

describe('each request to the GraphQL endpoint has a span of the conventions for HTTP', () => {
  const query = '{ public { message } }';
  it.each<[string, RequestInit, string, string, number]>([
    ['served directly', operation(query), '', 'POST', 200],
    ['served by Yoga', {}, `?query=${encodeURIComponent(query)}`, 'GET', 200],
    ['refused by a rule', operation('{ private { message } }'), '', 'POST', 401],
    ['not valid', operation('{ unknown }'), '', 'POST', 200],
    ['without an operation', { method: 'POST', body: '' }, '', 'POST', 415],
    ['of a method that is not allowed', { method: 'DELETE' }, '', 'DELETE', 405],
  ])('%s', async (_, init, search, method, status) => {
    const response = await fetch(`${server.endpoint}${search}`, init);
    await response.text();
    expect(response.status).toBe(status);
    expect(await nextRequestSpan()).toMatchObject({
      name: `${method} /graphql`,
      parentSpanId: undefined,
      attributes: {
        ...common,
        'http.request.method': method,
        'http.response.status_code': status,
      },
      hasFailed: false,
    });
  });

  it('of a method that does not exist is named HTTP', async () => {
    const socket = connect(Number(new URL(server.origin).port), 'localhost');
    socket.end('PURGE /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    socket.resume();
    expect(await nextRequestSpan()).toMatchObject({
      name: 'HTTP /graphql',
      attributes: { 'http.request.method': '_OTHER', 'http.response.status_code': 405 },
    });
  });

  it('that the client gives up ends, without a status', async () => {
    const socket = connect(Number(new URL(server.origin).port), 'localhost');
    const head = 'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json';
    socket.write(`${head}\r\nContent-Length: 100\r\n\r\n{`, () => socket.destroy());
    const { attributes } = await nextRequestSpan();
    expect(attributes).toEqual({
      ...common,
      'http.request.method': 'POST',
      'error.type': 'aborted',
    });
  });

  it('of an event stream ends with the stream', async () => {
    const client = new AbortController();
    const response = await fetch(server.endpoint, {
      ...operation('subscription { clock { time } }'),
      headers: {
        authorization: `Bearer ${server.issuer.sign()}`,
        'content-type': 'application/json',
        accept: 'text/event-stream',
      },
      signal: client.signal,
    });
    await response.body?.getReader().read();
    expect(collector.spans).toEqual([]);
    client.abort();
    expect(await nextRequestSpan()).toMatchObject({
      attributes: { 'http.response.status_code': 200, 'error.type': 'aborted' },
    });
  });

  it('and other requests have none', async () => {
    for (const path of ['/livez', '/readyz', '/unknown', '/.well-known/x']) {
      await fetch(`${server.origin}${path}`);
    }
    await (await fetch(server.endpoint, operation(query))).text();
    await nextRequestSpan();
  });
});

describe('traceparent', () => {
  const trace = '0af7651916cd43dd8448eb211c80319c';
  const parent = 'b7ad6b7169203331';
  const send = async (traceparent: string | readonly string[]): Promise<void> => {
    const init = operation('{ public { message } }');
    const headers = new Headers(init.headers);
    for (const value of [traceparent].flat()) headers.append('traceparent', value);
    await (await fetch(server.endpoint, { ...init, headers })).text();
  };

  it('is continued', async () => {
    await send(`00-${trace}-${parent}-01`);
    expect(await nextRequestSpan()).toMatchObject({ traceId: trace, parentSpanId: parent });
  });

  it.each([
    ['of another form', 'trace'],
    ['of zeros', `00-${'0'.repeat(32)}-${parent}-01`],
    ['of an invalid version', `ff-${trace}-${parent}-01`],
    ['that is repeated', [`00-${trace}-${parent}-01`, `00-${trace}-${parent}-01`]],
  ])('%s starts a trace', async (_, header) => {
    await send(header);
    const span = await nextRequestSpan();
    expect(span.parentSpanId).toBeUndefined();
    expect(span.traceId).not.toBe(trace);
  });

  it('that is not sampled is followed: there is no span', async () => {
    await send(`00-${trace}-${parent}-00`);
    await send(`00-${trace}-${parent}-01`);
    await nextRequestSpan();
  });
});

it('names the service', async () => {
  await (await fetch(server.endpoint, operation('{ public { message } }'))).text();
  await nextRequestSpan();
  expect(collector.resource).toMatchObject({
    'service.name': 'graphql-resource-server',
    'service.version': '1.4.0',
  });
});
