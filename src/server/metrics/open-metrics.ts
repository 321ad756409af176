import type { Logger } from 'pino';
import type { Configuration } from '../configuration/configuration.ts';
import type { RunningServer } from '../server.ts';
import { startMetricsServer } from './metrics-server.ts';
import type { ServerMetrics } from './server-metrics.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

type MetricsSetting = Pick<Configuration, 'metrics'>;

/** Creates the metrics of this process. Undefined if they are off: then nothing of them is loaded. */
export async function openMetrics({ metrics }: MetricsSetting): Promise<ServerMetrics | undefined> {
  if (metrics === undefined) return undefined;
  const { createServerMetrics } = await import('./server-metrics.ts');
  return createServerMetrics();
}

/** Creates what collects the metrics of workers. Undefined if they are off. */
export async function openWorkerMetrics({
  metrics,
}: MetricsSetting): Promise<WorkerMetrics | undefined> {
  if (metrics === undefined) return undefined;
  const { createWorkerMetrics } = await import('./worker-metrics.ts');
  return createWorkerMetrics();
}

/**
 * Serves metrics on their port, if they are on, from before a server starts until it has stopped.
 *
 * @throws {MetricsPortError} If the port cannot be used. The server is then not started.
 */
export async function withMetricsPort(
  metrics: Pick<ServerMetrics, 'collect' | 'contentType'> | undefined,
  { configuration, log }: { readonly configuration: MetricsSetting; readonly log: Logger },
  start: () => Promise<RunningServer>,
): Promise<RunningServer> {
  if (configuration.metrics === undefined || metrics === undefined) return start();
  const port = await startMetricsServer({
    ...configuration.metrics,
    collect: () => metrics.collect(),
    contentType: metrics.contentType,
    reportError: (err) => log.error({ err }, 'Metrics could not be collected.'),
  });
  try {
    const server = await start();
    return {
      async stop() {
        try {
          await server.stop();
        } finally {
          await port.close();
        }
      },
    };
  } catch (error) {
    await port.close();
    throw error;
  }
}
