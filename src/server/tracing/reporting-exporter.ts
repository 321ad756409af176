import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';

/** The part of a log that is used. */
export interface ExportLog {
  warn(details: { readonly err: unknown }, text: string): void;
  info(text: string): void;
}

/**
 * Passes spans on to an exporter, and writes one line to the log when they cannot be exported, and one
 * when they are again. Spans that could not be exported are lost.
 */
export class ReportingExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #log: ExportLog;
  #hasFailed = false;

  constructor(exporter: SpanExporter, log: ExportLog) {
    this.#exporter = exporter;
    this.#log = log;
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#exporter.export(spans, (result) => {
      if (result.code === ExportResultCode.SUCCESS) this.#reportSuccess();
      else this.reportFailure(result.error);
      done(result);
    });
  }

  /** Reports that spans could not be exported, also if the exporter itself does not say so. */
  reportFailure(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#log.warn(
      { err: error },
      'Traces could not be exported: check OTEL_EXPORTER_OTLP_ENDPOINT. Requests are served without them.',
    );
  }

  async forceFlush(): Promise<void> {
    await this.#exporter.forceFlush?.();
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  #reportSuccess(): void {
    if (!this.#hasFailed) return;
    this.#hasFailed = false;
    this.#log.info('Traces are exported again.');
  }
}
