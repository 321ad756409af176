import type { IncomingMessage, ServerResponse } from 'node:http';
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
import { graphqlPath } from '../http/paths.ts';

/** Runs what serves a request within a span that ends with the response. */
export type TraceRequest = (
  request: IncomingMessage,
  response: ServerResponse,
  serve: () => void,
) => void;

/**
 * Creates the spans of requests to the GraphQL endpoint, by OpenTelemetry's conventions for HTTP
 * servers. A span continues the trace of the client's `traceparent`, is active while the request is
 * served, and ends with the response: that of an event stream when the stream ends.
 *
 * Of what the client sent, a span has the method only: no address, query, header or body, and not
 * `tracestate`.
 */
export function createRequestTracing(tracer: Tracer, publicUrl: string): TraceRequest {
  const { protocol, hostname, port } = new URL(publicUrl);
  const scheme = protocol.slice(0, -1);
  const common: Attributes = {
    'http.route': graphqlPath,
    'url.path': graphqlPath,
    'url.scheme': scheme,
    'server.address': hostname,
    'server.port': Number(port || (scheme === 'https' ? 443 : 80)),
  };

  return (request, response, serve) => {
    const method = knownMethods.has(request.method ?? '') ? request.method : undefined;
    const parent = parentOf(request);
    const span = tracer.startSpan(
      `${method ?? 'HTTP'} ${graphqlPath}`,
      {
        kind: SpanKind.SERVER,
        attributes: {
          ...common,
          'http.request.method': method ?? '_OTHER',
          'network.protocol.version': request.httpVersion,
        },
      },
      parent,
    );
    // After `finish`, and without it if the connection is closed before.
    response.once('close', () => end(span, response));
    context.with(trace.setSpan(parent, span), serve);
  };
}

function end(span: Span, response: ServerResponse): void {
  if (response.headersSent) {
    span.setAttribute('http.response.status_code', response.statusCode);
    if (response.statusCode >= 500) {
      span.setAttribute('error.type', String(response.statusCode));
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
  }
  if (!response.writableFinished) span.setAttribute('error.type', 'aborted');
  span.end();
}

/** A span that is active already belongs to an SDK that was started before this API. */
function parentOf({ headers }: IncomingMessage): Context {
  const active = context.active();
  const traceParent = headers['traceparent'];
  if (typeof traceParent !== 'string' || trace.getSpan(active) !== undefined) return active;
  const remote = parseTraceParent(traceParent);
  return remote === null ? active : trace.setSpanContext(active, { ...remote, isRemote: true });
}

/** The methods of RFC 9110 §9 and RFC 5789. Clients can send any other. */
const knownMethods = new Set([
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
