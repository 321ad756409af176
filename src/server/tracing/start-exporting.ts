/**
 * Where OpenTelemetry's packages are loaded: the server imports this file only if traces are on.
 */
import { context, ProxyTracerProvider, propagation, type Tracer, trace } from '@opentelemetry/api';
import { setGlobalErrorHandler } from '@opentelemetry/core';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node';
import type { Clock } from '../../shared/clock.ts';
import { withTimeout } from '../../shared/with-timeout.ts';
import type { TracingConfiguration } from '../configuration/tracing.ts';
import type { OtlpProtocol } from '../configuration/tracing-settings.ts';
import { type ExportLog, ReportingExporter } from './reporting-exporter.ts';

/** Options for `startExporting`. */
export interface ExportingOptions extends TracingConfiguration {
  readonly log: ExportLog;
  readonly clock: Clock;
}

/** A tracer whose spans are exported. */
export interface Exporting {
  readonly tracer: Tracer;
  /** Exports what is left, for so many milliseconds at most. */
  stop(timeoutMs: number): Promise<void>;
}

/** The name of this API in traces, unless OTEL_SERVICE_NAME says otherwise. */
const defaultServiceName = 'graphql-resource-server';

/**
 * Sets OpenTelemetry up for this process, with what its own variables say: resource, sampler, limits,
 * batches and the exporter. Resolvers can then create spans by `trace.getTracer` of
 * `@opentelemetry/api`. Spans wait in a queue of limited length: if the collector is slow, further
 * ones are dropped.
 */
export async function startExporting(options: ExportingOptions): Promise<Exporting> {
  const { protocol, log, clock } = options;
  const exporter = new ReportingExporter(await createExporter[protocol](), log);
  // What it has reported, and batches that were given up because a collector sends its response without end.
  setGlobalErrorHandler((error) => exporter.reportFailure(error));
  const provider = new NodeTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': defaultServiceName }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  provider.register();
  return {
    tracer: provider.getTracer(defaultServiceName),
    async stop(timeoutMs) {
      // What could not be exported has been reported.
      await withTimeout(provider.shutdown(), timeoutMs, 'Traces remain.', clock).catch(() => {});
      if (!isRegistered(provider)) return;
      trace.disable();
      context.disable();
      propagation.disable();
    },
  };
}

/** Whether it is what `@opentelemetry/api` uses: not if another SDK was registered before. */
function isRegistered(provider: NodeTracerProvider): boolean {
  const used = trace.getTracerProvider();
  return used instanceof ProxyTracerProvider && used.getDelegate() === provider;
}

const createExporter: Readonly<Record<OtlpProtocol, () => Promise<SpanExporter>>> = {
  async 'http/protobuf'() {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
    return new OTLPTraceExporter();
  },
  async 'http/json'() {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
    return new OTLPTraceExporter();
  },
};
