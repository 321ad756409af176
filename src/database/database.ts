import { type Kysely, sql, type Transaction } from 'kysely';
import { type Clock, systemClock } from '../shared/clock.ts';
import { Availability } from './availability.ts';
import type { Connections, ConnectionsOptions, PoolUsage } from './connections.ts';
import { DatabaseUnavailableError, toPlainError } from './database-unavailable-error.ts';
import { type DatabaseAddress, DatabaseUrlError, parseDatabaseUrl } from './database-url.ts';
import {
  type DatabaseDialect,
  type MigrationState,
  type Migrations,
  migrate,
  readMigrationState,
} from './migrations.ts';
import { connectPostgres } from './postgres.ts';
import { connectSqlite } from './sqlite.ts';

/** Options for `openDatabase`. */
export interface DatabaseOptions {
  /** `file:PATH` for SQLite, relative to the current folder, or `postgres://…`. */
  readonly url: string;
  /** Maximum number of connections to Postgres. Default: 10. */
  readonly poolSize?: number;
  readonly migrations: Migrations;
  /** The clock of timeouts and of attempts to reconnect. Default: the system's. */
  readonly clock?: Clock;
  /** Monotonic time in milliseconds. Default: `performance.now`. */
  readonly elapsed?: () => number;
  /**
   * Called once per outage, and again if what could not be reached can then not be migrated. Default: not
   * reported.
   */
  readonly onOutage?: (error: unknown) => void;
  /** Called when such an outage has ended. Default: not reported. */
  readonly onRecovery?: () => void;
}

/**
 * A database. Queries and transactions reject with `DatabaseUnavailableError` if it cannot be reached, or does
 * not respond in time. It reconnects by itself.
 */
export interface Database {
  readonly dialect: DatabaseDialect;
  /**
   * Builds and runs queries. It knows no tables; `kysely.withTables<{ messages: MessageTable }>()` is the
   * same with tables, as is `transaction.withTables`. SQLite has one connection: inside a transaction, use
   * the transaction, and wait for nothing else.
   */
  readonly kysely: Kysely<unknown>;
  /**
   * Runs `work` in a transaction. It is rolled back if `work` throws. On Postgres, row-level security
   * can read the id of the viewer: `current_setting('app.viewer', true)`, empty for `undefined`.
   */
  transactionAs<Result>(
    viewerId: string | undefined,
    work: (transaction: Transaction<unknown>) => Promise<Result>,
  ): Promise<Result>;
  /**
   * Opens the database and applies the migrations that are due. A Postgres that cannot be reached is not an
   * error: this is then done as soon as it can be.
   *
   * @throws {MigrationError} If a migration fails, or if the database is newer than the code.
   * @throws {DatabaseUnavailableError} If the file of SQLite cannot be opened.
   */
  start(): Promise<void>;
  /**
   * Applies the migrations that are due, and returns their names.
   *
   * @throws {MigrationError | DatabaseUnavailableError}
   */
  migrate(): Promise<readonly string[]>;
  /** Reads which migrations are due. */
  migrationState(): Promise<MigrationState>;
  /** Whether the role is one that row-level security does not apply to. */
  bypassesRowSecurity(): Promise<boolean>;
  /**
   * Whether the database can be used, as far as is known. If that is older than a second, it is checked in the
   * background.
   */
  isUsable(): boolean;
  /** How the pool of connections is used. Undefined for SQLite, which has one connection. */
  usage(): PoolUsage | undefined;
  close(): Promise<void>;
}

/** Milliseconds after which it is checked again whether a database is usable. */
const stateTtlMs = 1_000;

/**
 * Opens a database lazily: nothing happens until it is started or used.
 *
 * @throws {DatabaseUrlError} If the URL is not one of a database, or names a file that cannot be read.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const { migrations, clock = systemClock, elapsed = () => performance.now() } = options;
  const address = parseDatabaseUrl(options.url);
  if (address === undefined) throw new DatabaseUrlError('The URL of the database is invalid.');
  const { dialect } = address;
  const availability = new Availability({
    prepare: async () => void (await migrate(migrator, dialect, migrations)),
    clock,
    onOutage: options.onOutage ?? (() => {}),
    onRecovery: options.onRecovery ?? (() => {}),
  });
  const { kysely, migrator, usage, close } = connect(address, options, {
    require: () => availability.require(),
    lose: () => availability.lose(),
    clock,
  });
  let knownSince = Number.NEGATIVE_INFINITY;
  let closing: Promise<void> | undefined;

  return {
    dialect,
    kysely,
    transactionAs: (viewerId, work) =>
      kysely.transaction().execute(async (transaction) => {
        if (dialect === 'postgres') {
          await sql`select set_config('app.viewer', ${viewerId ?? ''}, true)`.execute(transaction);
        }
        return work(transaction);
      }),
    async start() {
      const error = await availability.start();
      const isFinal =
        error !== undefined &&
        (dialect === 'sqlite' || !(error instanceof DatabaseUnavailableError));
      if (isFinal) throw error;
      knownSince = elapsed();
    },
    migrate: () => migrate(migrator, dialect, migrations),
    migrationState: () => readMigrationState(migrator, dialect, migrations),
    async bypassesRowSecurity() {
      if (dialect === 'sqlite') return false;
      const { rows } = await sql<{ bypasses: boolean }>`select rolsuper or rolbypassrls as bypasses
        from pg_roles where rolname = current_user`.execute(migrator);
      return rows[0]?.bypasses !== false;
    },
    isUsable() {
      if (availability.isUsable && elapsed() - knownSince >= stateTtlMs) {
        knownSince = elapsed();
        // If it fails, the database is known not to be usable.
        sql`select 1`.execute(kysely).catch(() => {});
      }
      return availability.isUsable;
    },
    usage: () => usage?.(),
    close() {
      availability.close();
      closing ??= close();
      return closing;
    },
  };
}

function connect(
  address: DatabaseAddress,
  { poolSize = 10 }: DatabaseOptions,
  connectionsOptions: ConnectionsOptions,
): Connections {
  if (address.dialect === 'sqlite') return connectSqlite(address.path, connectionsOptions);
  try {
    return connectPostgres({ ...connectionsOptions, url: address.url, poolSize });
  } catch (cause) {
    throw new DatabaseUrlError(
      `The URL of the database cannot be used: ${toPlainError(cause).message}.`,
    );
  }
}
