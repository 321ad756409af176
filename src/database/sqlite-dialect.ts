import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Dialect, type Kysely, SqliteAdapter, SqliteDialect, sql } from 'kysely';
import Libsql from 'libsql';

/** Milliseconds to wait for another process that writes. */
const busyTimeoutMs = 2_000;

/** SQLite in a file, which is created together with its folder, readable for this user only. */
export function createSqliteDialect(path: string): Dialect {
  const dialect = new SqliteDialect({ database: async () => openFile(path) });
  return {
    createAdapter: () => new TransactionalAdapter(),
    createDriver: () => dialect.createDriver(),
    createIntrospector: (database) => dialect.createIntrospector(database),
    createQueryCompiler: () => dialect.createQueryCompiler(),
  };
}

function openFile(path: string): Libsql.Database {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = new Libsql(path, { timeout: busyTimeoutMs });
  file.pragma('journal_mode = WAL');
  file.pragma('synchronous = NORMAL');
  file.pragma('foreign_keys = ON');
  return file;
}

/** Kysely assumes that SQLite cannot undo changes of the schema. It can. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }

  /** Writes first: a transaction that reads first could not write once another process has. */
  override async acquireMigrationLock(database: Kysely<unknown>): Promise<void> {
    await sql`update kysely_migration_lock set is_locked = is_locked`.execute(database);
  }
}
