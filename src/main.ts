import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { GraphQLSchema } from 'graphql';
import { describeStart } from './app/banner.ts';
import { type Configuration, readConfiguration } from './app/configuration/configuration.ts';
import { readEnvironment } from './app/configuration/environment-file.ts';
import { interruptListener } from './app/interrupt.ts';
import { createLog } from './app/log.ts';
import { createSchema } from './app/schema.ts';
import { startServer } from './app/server.ts';
import { explainStartFault } from './app/start-fault.ts';
import { testUsersOf } from './app/test-users.ts';
import type { LocalIssuer } from './dev/local-issuer.ts';

const pathOf = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url));

async function main(): Promise<void> {
  const environment = readEnvironment({ environment: process.env, file: '.env' });
  const configuration = readConfiguration(environment);
  const schema = createSchema(readFileSync(pathOf('schema.graphql'), 'utf8'), configuration);
  const log = createLog(configuration.logLevel);

  const local = await startLocalIssuerFor(configuration, schema);
  const { issuer } = configuration;
  const server = await startServer({
    configuration,
    issuers: issuer.kind === 'remote' ? issuer.issuers : local ? [local.issuer] : [],
    audiences: issuer.kind === 'remote' ? issuer.audiences : [issuer.audience],
    schema,
    testUsers: local?.users,
    log,
  });

  if (configuration.environment === 'production') {
    log.log.info(describeStart(configuration, { schema }));
    if (environment['PUBLIC_URL'] === undefined) {
      log.log.warn(
        `PUBLIC_URL is not set, so clients are told ${configuration.publicUrl}: set it to the origin that they see.`,
      );
    }
  } else process.stdout.write(describeStart(configuration, { schema, local }));

  let isStopping = false;
  const stop = async (): Promise<void> => {
    // Whoever asks twice does not want to wait.
    if (isStopping) process.exit(1);
    isStopping = true;
    await server.stop();
    await local?.close();
  };
  // Execution abandons the rest of a list when one item fails. What fails of it later is nobody's
  // to catch, and must not end the process for everybody.
  process.on('unhandledRejection', (error) =>
    log.log.error({ err: error }, 'A promise failed that nobody waited for.'),
  );
  process.on('SIGTERM', stop);
  process.on('SIGINT', interruptListener(stop));
}

/** Loaded only where it is asked for: a production install does not even have what it needs. */
async function startLocalIssuerFor(
  configuration: Configuration,
  schema: GraphQLSchema,
): Promise<LocalIssuer | undefined> {
  const { issuer, environment, accessTokenProfile } = configuration;
  if (issuer.kind !== 'local') return undefined;
  const { startLocalIssuer } = await import('./dev/local-issuer.ts');
  return startLocalIssuer({
    port: issuer.port,
    audience: issuer.audience,
    profile: accessTokenProfile === 'rfc9068' ? 'rfc9068' : 'auth0',
    ...testUsersOf(schema),
    keyFile: pathOf('.local-issuer.json'),
    environment,
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${explainStartFault(error)}\n`);
  process.exitCode = 1;
});
