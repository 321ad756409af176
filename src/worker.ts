/**
 * One of several processes that serve the API (`WORKERS`): the server of `main.ts`, on the port that
 * all of them share. `main.ts` starts it and stops it. If `main.ts` is killed, Node ends its workers.
 */
import { once } from 'node:events';
import { flushTimeoutMs, openApplication, openOutput } from './application.ts';
import { startServer } from './server/server.ts';
import { createStop } from './server/signals.ts';
import { formatStartupError } from './server/startup-error.ts';
import { maxStopMs } from './server/stop-server.ts';

const output = openOutput();

async function main(): Promise<void> {
  // A terminal and a service manager signal every process. It is main.ts that reacts.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {});
  // The only message. It can arrive as soon as the server listens.
  const stopMessage = once(process, 'message');
  const application = openApplication(process.env, output, { pid: process.pid });
  const server = await startServer(application);
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

main().catch((error: unknown) => {
  // main.ts prints the problem once for all workers, and ends them.
  process.send?.({ problem: formatStartupError(error) });
});
