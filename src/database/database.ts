import { Kysely, sql, type Transaction } from 'kysely';
import { parseDatabaseUrl } from './database-url.ts';
import { type DatabaseDialect, type Migrations, migrate } from './migrations.ts';
import { createSqliteDialect } from './sqlite-dialect.ts';

/** Options for `openDatabase`. */
export interface DatabaseOptions {
  /** `file:PATH` for SQLite, relative to the current folder, or `postgres://…`. */
  readonly url: string;
  /** Maximum number of connections to Postgres. Default: 10. */
  readonly poolSize?: number;
  readonly migrations: Migrations;
}

/** A database, which is opened at the first query. */
export interface Database {
  readonly dialect: DatabaseDialect;
  /**
   * Builds and runs queries. It knows no tables; `kysely.withTables<{ messages: MessageTable }>()` is the
   * same with tables, as is `transaction.withTables`.
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
  /** Applies the migrations that are due, and returns their names. */
  migrate(): Promise<readonly string[]>;
  /** Whether queries can be answered, as far as is known. */
  isUsable(): boolean;
  close(): Promise<void>;
}

/**
 * Opens the database lazily: nothing happens until it is used.
 *
 * @throws {TypeError} If the URL is not one of a database.
 */
export function openDatabase({ url, migrations }: DatabaseOptions): Database {
  const address = parseDatabaseUrl(url);
  if (address?.dialect !== 'sqlite') throw new TypeError('The URL of the database is invalid.');
  const kysely = new Kysely<unknown>({ dialect: createSqliteDialect(address.path) });
  return createDatabase(kysely, 'sqlite', migrations);
}

function createDatabase(
  kysely: Kysely<unknown>,
  dialect: DatabaseDialect,
  migrations: Migrations,
): Database {
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
    migrate: () => migrate(kysely, dialect, migrations),
    isUsable: () => true,
    close: () => kysely.destroy(),
  };
}
