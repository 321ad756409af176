import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as definition from './api/index.ts';
import type { LocalIssuer } from './local-issuer/local-issuer.ts';
import { type Api, buildApi } from './server/build-api.ts';
import { type Configuration, readConfiguration } from './server/configuration/configuration.ts';
import { readEnvironment } from './server/configuration/environment-file.ts';
import { interruptListener } from './server/interrupt.ts';
import { createLog, type ServerLog } from './server/log.ts';
import { createLogDestination } from './server/log-destination.ts';
import { shutdownTimeoutMs, startServer } from './server/server.ts';
import { explainStartFault } from './server/start-fault.ts';
import { formatStartupMessage } from './server/startup-message.ts';

const pathOf = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url));

/** Milliseconds for what is left to write of the log when the process ends. */
const flushTimeout = 1_000;

const destination = createLogDestination(process.stdout);
// There is no other place to report to.
process.stderr.on('error', () => {});

/** Ends the process, which anything that is still open would keep alive. */
async function end(code: 0 | 1): Promise<void> {
  await destination.flush(flushTimeout);
  process.exit(code);
}

async function main(): Promise<void> {
  const environment = readEnvironment({ environment: process.env, file: '.env' });
  const configuration = readConfiguration(environment);
  const typeDefs = readFileSync(pathOf('schema.graphql'), 'utf8');
  const api = buildApi({ typeDefs, ...definition }, configuration);
  const log = createLog(configuration.logLevel, destination);
  // Execution abandons the rest of a list when one item fails. What fails of it later is for
  // nothing to catch, and must not end the process for all.
  process.on('unhandledRejection', (error) =>
    log.log.error({ err: error ?? String(error) }, 'A promise failed that nobody waited for.'),
  );
  // What Node would print has all members of the error.
  process.on('uncaughtException', (error) => {
    log.log.fatal({ err: error }, 'An error was thrown that nothing caught: the process ends.');
    void end(1);
  });

  const local = await startLocalIssuerFor(configuration, api, log);
  const { issuer } = configuration;
  const server = await startServer({
    configuration,
    issuers: issuer.kind === 'remote' ? issuer.issuers : local ? [local.issuer] : [],
    audiences: issuer.kind === 'remote' ? issuer.audiences : [issuer.audience],
    api,
    testUsers: local?.users,
    log,
  }).catch(async (error: unknown) => {
    await local?.close();
    throw error;
  });

  if (configuration.environment === 'production') {
    log.log.info(formatStartupMessage(configuration, { schema: api.schema }));
    if (environment['PUBLIC_URL'] === undefined) {
      log.log.warn(
        `PUBLIC_URL is not set, so clients are told ${configuration.publicUrl}: set it to the origin that they see.`,
      );
    }
  } else process.stdout.write(formatStartupMessage(configuration, { schema: api.schema, local }));

  let isStopping = false;
  const stop = async (): Promise<void> => {
    // A second signal means now.
    if (isStopping) process.exit(1);
    isStopping = true;
    // The server has a deadline of its own; nothing else that is open may make it longer.
    setTimeout(() => process.exit(1), shutdownTimeoutMs + 2 * flushTimeout).unref();
    try {
      await server.stop();
      await local?.close();
      await end(0);
    } catch (error) {
      log.log.error({ err: error }, 'The server could not be stopped cleanly.');
      await end(1);
    }
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', interruptListener(stop));
}

/** Loaded only where it is asked for: a production install does not even have what it needs. */
async function startLocalIssuerFor(
  configuration: Configuration,
  { scopes, testUsers }: Api,
  { log }: ServerLog,
): Promise<LocalIssuer | undefined> {
  const { issuer, environment, accessTokenProfile } = configuration;
  if (issuer.kind !== 'local') return undefined;
  const { startLocalIssuer } = await import('./local-issuer/local-issuer.ts');
  return startLocalIssuer({
    port: issuer.port,
    audience: issuer.audience,
    profile: accessTokenProfile === 'rfc9068' ? 'rfc9068' : 'auth0',
    scopes,
    users: testUsers,
    keyFile: pathOf('.local-issuer.json'),
    environment,
    onError: (error) => log.error({ err: error }, 'The local issuer failed.'),
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${explainStartFault(error)}\n`);
  return end(1);
});
