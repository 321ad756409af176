import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as definition from './api/index.ts';
import type { LocalIssuer } from './local-issuer/local-issuer.ts';
import { type Api, buildApi } from './server/build-api.ts';
import { type Configuration, readConfiguration } from './server/configuration/configuration.ts';
import { readEnvironment } from './server/configuration/environment-file.ts';
import { createLogDestination } from './server/log-destination.ts';
import { createLogger, type ServerLogger } from './server/logger.ts';
import { shutdownTimeoutMs, startServer } from './server/server.ts';
import { stopOnSignals } from './server/signals.ts';
import { formatStartupError } from './server/startup-error.ts';
import { formatStartupMessage } from './server/startup-message.ts';

const pathOf = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url));

/** Milliseconds for writing the rest of the log when the process exits. */
const flushTimeoutMs = 1_000;

const destination = createLogDestination(process.stdout);
// There is nowhere else to report an error of stderr.
process.stderr.on('error', () => {});

/** Ends the process, whatever is still open. */
async function exit(code: 0 | 1): Promise<void> {
  await destination.flush(flushTimeoutMs);
  process.exit(code);
}

async function main(): Promise<void> {
  const environment = readEnvironment({ environment: process.env, file: '.env' });
  const configuration = readConfiguration(environment);
  const typeDefs = readFileSync(pathOf('schema.graphql'), 'utf8');
  const api = buildApi({ typeDefs, ...definition }, configuration);
  const log = createLogger(configuration.logLevel, destination);
  // Execution abandons the rest of a list when one item fails. If another item fails later, nothing
  // catches it. That must not crash the server.
  process.on('unhandledRejection', (error) =>
    log.logger.error({ err: error ?? String(error) }, 'Unhandled promise rejection.'),
  );
  // Node itself would print all properties of the error.
  process.on('uncaughtException', (error) => {
    log.logger.fatal({ err: error }, 'Uncaught exception: the process exits.');
    void exit(1);
  });

  const local = await startLocalIssuerFor(configuration, api, log);
  const { issuer } = configuration;
  const testUsers = issuer.kind === 'local' ? api.testUsers : undefined;
  const server = await startServer({
    configuration,
    issuers: issuer.issuers,
    audiences: issuer.audiences,
    api,
    testUsers,
    log,
  }).catch(async (error: unknown) => {
    await local?.close();
    throw error;
  });

  if (configuration.environment === 'production') {
    log.logger.info(formatStartupMessage(configuration, { schema: api.schema }));
    if (environment['PUBLIC_URL'] === undefined) {
      log.logger.warn(
        `PUBLIC_URL is not set, so clients are sent to ${configuration.publicUrl}. Set it to the origin that they see.`,
      );
    }
  } else
    process.stdout.write(formatStartupMessage(configuration, { schema: api.schema, testUsers }));

  stopOnSignals({
    async stop() {
      await server.stop();
      await local?.close();
    },
    onError: (error) => log.logger.error({ err: error }, 'The server did not shut down cleanly.'),
    exit,
    // The server has its own deadline; nothing else that is open may extend it much.
    timeoutMs: shutdownTimeoutMs + 2 * flushTimeoutMs,
  });
}

/** Imported only if needed: a production install does not include its dependencies. */
async function startLocalIssuerFor(
  configuration: Configuration,
  { scopes, testUsers }: Api,
  { logger }: ServerLogger,
): Promise<LocalIssuer | undefined> {
  const { issuer, environment, accessTokenProfile } = configuration;
  if (issuer.kind !== 'local') return undefined;
  const { startLocalIssuer } = await import('./local-issuer/local-issuer.ts');
  return startLocalIssuer({
    port: issuer.port,
    audience: issuer.audiences,
    profile: accessTokenProfile === 'rfc9068' ? 'rfc9068' : 'auth0',
    scopes,
    users: testUsers,
    keyFile: pathOf('.local-issuer.json'),
    environment,
    onError: (error) => logger.error({ err: error }, 'The local issuer failed.'),
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${formatStartupError(error)}\n`);
  return exit(1);
});
