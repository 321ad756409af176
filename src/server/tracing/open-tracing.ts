import { type Clock, systemClock } from '../../shared/clock.ts';
import type { Configuration } from '../configuration/configuration.ts';
import type { ServerLogger } from '../logger.ts';
import type { ServerObserver } from '../observation.ts';

/** Traces of this process. */
export interface Tracing {
  readonly observer: ServerObserver;
  /** Exports the last spans, for a second at most. */
  stop(): Promise<void>;
}

/** Options for `openTracing`. */
export interface TracingOptions {
  readonly configuration: Pick<Configuration, 'tracing' | 'publicUrl'>;
  readonly log: ServerLogger;
  readonly clock?: Clock;
}

/** Milliseconds in which the collector must accept the last spans. */
const stopTimeoutMs = 1_000;

/** Starts traces, if there are any. Without them, nothing of OpenTelemetry is loaded. */
export async function openTracing({
  configuration: { tracing, publicUrl },
  log,
  clock = systemClock,
}: TracingOptions): Promise<Tracing | undefined> {
  if (tracing === undefined) return undefined;
  const [{ startExporting }, { activeTrace, createRequestTracing }] = await Promise.all([
    import('./start-exporting.ts'),
    import('./request-tracing.ts'),
  ]);
  const { tracer, stop } = await startExporting({ ...tracing, log: log.logger, clock });
  log.addToLines(activeTrace);
  return {
    observer: createRequestTracing(tracer, publicUrl),
    stop: () => stop(stopTimeoutMs),
  };
}
