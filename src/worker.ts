/**
 * One of several processes that serve the API (`WORKERS`): the server of `main.ts`, with connections to
 * the port that all of them share. `main.ts` starts it and stops it. If `main.ts` is killed, Node ends its workers.
 */
import { flushTimeoutMs, openApplication, openOutput } from './application.ts';
import { openMetrics } from './server/metrics/open-metrics.ts';
import type { ServerMetrics } from './server/metrics/server-metrics.ts';
import { startServer } from './server/server.ts';
import { receiveConnections } from './server/shared-port.ts';
import { createStop } from './server/signals.ts';
import { formatStartupError } from './server/startup-error.ts';
import { maxStopMs } from './server/stop-server.ts';

const output = openOutput();

async function main(): Promise<void> {
  // A terminal and a service manager signal every process. It is main.ts that reacts.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {});
  const stopMessage = untilStopMessage();
  const port = receiveConnections(process);
  const application = openApplication(process.env, output, { pid: process.pid });
  const metrics = await openMetrics(application.configuration);
  if (metrics) reportMetrics(metrics);
  await output.makeReadable(application.configuration.environment);
  const server = await startServer({ ...application, metrics, port });
  const stop = createStop({
    stop: server.stop,
    onError: (error) =>
      application.log.logger.error({ err: error }, 'The server did not shut down cleanly.'),
    exit: output.exit,
    timeoutMs: maxStopMs(application.configuration) + flushTimeoutMs,
  });
  await stopMessage;
  await stop();
}

/** Resolves when main.ts says so, which can be as soon as the server is ready. */
function untilStopMessage(): Promise<void> {
  return new Promise((resolve) => {
    process.on('message', (message) => {
      if (message === 'stop') resolve();
    });
  });
}

/** Responds to main.ts, which serves the metrics of all workers. */
function reportMetrics(metrics: ServerMetrics): void {
  process.on('message', (message) => {
    if (message !== 'metrics') return;
    metrics.snapshot().then(
      (snapshot) => process.connected && process.send?.({ metrics: snapshot }),
      // main.ts has a time limit.
      () => {},
    );
  });
}

main().catch((error: unknown) => {
  // main.ts prints the problem once for all workers, and ends them.
  process.send?.({ problem: formatStartupError(error) });
});
