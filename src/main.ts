import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { flushTimeoutMs, openApplication, openOutput, pathOf } from './application.ts';
import type { LocalIssuer } from './local-issuer/local-issuer.ts';
import { readEnvironment } from './server/configuration/environment-file.ts';
import { localAudience } from './server/configuration/issuer-configuration.ts';
import { logoutPath } from './server/http/paths.ts';
import { openMetrics, openWorkerMetrics, withMetricsPort } from './server/metrics/open-metrics.ts';
import { type RunningServer, type ServerOptions, startServer } from './server/server.ts';
import { createSharedPort } from './server/shared-port.ts';
import { stopOnSignals } from './server/signals.ts';
import { formatStartupError } from './server/startup-error.ts';
import { formatStartupMessage } from './server/startup-message.ts';
import { closeDelayMs, maxStopMs } from './server/stop-server.ts';
import { createFork, startWorkers } from './server/workers.ts';

type Variables = Readonly<Record<string, string>>;

const output = openOutput();

async function main(): Promise<void> {
  const environment = readEnvironment({ environment: process.env, file: '.env' });
  // The packages of OpenTelemetry read their variables themselves, and only here.
  for (const [name, value] of Object.entries(environment)) {
    if (name.startsWith('OTEL_')) process.env[name] = value;
  }
  const application = openApplication(environment, output);
  await output.makeReadable(application.configuration.environment);
  const { logger } = application.log;
  const local = await startLocalIssuerFor(application);
  const server = await start(application, environment).catch(async (error: unknown) => {
    await local?.close();
    throw error;
  });
  announce(application, environment);
  stopOnSignals({
    async stop() {
      logger.info('The API is shutting down.');
      await server.stop();
      await local?.close();
      logger.info('The API has stopped.');
    },
    onError: (error) => logger.error({ err: error }, 'The server did not shut down cleanly.'),
    exit: output.exit,
    // The server has its own deadline; nothing else that is open may extend it much.
    timeoutMs: maxStopMs(application.configuration) + 2 * flushTimeoutMs,
  });
}

/** Imported only if needed: a production install does not include its dependencies. */
async function startLocalIssuerFor(application: ServerOptions): Promise<LocalIssuer | undefined> {
  const { issuer, environment, acceptedTokens, publicUrl, revocation } = application.configuration;
  if (issuer.kind !== 'local') return undefined;
  const [{ startLocalIssuer }, { browserClient }] = await Promise.all([
    import('./local-issuer/local-issuer.ts'),
    import('./local-issuer/clients-and-users.ts'),
  ]);
  return startLocalIssuer({
    port: issuer.port,
    audience: localAudience,
    profile: issuer.issuers.some(({ introspection }) => introspection !== undefined)
      ? 'opaque'
      : acceptedTokens.profile === 'rfc9068'
        ? 'rfc9068'
        : 'auth0',
    scopes: application.api.scopes,
    users: application.api.testUsers,
    ...(revocation?.logoutClientIds.includes(browserClient.clientId)
      ? { logoutUrl: `${publicUrl}${logoutPath}` }
      : {}),
    keyFile: pathOf('.local-issuer.json'),
    environment,
    onError: (error) => application.log.logger.error({ err: error }, 'The local issuer failed.'),
  });
}

/** Serves the API in this process, or in several that run `worker.ts`. */
async function start(application: ServerOptions, environment: Variables): Promise<RunningServer> {
  const { configuration } = application;
  const { logger } = application.log;
  const port = { configuration, log: logger };
  if (configuration.workers === 1) {
    const metrics = await openMetrics(configuration);
    return withMetricsPort(metrics, port, () => startServer({ ...application, metrics }));
  }
  const metrics = await openWorkerMetrics(configuration);
  // `worker.ts` in the sources, `worker.js` in the build.
  const file = new URL(`worker${extname(import.meta.url)}`, import.meta.url);
  const fork = await createFork(fileURLToPath(file), environment);
  return withMetricsPort(metrics, port, () =>
    startWorkers({
      count: configuration.workers,
      fork: metrics?.watch(fork) ?? fork,
      port: createSharedPort(configuration),
      log: logger,
      closeDelayMs: closeDelayMs(configuration),
      // The server of a worker has its own deadline, and so has its log.
      stopTimeoutMs: maxStopMs(configuration) + flushTimeoutMs,
      onFailure(error) {
        logger.fatal(error.message);
        void output.exit(1);
      },
    }),
  );
}

/** Says what is running: in production in the log, otherwise with commands to paste. */
function announce(application: ServerOptions, environment: Variables): void {
  const { configuration, api, testUsers, log } = application;
  const message = formatStartupMessage(configuration, { schema: api.schema, testUsers });
  if (configuration.environment !== 'production') {
    process.stdout.write(message);
    return;
  }
  log.logger.info(message);
  if (environment['PUBLIC_URL'] === undefined) {
    log.logger.warn(
      `PUBLIC_URL is not set, so clients are sent to ${configuration.publicUrl}. Set it to the origin that they see.`,
    );
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${formatStartupError(error)}\n`);
  return output.exit(1);
});
