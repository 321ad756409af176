import { type Kysely, type Migration as KyselyMigration, Migrator } from 'kysely';

/** The databases that the API can run on. */
export type DatabaseDialect = 'sqlite' | 'postgres';

/**
 * Brings the schema of the database one version further. Runs in a transaction with all other
 * migrations that are due: if one fails, none has been applied.
 */
export type Migration = (database: Kysely<unknown>, dialect: DatabaseDialect) => Promise<void>;

/**
 * Migrations by name. They run in the order of their names, each once, so a name begins with a date:
 * `2026-11-26-messages`. Once it was released, a migration must not change.
 */
export type Migrations = Readonly<Record<string, Migration>>;

/** The schema of the database cannot be brought to the version that the code requires. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/**
 * Applies what is due, and returns the names.
 *
 * @throws {MigrationError} If a migration fails, or if the database has one that the code does not have.
 */
export async function migrate(
  database: Kysely<unknown>,
  dialect: DatabaseDialect,
  migrations: Migrations,
): Promise<readonly string[]> {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => bindDialect(migrations, dialect) },
    allowUnorderedMigrations: true,
  });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error !== undefined) {
    const failed = results.find(({ status }) => status === 'Error');
    throw new MigrationError(
      failed
        ? `The migration ${failed.migrationName} failed. Nothing was changed.`
        : 'The database could not be migrated.',
      { cause: error },
    );
  }
  return results.map(({ migrationName }) => migrationName);
}

function bindDialect(
  migrations: Migrations,
  dialect: DatabaseDialect,
): Record<string, KyselyMigration> {
  return Object.fromEntries(
    Object.entries(migrations).map(([name, up]) => [name, { up: (db) => up(db, dialect) }]),
  );
}
