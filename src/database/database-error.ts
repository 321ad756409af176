import { isObject } from '../shared/type-guards.ts';

/** What can be said of an error that a database sent for a statement: nothing that can be a value. */
export interface DatabaseErrorDescription {
  /** A fixed text with the code. */
  readonly message: string;
  /** Of Postgres: `ERROR`, `FATAL` or `PANIC`. */
  readonly severity?: string;
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
}

/** The classes of SQLSTATE (PostgreSQL, appendix A) that tell an operator something. */
const classes: Readonly<Record<string, string>> = {
  '08': 'connection exception',
  '22': 'data exception',
  '23': 'integrity constraint violation',
  '25': 'invalid transaction state',
  '28': 'invalid authorization',
  '3D': 'invalid database name',
  '40': 'transaction rollback',
  '42': 'syntax error or access rule violation',
  '53': 'insufficient resources',
  '54': 'program limit exceeded',
  '55': 'object not in prerequisite state',
  '57': 'operator intervention',
  '58': 'system error',
  P0: 'error raised by a function',
  XX: 'internal error',
};

/** Names are at most 63 bytes in Postgres. */
const name = /^[\w.$ -]{1,63}$/;

/** Of SQLite, `UNIQUE constraint failed: users.email`. */
const constraintFailed = /^[A-Z ]{1,20} constraint failed: ([\w., ]{1,200})$/;

/**
 * Describes an error of Postgres or SQLite without its message, which can contain a value, such as
 * `invalid input syntax for type integer: "…"`, or whatever a trigger raises. Undefined for other errors.
 */
export function describeDatabaseError(error: unknown): DatabaseErrorDescription | undefined {
  if (!isObject(error)) return undefined;
  const { code, message } = error;
  if (typeof code !== 'string') return undefined;
  if (/^SQLITE_[A-Z_]{1,50}$/.test(code)) {
    const [, constraint] =
      (typeof message === 'string' && message.length < 250 && constraintFailed.exec(message)) || [];
    return {
      message: `SQLite rejected a statement (${code})`,
      ...(constraint === undefined ? {} : { constraint }),
    };
  }
  const { severity } = error;
  if (typeof severity !== 'string' || !/^[A-Z]{1,10}$/.test(severity)) return undefined;
  if (!/^[0-9A-Z]{5}$/.test(code)) return undefined;
  const kind = classes[code.slice(0, 2)] ?? 'other error';
  return {
    message: `Postgres rejected a statement: ${kind} (${code})`,
    severity,
    ...nameIn(error, 'table'),
    ...nameIn(error, 'column'),
    ...nameIn(error, 'constraint'),
  };
}

function nameIn<Member extends 'table' | 'column' | 'constraint'>(
  error: Readonly<Record<string, unknown>>,
  member: Member,
): object {
  const value = error[member];
  return typeof value === 'string' && name.test(value) ? { [member]: value } : {};
}
