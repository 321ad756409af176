import { type Kysely, sql } from 'kysely';
import { DatabaseUnavailableError, toPlainError } from './database-unavailable-error.ts';

/** The databases that the API can run on. */
export type DatabaseDialect = 'sqlite' | 'postgres';

/**
 * Brings the schema of the database one version further. Runs in one transaction with all other migrations
 * that are due: if one fails, none has been applied.
 */
type Migration = (database: Kysely<unknown>, dialect: DatabaseDialect) => Promise<void>;

/**
 * Migrations by name. They run in the order of their names, each once, so a name begins with a date:
 * `2026-11-26-messages`. Once it was released, a migration must not change.
 */
export type Migrations = Readonly<Record<string, Migration>>;

/** Which migrations a database has. */
export interface MigrationState {
  readonly applied: readonly string[];
  /** In the order in which they are due. */
  readonly pending: readonly string[];
}

/** The schema of the database cannot be brought to the version that the code requires. */
class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

type Tables = { schema_migrations: { name: string; applied_at: string } };

/** The key of the lock: the same for every version of the API. */
const lockKey = 0x67726170;

/** How long a migration can wait for another instance, and how long all statements of it can take. */
const limits = { lock: '60s', statement: '10min' };

/**
 * Reads which migrations have been applied. Changes nothing.
 *
 * @throws {MigrationError} If the database has one that the code does not have.
 */
export async function readMigrationState(
  database: Kysely<unknown>,
  dialect: DatabaseDialect,
  migrations: Migrations,
): Promise<MigrationState> {
  const applied = await readApplied(database, dialect).catch((cause: unknown) => {
    if (cause instanceof DatabaseUnavailableError) throw cause;
    throw new MigrationError(
      `The migrations of the database cannot be read: ${toPlainError(cause).message}.`,
      { cause },
    );
  });
  const unknown = applied.filter((name) => !Object.hasOwn(migrations, name));
  if (unknown.length > 0) {
    throw new MigrationError(
      `The database is newer than this version of the API, which does not have the migration ${unknown.join(', ')}. Start the version that has it, or restore a backup from before.`,
    );
  }
  const pending = Object.keys(migrations).filter((name) => !applied.includes(name));
  return { applied, pending: pending.sort() };
}

/**
 * Applies the migrations that are due, in one transaction and under a lock: of several instances that start
 * at the same time, one applies them, and the others wait for it. Returns their names.
 *
 * @throws {MigrationError} If one fails, or if the database has one that the code does not have.
 */
export async function migrate(
  database: Kysely<unknown>,
  dialect: DatabaseDialect,
  migrations: Migrations,
): Promise<readonly string[]> {
  const { pending } = await readMigrationState(database, dialect, migrations);
  if (pending.length === 0) return [];
  return database.transaction().execute(async (transaction) => {
    if (dialect === 'postgres') {
      await sql`select set_config('lock_timeout', ${limits.lock}, true),
        set_config('statement_timeout', ${limits.statement}, true)`.execute(transaction);
      await sql`select pg_advisory_xact_lock(${sql.lit(lockKey)})`.execute(transaction);
    }
    const names = (await readMigrationState(transaction, dialect, migrations)).pending;
    for (const name of names) await apply(transaction, dialect, name, migrations[name]);
    return names;
  });
}

async function apply(
  transaction: Kysely<unknown>,
  dialect: DatabaseDialect,
  name: string,
  migration: Migration | undefined,
): Promise<void> {
  try {
    await migration?.(transaction, dialect);
    await transaction.schema
      .createTable('schema_migrations')
      .ifNotExists()
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('applied_at', 'text', (column) => column.notNull())
      .execute();
    await transaction
      .withTables<Tables>()
      .insertInto('schema_migrations')
      .values({ name, applied_at: new Date().toISOString() })
      .execute();
  } catch (cause) {
    if (cause instanceof DatabaseUnavailableError) throw cause;
    throw new MigrationError(
      `The migration ${name} failed, and nothing was changed: ${toPlainError(cause).message}`,
      { cause },
    );
  }
}

async function hasMigrationTable(
  database: Kysely<unknown>,
  dialect: DatabaseDialect,
): Promise<boolean> {
  const found =
    dialect === 'postgres'
      ? // Not to_regclass, which can return what was true before the lock.
        sql`select 1 from pg_catalog.pg_tables
          where tablename = 'schema_migrations' and schemaname = current_schema()`
      : sql`select 1 from sqlite_master where name = 'schema_migrations'`;
  return (await found.execute(database)).rows.length > 0;
}

async function readApplied(
  database: Kysely<unknown>,
  dialect: DatabaseDialect,
): Promise<readonly string[]> {
  if (!(await hasMigrationTable(database, dialect))) return [];
  const rows = await database
    .withTables<Tables>()
    .selectFrom('schema_migrations')
    .select('name')
    .orderBy('name')
    .execute();
  return rows.map(({ name }) => name);
}
