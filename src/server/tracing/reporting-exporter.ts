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
      this.#report(result);
      done(result);
    });
  }

  async forceFlush(): Promise<void> {
    await this.#exporter.forceFlush?.();
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  #report({ code, error }: ExportResult): void {
    const hasFailed = code !== ExportResultCode.SUCCESS;
    if (hasFailed === this.#hasFailed) return;
    this.#hasFailed = hasFailed;
    if (hasFailed) {
      this.#log.warn(
        { err: error },
        'Traces could not be exported: check OTEL_EXPORTER_OTLP_ENDPOINT. Requests are served without them.',
      );
    } else this.#log.info('Traces are exported again.');
  }
}
