import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SqliteDatabase, SqliteStatement } from 'kysely';
import Libsql from 'libsql';
import { DatabaseUnavailableError, toPlainError } from './database-unavailable-error.ts';

/**
 * Milliseconds to wait for another process that uses the file, which blocks this one. Only a second
 * instance that starts, or a command, would use the file at the same time.
 */
const busyTimeouts = { open: 100, statement: 10 };

/** Errors after which the same statement can succeed later. */
const busyCodes = /^SQLITE_(?:BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN|NOMEM)/;

/** A file of SQLite, for Kysely. It makes up for what its driver does with values and after errors. */
export class SqliteFile implements SqliteDatabase {
  readonly #path: string;
  #file: Libsql.Database | undefined;
  #isInTransaction = false;
  /** The error with which SQLite has rolled back the transaction by itself, such as that of a full disk. */
  #rolledBackBy: unknown;

  /** @throws {DatabaseUnavailableError} If the file cannot be opened. */
  constructor(path: string) {
    this.#path = path;
    this.#file = openFile(path);
  }

  prepare(text: string): SqliteStatement {
    this.#file ??= openFile(this.#path);
    const file = this.#file;
    const isInTransaction = transactionStates.get(text);
    if (isInTransaction !== undefined) return this.#control(file, text, isInTransaction);
    const statement = this.#translateErrors(() => file.prepare(text));
    return {
      reader: statement.reader,
      all: (parameters) => this.#translateErrors(() => statement.all(...toBindable(parameters))),
      run: (parameters) => this.#translateErrors(() => statement.run(...toBindable(parameters))),
      iterate: (parameters) => statement.iterate(...toBindable(parameters)),
    };
  }

  close(): void {
    this.#file?.close();
  }

  /** Not prepared: if it had to wait for too long, it would keep transactions from being committed. */
  #control(file: Libsql.Database, text: string, isInTransaction: boolean): SqliteStatement {
    const run = (): { readonly changes: number; readonly lastInsertRowid: number } => {
      // If SQLite has rolled back by itself, an error here would replace the one with which it did.
      const isDone = text === 'rollback' && !file.inTransaction;
      if (!isDone) this.#translateErrors(() => file.exec(text));
      this.#isInTransaction = isInTransaction;
      this.#rolledBackBy = undefined;
      return { changes: 0, lastInsertRowid: 0 };
    };
    return { reader: false, run, all: () => [], iterate: () => [][Symbol.iterator]() };
  }

  #translateErrors<Result>(run: () => Result): Result {
    // Otherwise, the rest of the transaction would be stored, statement by statement.
    if (this.#rolledBackBy !== undefined) throw this.#rolledBackBy;
    try {
      return run();
    } catch (cause) {
      const error = this.#translateError(cause);
      if (this.#isInTransaction && this.#file?.inTransaction === false) this.#rolledBackBy = error;
      throw error;
    }
  }

  #translateError(cause: unknown): unknown {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (!busyCodes.test(code)) return cause;
    // Until it is collected, such a statement would keep transactions from being committed.
    if (!this.#isInTransaction && this.#path !== memory) {
      this.#file?.close();
      this.#file = undefined;
    }
    return new DatabaseUnavailableError('busy', toPlainError(cause).message);
  }
}

const memory = ':memory:';

/** Statements that begin and end transactions, and whether there is one after them. */
const transactionStates: ReadonlyMap<string, boolean> = new Map([
  ['begin immediate', true],
  ['commit', false],
  ['rollback', false],
]);

/** Creates the file and its folder for this user only. */
function openFile(path: string): Libsql.Database {
  try {
    if (path !== memory) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      // SQLite gives its other files the mode of this one.
      closeSync(openSync(path, 'a', 0o600));
    }
    const file = new Libsql(path, { timeout: busyTimeouts.open });
    file.pragma('journal_mode = WAL');
    file.pragma('synchronous = NORMAL');
    file.pragma('foreign_keys = ON');
    file.pragma(`busy_timeout = ${busyTimeouts.statement}`);
    return file;
  } catch (cause) {
    throw new DatabaseUnavailableError(
      'outage',
      `The file ${path} cannot be opened as a database: ${toPlainError(cause).message}. Choose one in a folder that this user can write to.`,
    );
  }
}

/**
 * The driver ends the process for a boolean, stores undefined and NaN as null, and shortens text at a NUL
 * character, which Postgres rejects.
 */
function toBindable(parameters: readonly unknown[]): unknown[] {
  return parameters.map((value) => {
    if (typeof value === 'boolean') return value ? 1 : 0;
    if (value === undefined || Number.isNaN(value)) {
      throw new TypeError('A parameter of a query is undefined or not a number.');
    }
    if (typeof value === 'string' && value.includes('\0')) {
      throw new TypeError('A parameter of a query has a NUL character.');
    }
    return value;
  });
}
