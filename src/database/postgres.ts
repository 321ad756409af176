import { createRequire } from 'node:module';
import {
  Kysely,
  type PostgresCursor,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type PostgresQueryResult,
} from 'kysely';
import type pg from 'pg';
import { TimeoutError, withTimeout } from '../shared/with-timeout.ts';
import type { Connections, ConnectionsOptions, PoolUsage } from './connections.ts';
import { DatabaseUnavailableError, toPlainError } from './database-unavailable-error.ts';

/** Loads the driver, which SQLite does not need: synchronously, so that an unusable URL is an error right away. */
const loadDriver = (): typeof pg => createRequire(import.meta.url)('pg');

/** Milliseconds after which what does not respond is given up. */
const timeouts = {
  /** For a connection: a new one, or one that others use. */
  connect: 3_000,
  /** For a statement, by Postgres. */
  statement: 5_000,
  /** For a lock, by Postgres. */
  lock: 3_000,
  /** For a response to a statement, here: the network or Postgres hangs. */
  response: 7_000,
  /** For the next statement of a transaction, by Postgres. */
  transactionIdle: 10_000,
  /** Until a connection that is not used is closed. */
  idle: 30_000,
  /** Until the pool is closed while a connection is in use. */
  close: 5_000,
};

/** Of migrations, `migrations.ts` limits the statements. */
const migrationResponseTimeout = 11 * 60_000;

/** Options for `connectPostgres`. */
export interface PostgresOptions extends ConnectionsOptions {
  readonly url: string;
  readonly poolSize: number;
}

/**
 * Connects to Postgres by a pool, and for migrations by one connection more, which is closed when they are
 * done. TLS is as the `sslmode` of the URL says.
 *
 * @throws If a file that the URL names cannot be read, such as `sslrootcert`.
 */
export function connectPostgres(options: PostgresOptions): Connections {
  const { url, poolSize, require, lose, clock } = options;
  const pool = createPool(
    { ...limitsOf(url), max: poolSize, statement_timeout: timeouts.statement },
    { responseTimeout: timeouts.response, require, lose, clock },
  );
  const migrationPool = createPool(
    { ...limitsOf(url), max: 1, idleTimeoutMillis: 1 },
    { responseTimeout: migrationResponseTimeout, require: () => undefined, lose: () => {}, clock },
  );
  return {
    kysely: new Kysely({ dialect: new PostgresDialect({ pool }) }),
    migrator: new Kysely({ dialect: new PostgresDialect({ pool: migrationPool }) }),
    usage: pool.usage,
    async close() {
      const ended = Promise.all([pool.end(), migrationPool.end()]);
      await withTimeout(ended, timeouts.close, 'A connection is still in use.', clock).catch(
        ignoreTimeout,
      );
    },
  };
}

/** Ends with the process what did not end in time. */
function ignoreTimeout(error: unknown): void {
  if (!(error instanceof TimeoutError)) throw error;
}

function limitsOf(connectionString: string): pg.PoolConfig {
  return {
    connectionString,
    connectionTimeoutMillis: timeouts.connect,
    idleTimeoutMillis: timeouts.idle,
    lock_timeout: timeouts.lock,
    idle_in_transaction_session_timeout: timeouts.transactionIdle,
    keepAlive: true,
    application_name: 'graphql-resource-server',
    types: { getTypeParser: createTypeParserFinder(loadDriver()) },
  };
}

const int8 = 20;

/** Counts as numbers, as SQLite has them; the driver's default is text. */
const createTypeParserFinder =
  ({ types }: typeof pg): typeof pg.types.getTypeParser =>
  (id: number, format?: 'text' | 'binary') =>
    id === int8 && format !== 'binary' ? Number : types.getTypeParser(id, format);

interface PoolOptions extends ConnectionsOptions {
  readonly responseTimeout: number;
}

interface WatchedPool extends PostgresPool {
  usage(): PoolUsage;
}

/** A pool whose errors are `DatabaseUnavailableError` if they do not come from the query itself. */
function createPool(config: pg.PoolConfig, options: PoolOptions): WatchedPool {
  const { Pool } = loadDriver();
  const pool = new Pool(config);
  // Of connections that nothing uses: the pool has replaced them. Without a listener, the process would end.
  pool.on('error', () => {});
  return {
    async connect() {
      const pending = options.require();
      if (pending) await pending;
      const client = await pool.connect().catch((error: unknown) => {
        throw translateError(error, options);
      });
      return watchClient(client, options);
    },
    end: () => pool.end(),
    usage: () => ({
      inUse: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
    }),
  };
}

/** One use of a connection. After an error of the connection itself, it is not used again. */
function watchClient(client: pg.PoolClient, options: PoolOptions): PostgresPoolClient {
  let broken: DatabaseUnavailableError | undefined;
  let isDiscarded = false;
  const breakOff = (error: unknown): void => {
    const translated = translateError(error, options);
    if (translated instanceof DatabaseUnavailableError) broken ??= translated;
  };
  // Without a listener, a connection that is lost between two queries would end the process.
  client.on('error', breakOff);
  const run = async <Row>(
    text: string,
    parameters: readonly unknown[],
  ): Promise<PostgresQueryResult<Row>> => {
    if (broken) throw broken;
    try {
      const result = await withTimeout(
        client.query(text, [...parameters]),
        options.responseTimeout,
        'The database did not respond in time.',
        options.clock,
      );
      const { command, rowCount, rows } = result;
      return { command: toCommand(command), rowCount: rowCount ?? 0, rows };
    } catch (error) {
      const translated = translateError(error, options);
      if (translated instanceof DatabaseUnavailableError && !isStatementError(error)) {
        broken = translated;
      }
      throw translated;
    }
  };
  /** Postgres rolls back when a connection ends. An error would replace the one before it. */
  const discard = (): PostgresQueryResult<never> => {
    isDiscarded = true;
    return { command: 'ROLLBACK', rowCount: 0, rows: [] };
  };
  function query<Row>(
    text: string,
    parameters: readonly unknown[],
  ): Promise<PostgresQueryResult<Row>>;
  function query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>;
  function query<Row>(
    text: string | PostgresCursor<Row>,
    parameters: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<Row>> | PostgresCursor<Row> {
    if (typeof text !== 'string') throw new TypeError('Cursors are not supported.');
    const result = run<Row>(text, parameters);
    return text === 'rollback' ? result.catch(discard) : result;
  }
  return {
    query,
    release(isUnusable) {
      client.off('error', breakOff);
      client.release(isUnusable || isDiscarded || broken !== undefined);
    },
  };
}

const commands = ['COMMIT', 'DELETE', 'INSERT', 'MERGE', 'ROLLBACK', 'UPDATE'] as const;

/** Of other commands, Kysely reads the rows, if there are any. */
const toCommand = (text: string): PostgresQueryResult<unknown>['command'] =>
  commands.find((command) => command === text) ?? 'SELECT';

/** The SQLSTATE of an error that Postgres sent. */
function sqlStateOf(error: unknown): string | undefined {
  const { DatabaseError } = loadDriver();
  return error instanceof DatabaseError ? error.code : undefined;
}

/** Canceled by a time limit, chosen to end a deadlock, or conflicting: the connection is in order. */
const busyStates = /^(?:57014|55P03|40001|40P01)$/;

/** Postgres accepts no connection more. Those of the pool still serve, so this is not an outage. */
const tooManyConnections = '53300';

/**
 * Connections, resources and credentials that are missing, a server that is stopping or not yet started, one
 * that has become a standby: the next query will fail as well.
 */
const outageStates = /^(?:08...|28...|3D000|53...|57P..|25006|25P03)$/;

const isStatementError = (error: unknown): boolean => busyStates.test(sqlStateOf(error) ?? '');

/** No connection is free. For the limit of the pool, the driver has an error without a code. */
const isPoolExhausted = (error: unknown): boolean =>
  sqlStateOf(error) === tooManyConnections ||
  (error instanceof Error && error.message === 'timeout exceeded when trying to connect');

function translateError(error: unknown, { lose }: Pick<ConnectionsOptions, 'lose'>): unknown {
  if (error instanceof DatabaseUnavailableError) return error;
  const state = sqlStateOf(error);
  const plain = toPlainError(error);
  if (isPoolExhausted(error) || isStatementError(error) || error instanceof TimeoutError) {
    return new DatabaseUnavailableError('busy', plain.message);
  }
  // Without a state, the error is not from Postgres: it could not be reached.
  const isOutage = state === undefined ? !(error instanceof TypeError) : outageStates.test(state);
  if (!isOutage) return error;
  lose();
  return new DatabaseUnavailableError('outage', `The database cannot be used: ${plain.message}.`);
}
