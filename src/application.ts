import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import * as definition from './api/index.ts';
import { hasMigrations, modulesOf } from './server/api-modules.ts';
import { buildApi } from './server/build-api.ts';
import { type Configuration, readConfiguration } from './server/configuration/configuration.ts';
import type { Environment } from './server/configuration/setting-reader.ts';
import { createLogDestination, type LogDestination } from './server/log-destination.ts';
import { createLogger } from './server/logger.ts';
import { loadReadableLog } from './server/readable-log.ts';
import type { ServerOptions } from './server/server.ts';

/** The path of a file in the folder of `package.json`. */
export const pathOf = (file: string): string =>
  fileURLToPath(new URL(`../${file}`, import.meta.url));

/** Milliseconds for writing the rest of the log when the process exits. */
export const flushTimeoutMs = 1_000;

/** Where a process writes its log, and how it ends. */
export interface ProcessOutput {
  readonly destination: LogDestination;
  /** In development, and in a terminal: makes the log readable. Otherwise, its lines are JSON. */
  readonly makeReadable: (environment: Configuration['environment']) => Promise<void>;
  /** Ends the process, whatever is still open, after the last lines of the log. */
  readonly exit: (code: 0 | 1) => Promise<void>;
}

/**
 * V8 lets the heap grow to up to four times of what is in use before it collects garbage. That is meant
 * for programs that are still growing. Here, what is old is mostly what caches have replaced: with many
 * different documents, it would take 100 MB. This limits it to half of what is in use.
 */
const heapGrowth = '--heap-growing-percent=50';

/** Opens the output of this process. */
export function openOutput(): ProcessOutput {
  const destination = createLogDestination(process.stdout);
  // However the process ends: what waits for its turn must not be lost.
  process.on('exit', () => destination.writePending());
  // There is nowhere else to report an error of stderr.
  process.stderr.on('error', () => {});
  return {
    destination,
    async makeReadable(environment) {
      if (environment !== 'development' || !process.stdout.isTTY) return;
      const toText = await loadReadableLog(process.stdout.hasColors());
      if (toText !== undefined) destination.format(toText);
    },
    async exit(code) {
      await destination.flush(flushTimeoutMs);
      process.exit(code);
    },
  };
}

/**
 * What each process begins with: reads the settings, builds the API, and logs errors that nothing
 * catches.
 *
 * @param members Added to each line of the log.
 * @throws {ConfigurationError | SchemaRuleError} With every problem.
 */
export function openApplication(
  environment: Environment,
  { destination, exit }: ProcessOutput,
  members: { readonly pid?: number } = {},
): ServerOptions {
  setFlagsFromString(heapGrowth);
  const configuration = readConfiguration(environment, {
    hasMigrations: hasMigrations(modulesOf(definition)),
  });
  const typeDefs = readFileSync(pathOf('schema.graphql'), 'utf8');
  const api = buildApi({ typeDefs, ...definition }, configuration);
  const log = createLogger(configuration.logLevel, destination, members);
  // Yoga's executor, which executes subscriptions and what cannot be compiled, abandons the rest of a list
  // when one item fails. If another item fails later, nothing catches it. Nor does anything catch what a
  // resolver starts and does not await. That must not crash the server.
  process.on('unhandledRejection', (error) =>
    log.logger.error({ err: error ?? String(error) }, 'Unhandled promise rejection.'),
  );
  // Node itself would print all properties of the error.
  process.on('uncaughtException', (error) => {
    log.logger.fatal({ err: error }, 'Uncaught exception: the process exits.');
    void exit(1);
  });
  const testUsers = configuration.issuer.kind === 'local' ? api.testUsers : undefined;
  return { configuration, api, testUsers, log, lostLogLines: destination.lostLines };
}
