import {
  type Attributes,
  type Context,
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import { createTracing } from '../../adapters/opentelemetry/create-tracing.ts';
import { describeOperation, recordOutcome } from '../../adapters/opentelemetry/span-attributes.ts';
import { graphqlPath } from '../http/paths.ts';
import type { ActiveTrace } from '../logger.ts';
import type { ServerObserver } from '../observation.ts';
import type { RequestEnd, RequestRecord } from '../request-record.ts';

/**
 * Creates the spans of requests to the GraphQL endpoint, by OpenTelemetry's conventions for HTTP servers,
 * and of operations over WebSocket, by those for GraphQL servers. A span continues the trace of the
 * client's `traceparent` (over WebSocket, of the request that opened the connection), is active while the
 * request is served, and ends with the response: that of a stream when the stream ends.
 *
 * Of what the client sent, a span has the method, and the name and hash of the operation: no address,
 * query, header or body, and not `tracestate`.
 */
export function createRequestTracing(tracer: Tracer, publicUrl: string): ServerObserver {
  const spans = new WeakMap<RequestRecord, Span>();
  const server = describeServer(publicUrl);

  function start(record: RequestRecord, parent: Context): Span {
    if (record.protocol === 'websocket') {
      return tracer.startSpan(
        'GraphQL Operation',
        {
          kind: SpanKind.SERVER,
          attributes: { ...server, 'network.protocol.name': 'websocket' },
        },
        parent,
      );
    }
    const method = record.method && knownMethods.has(record.method) ? record.method : undefined;
    return tracer.startSpan(
      `${method ?? 'HTTP'} ${graphqlPath}`,
      {
        kind: SpanKind.SERVER,
        attributes: { ...server, 'http.request.method': method ?? '_OTHER' },
      },
      parent,
    );
  }

  return {
    within(record, serve) {
      const parent = parentOf(record);
      const span = start(record, parent);
      spans.set(record, span);
      record.traceId = span.spanContext().traceId;
      return context.with(trace.setSpan(parent, span), serve);
    },

    onEnd(record, end) {
      const span = spans.get(record);
      if (span?.isRecording()) describeEnd(span, record, end);
      span?.end();
    },

    observeGate: () => createTracing({ tracer }),
  };
}

function describeServer(publicUrl: string): Attributes {
  const { protocol, hostname, port } = new URL(publicUrl);
  const scheme = protocol.slice(0, -1);
  return {
    'http.route': graphqlPath,
    'url.path': graphqlPath,
    'url.scheme': scheme,
    'server.address': hostname,
    'server.port': Number(port || (scheme === 'https' ? 443 : 80)),
  };
}

function describeEnd(
  span: Span,
  { protocol, operation, outcome }: RequestRecord,
  { status, isAborted }: RequestEnd,
): void {
  if (operation) span.setAttributes(describeOperation(operation));
  // Without an operation, the request had none that is valid: the status says more.
  if (outcome && (operation || outcome.kind === 'refused')) recordOutcome(span, outcome);
  if (protocol === 'websocket') span.updateName(operation?.type ?? 'GraphQL Operation');
  else if (status !== undefined) span.setAttribute('http.response.status_code', status);
  if (isAborted) span.setAttribute('error.type', 'aborted');
  if (status !== undefined && status >= 500) {
    span.setAttribute('error.type', String(status));
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
}

/** The trace that is active, as OpenTelemetry names it in logs. Undefined outside of requests. */
export function activeTrace(): ActiveTrace | undefined {
  const active = trace.getActiveSpan()?.spanContext();
  return active && { trace_id: active.traceId, span_id: active.spanId };
}

/** A span that is active already belongs to an SDK that was started before this API. */
function parentOf({ traceparent }: RequestRecord): Context {
  const active = context.active();
  if (traceparent === undefined || trace.getSpan(active) !== undefined) return active;
  const remote = parseTraceParent(traceparent);
  return remote === null ? active : trace.setSpanContext(active, { ...remote, isRemote: true });
}

/** The methods of RFC 9110 §9 and RFC 5789. Clients can send any other. */
const knownMethods: ReadonlySet<string> = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'TRACE',
]);
