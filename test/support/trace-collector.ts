import { createServer, type IncomingHttpHeaders } from 'node:http';
import { isObject } from '../../src/shared/type-guards.ts';

/** A span, as the collector got it. */
export interface CollectedSpan {
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'other';
  /** Nanoseconds, all with the same number of digits. */
  readonly start: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly hasFailed: boolean;
}

/** A request to the collector. */
interface CollectedRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The port that it came from: another one for each process. */
  readonly port: number | undefined;
}

/** A collector of traces: OTLP over HTTP, as JSON. */
export interface TraceCollector {
  readonly url: string;
  readonly spans: CollectedSpan[];
  /** The attributes of what sent the last spans. */
  readonly resource: Readonly<Record<string, string | number | boolean>>;
  /** The bodies and headers of all requests. */
  readonly requests: CollectedRequest[];
  /** What it responds. At the start, 200. */
  status: number;
  /** Waits before it responds. At the start, not at all. */
  beforeResponse: () => Promise<void>;
  /** Resolves as soon as a request makes the condition true. */
  until(condition: () => boolean): Promise<void>;
  close(): Promise<void>;
}

/** The variables with which a server in this process sends it what happens, immediately. */
export const variablesFor = ({ url }: TraceCollector): Readonly<Record<string, string>> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_BSP_SCHEDULE_DELAY: '1',
});

/** Starts a collector. */
export async function startTraceCollector(port = 0): Promise<TraceCollector> {
  const spans: CollectedSpan[] = [];
  const requests: CollectedRequest[] = [];
  const waiting = new Set<() => void>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    requests.push({ headers: request.headers, body, port: request.socket.remotePort });
    if (collector.status === 200 && request.headers['content-type'] === 'application/json') {
      for (const sent of listOf(JSON.parse(body.toString()), 'resourceSpans')) {
        collector.resource = attributesOf(isObject(sent) ? sent['resource'] : undefined);
        for (const scope of listOf(sent, 'scopeSpans')) {
          spans.push(...listOf(scope, 'spans').map(toSpan));
        }
      }
    }
    await collector.beforeResponse();
    response.writeHead(collector.status, { 'content-type': 'application/json' }).end('{}');
    for (const check of waiting) check();
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  const collector = {
    status: 200,
    beforeResponse: async (): Promise<void> => {},
    resource: attributesOf(undefined),
    url: `http://127.0.0.1:${isObject(address) ? address['port'] : 0}`,
    spans,
    requests,
    until: (condition: () => boolean) =>
      new Promise<void>((resolve) => {
        const check = (): void => {
          if (!condition()) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return collector;
}

function toSpan(span: unknown): CollectedSpan {
  if (!isObject(span)) throw new TypeError('A span is an object.');
  const { name, kind, startTimeUnixNano, traceId, spanId, parentSpanId, status } = span;
  return {
    name: String(name),
    kind: kind === 2 ? 'server' : kind === 1 ? 'internal' : 'other',
    start: String(startTimeUnixNano),
    traceId: String(traceId),
    spanId: String(spanId),
    parentSpanId: typeof parentSpanId === 'string' ? parentSpanId : undefined,
    attributes: attributesOf(span),
    hasFailed: isObject(status) && status['code'] === 2,
  };
}

function attributesOf(value: unknown): CollectedSpan['attributes'] {
  const pairs = listOf(value, 'attributes').flatMap((one) => {
    if (!isObject(one) || !isObject(one['value'])) return [];
    const [content] = Object.values(one['value']);
    return typeof content === 'string' ||
      typeof content === 'number' ||
      typeof content === 'boolean'
      ? [[String(one['key']), content] as const]
      : [];
  });
  return Object.fromEntries(pairs);
}

function listOf(value: unknown, key: string): readonly unknown[] {
  const list = isObject(value) ? value[key] : undefined;
  return Array.isArray(list) ? list : [];
}
