import { describeDatabaseError } from './database-error.ts';

/**
 * The database cannot be used now: a later attempt can succeed. Nothing of a transaction in which it arises
 * is stored, with one exception: if the connection is lost while it is committed, that is not known.
 */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError';
  /**
   * `outage`: every query fails. `busy`: this one did, such as at its time limit or on a full disk, or because
   * no connection was free.
   */
  readonly reason: 'outage' | 'busy';

  constructor(reason: 'outage' | 'busy', message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/**
 * The codes of what is wrong with a connection, or with the text of a statement. Their messages have names,
 * such as that of a database that does not exist, and no values.
 */
const namingCodes = /^(?:(?:08|28|3D|40|42|53|55|57|58)...|SQLITE_ERROR)$/;

/** The part of an error that can be logged: drivers add connections, addresses and values to theirs. */
export function toPlainError(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('The driver of the database failed.');
  // Of several addresses, none can be reached.
  const [first] = error instanceof AggregateError ? error.errors : [];
  const sent =
    'code' in error && namingCodes.test(String(error.code))
      ? undefined
      : describeDatabaseError(error)?.message;
  const message = sent ?? (error.message || (first instanceof Error ? first.message : error.name));
  const plain = new Error(message);
  plain.name = error.name;
  return plain;
}
