import { makeExecutableSchema } from '@graphql-tools/schema';
import { context, propagation, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createTracing, type TracingOptions } from '../../../src/adapters/opentelemetry/index.ts';
import type { GateObserver } from '../../../src/gate/observer.ts';
import { authDirectives, guardSchema } from '../../../src/layer.ts';
import { createTracedYoga, loadOrders } from '../../documentation/examples/tracing.ts';
import { authenticatorFor } from '../../support/authentication.ts';
import { createTestIssuer } from '../../support/tokens.ts';
import { startApollo } from '../apollo-server/start-apollo.ts';

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
provider.register();
afterEach(() => exporter.reset());
afterAll(() => {
  trace.disable();
  context.disable();
  propagation.disable();
});

/** The spans of what runs in a span of an HTTP instrumentation: `NAME OUTCOME`, in the order they end. */
async function spansOf(run: () => Promise<unknown>): Promise<readonly string[]> {
  return trace.getTracer('http').startActiveSpan('request', async (request) => {
    await run();
    request.end();
    const spans = exporter.getFinishedSpans().filter(({ name }) => name !== 'request');
    const execute = spans.find(({ name }) => name === 'execute');
    for (const { name, parentSpanContext } of spans) {
      const parent = name === 'load orders' ? execute : request;
      expect(parentSpanContext).toMatchObject({ spanId: parent?.spanContext().spanId });
    }
    return spans.map(({ name, attributes }) =>
      [name, attributes['resource_server.outcome'], attributes['error.type']].join(' ').trim(),
    );
  });
}

describe('the steps are children of the active span', () => {
  it('in Yoga, and the spans of resolvers are children of their execution', async () => {
    const typeDefs = `${authDirectives} type Query { orders: [String] @auth, all: [String] @auth(scope: "all") }`;
    const resolvers = { Query: { orders: loadOrders } };
    const issuer = createTestIssuer();
    const yoga = createTracedYoga(
      guardSchema(makeExecutableSchema({ typeDefs, resolvers })),
      authenticatorFor(issuer),
    );
    const send = (query: string) => async () => {
      const response = await yoga.fetch('http://api.test/graphql', {
        method: 'POST',
        headers: {
          authorization: `Bearer ${issuer.sign()}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ query }),
      });
      return response.json();
    };
    expect(await spansOf(send('query Orders { orders all }'))).toEqual([
      'authenticate authenticated',
      'authorize allowed',
      'load orders',
      'execute partial',
    ]);
    const [, authorize] = exporter.getFinishedSpans();
    expect(authorize?.attributes).toEqual({
      'graphql.operation.type': 'query',
      'graphql.operation.name': 'Orders',
      'graphql.document.hash': expect.stringMatching(/^[0-9a-f]{64}$/),
      'resource_server.outcome': 'allowed',
    });
    exporter.reset();
    expect(await spansOf(send('{ all }'))).toEqual([
      'authenticate authenticated',
      'authorize refused FORBIDDEN',
    ]);
  });

  it('in Apollo Server', async () => {
    // Its own spans begin in the server, where nothing is active here: only what is common to both.
    const server = await startApollo({ auth: { observers: [createTracing()] } });
    await server.send({ query: '{ open private }' });
    await server.stop();
    const names = exporter.getFinishedSpans().map(({ name }) => name);
    expect(names.slice(0, 2)).toEqual(['authenticate', 'authorize']);
  });
});

describe('a span', () => {
  const begin = (observer: GateObserver) =>
    observer.onStep?.({
      kind: 'authenticate',
      request: { method: 'POST', url: '/graphql', headers: new Headers() },
    });

  it.each([
    [{ kind: 'refused', status: 401, code: 'UNAUTHENTICATED', reason: 'token_expired' }, 0],
    [{ kind: 'refused', status: 503, code: undefined, reason: undefined }, 2],
    [{ kind: 'failed', error: Object.assign(new Error('secret'), { name: 'secret' }) }, 2],
    [{ kind: 'completed', errors: 3, isPartial: true }, 0],
  ] as const)('of a step that ends with %j has the status %s', (outcome, code) => {
    begin(createTracing())?.(outcome);
    const [span] = exporter.getFinishedSpans();
    expect(span?.status).toEqual({ code });
    expect(JSON.stringify(span?.attributes)).not.toContain('secret');
  });

  it('is of the tracer that is passed', () => {
    begin(createTracing({ tracer: provider.getTracer('own') }))?.({ kind: 'allowed' });
    expect(exporter.getFinishedSpans()[0]?.instrumentationScope.name).toBe('own');
  });

  it('that is not sampled costs nothing further: the step is not described', () => {
    const unsampled = trace.wrapSpanContext({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: 0,
    });
    const end = context.with(trace.setSpan(context.active(), unsampled), () =>
      begin(createTracing()),
    );
    expect(end).toBeUndefined();
  });
});

it.each([
  [{ traces: 1 }, 'There is no option traces: tracer.'],
  [{ tracer: {} }, 'tracer must be a tracer of OpenTelemetry.'],
])('rejects the options %j', (options, message) => {
  const create: (options: object) => GateObserver = (wrong: TracingOptions) => createTracing(wrong);
  expect(() => create(options)).toThrow(new TypeError(`createTracing: ${message}`));
});
