import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { GraphQLSchema } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { createApolloAuth } from '../../../src/adapters/apollo-server/index.ts';
import { createTracing } from '../../../src/adapters/opentelemetry/index.ts';
import { type AuthContext, useAuth } from '../../../src/adapters/yoga/index.ts';
import type { Authenticator } from '../../../src/index.ts';

// Once, before the server starts.
export function startTraces() {
  const provider = new NodeTracerProvider({
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  return provider;
}

export function createTracedYoga(schema: GraphQLSchema, authenticator: Authenticator) {
  return createYoga<object, AuthContext>({
    schema,
    plugins: [useAuth({ authenticator, observers: [createTracing()] })],
  });
}

export function createTracedApolloAuth(authenticator: Authenticator) {
  return createApolloAuth({ authenticator, observers: [createTracing()] });
}

// In a resolver: a child of `execute`.
export function loadOrders() {
  return trace.getTracer('orders').startActiveSpan('load orders', async (span) => {
    try {
      return ['a lamp'];
    } finally {
      span.end();
    }
  });
}
