import { parseDatabaseUrl } from '../../database/database-url.ts';
import { ConfigurationError } from './configuration-error.ts';
import { type Environment, SettingReader } from './setting-reader.ts';

/** Where the data of the API is. */
export interface DatabaseConfiguration {
  /** `file:PATH` or `postgres://…`, which can contain a password. */
  readonly url: string;
  /** Maximum number of connections to Postgres. */
  readonly poolSize: number;
}

const developmentUrl = 'file:.data/api.sqlite';

/** Reads the settings of the database. Undefined if the API has no use for one. */
export function readDatabase(
  reader: SettingReader,
  api: {
    readonly hasMigrations: boolean;
    readonly isProduction: boolean;
    readonly workers: number;
  },
): DatabaseConfiguration | undefined {
  const configured = reader.read('DATABASE_URL');
  const poolSize = reader.read('DATABASE_POOL_SIZE');
  if (!api.hasMigrations) return undefined;
  if (api.isProduction && !reader.isSet('DATABASE_URL')) {
    reader.addProblem(
      'DATABASE_URL',
      'is missing: set it to a Postgres database, such as postgres://USER:PASSWORD@db.example.com:5432/api, or, for a single process, to a file, such as file:/var/lib/api/api.sqlite',
    );
  }
  const url = configured ?? developmentUrl;
  if (api.workers > 1 && parseDatabaseUrl(url)?.dialect === 'sqlite') {
    reader.addProblem(
      'DATABASE_URL',
      `must be a Postgres database with WORKERS=${api.workers}: a file is for a single process`,
    );
  }
  return { url, poolSize };
}

/**
 * Reads the settings of the database alone, for a command that needs no others.
 *
 * @throws {ConfigurationError} With every problem.
 */
export function readDatabaseAlone(environment: Environment): DatabaseConfiguration | undefined {
  const reader = new SettingReader(environment);
  const isProduction = reader.read('NODE_ENV') === 'production';
  const database = readDatabase(reader, { hasMigrations: true, isProduction, workers: 1 });
  if (reader.problems.length > 0) throw new ConfigurationError(reader.problems);
  return database;
}
