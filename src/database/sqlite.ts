import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  SqliteAdapter,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Clock } from '../shared/clock.ts';
import type { Connections, ConnectionsOptions } from './connections.ts';
import { DatabaseUnavailableError } from './database-unavailable-error.ts';

/** A transaction that another process keeps from writing tries again: for 3 seconds, like on Postgres. */
const busyAttempts = { number: 50, intervalMs: 50 };

/** Milliseconds to wait for the one connection, which a transaction keeps until it ends. */
const acquireTimeoutMs = 5_000;

/** Opens SQLite in a file, which is created together with its folder, for this user only. */
export function connectSqlite(path: string, { require, clock }: ConnectionsOptions): Connections {
  const driver = new QueuedDriver(path, clock);
  return {
    kysely: new Kysely({ dialect: createDialect(() => new RequiringDriver(driver, require)) }),
    migrator: new Kysely({ dialect: createDialect(() => driver) }),
    close: () => driver.destroy(),
  };
}

function createDialect(createDriver: () => Driver): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver,
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** Kysely's driver, with a limit of time for the connection, and transactions that write from the start. */
class QueuedDriver extends SqliteDriver {
  readonly #clock: Clock;
  #last: Promise<void> = Promise.resolve();
  #release = (): void => {};

  constructor(path: string, clock: Clock) {
    super({
      async database() {
        // Has the driver: Postgres does without it.
        const { SqliteFile } = await import('./sqlite-file.ts');
        return new SqliteFile(path);
      },
    });
    this.#clock = clock;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const previous = this.#last;
    let release = (): void => {};
    this.#last = new Promise((resolve) => {
      release = resolve;
    });
    let cancel = (): void => {};
    const timeout = new Promise<'timeout'>((resolve) => {
      cancel = this.#clock.setTimer(acquireTimeoutMs, () => resolve('timeout'));
    });
    const outcome = await Promise.race([previous, timeout]);
    cancel();
    if (outcome === 'timeout') {
      // Those behind this one still wait for the one before it.
      void previous.then(release);
      throw new DatabaseUnavailableError(
        'busy',
        'Another transaction uses the database. Queries inside a transaction must use that transaction.',
      );
    }
    this.#release = release;
    return super.acquireConnection();
  }

  override async releaseConnection(): Promise<void> {
    const release = this.#release;
    await super.releaseConnection();
    release();
  }

  /** A transaction that reads first could not write once another process has. */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await connection.executeQuery(CompiledQuery.raw('begin immediate'));
        return;
      } catch (error) {
        const isBusy = error instanceof DatabaseUnavailableError && attempt < busyAttempts.number;
        if (!isBusy) throw error;
      }
      await new Promise<void>((resolve) => {
        // The timers of a clock let the process end, and at the start there is nothing else.
        const keepAlive = setInterval(() => {}, 1_000);
        this.#clock.setTimer(busyAttempts.intervalMs, () => {
          clearInterval(keepAlive);
          resolve();
        });
      });
    }
  }
}

/** The same driver, for queries that require an available database. */
class RequiringDriver implements Driver {
  readonly #driver: QueuedDriver;
  readonly #require: ConnectionsOptions['require'];

  constructor(driver: QueuedDriver, require: ConnectionsOptions['require']) {
    this.#driver = driver;
    this.#require = require;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const pending = this.#require();
    if (pending) await pending;
    return this.#driver.acquireConnection();
  }

  beginTransaction(connection: DatabaseConnection): Promise<void> {
    return this.#driver.beginTransaction(connection);
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return this.#driver.commitTransaction(connection);
  }

  rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    return this.#driver.rollbackTransaction(connection);
  }

  releaseConnection(): Promise<void> {
    return this.#driver.releaseConnection();
  }

  async destroy(): Promise<void> {}
}
