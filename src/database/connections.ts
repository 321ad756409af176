import type { Kysely } from 'kysely';
import type { Clock } from '../shared/clock.ts';

/** What connecting to a database requires. */
export interface ConnectionsOptions {
  /** Called before each query of the API. Rejects it if the database is unavailable. */
  readonly require: () => Promise<void> | undefined;
  /** Called after an error of a query if the next one may fail as well. */
  readonly lose: () => void;
  readonly clock: Clock;
}

/** Connections to a database, opened when they are used. Queries reject with `DatabaseUnavailableError`. */
export interface Connections {
  /** For queries of the API. */
  readonly kysely: Kysely<unknown>;
  /** For migrations, also while the database is not available for the API. */
  readonly migrator: Kysely<unknown>;
  /** How many connections are used. Undefined if there is no pool. */
  readonly usage?: () => PoolUsage;
  close(): Promise<void>;
}

/** How a pool of connections is used. */
export interface PoolUsage {
  /** Connections that are running something. */
  readonly inUse: number;
  /** Open connections that are not. */
  readonly idle: number;
  /** How many wait for a connection. */
  readonly waiting: number;
}
