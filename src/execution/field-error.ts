import { locatedError, pathToArray } from '@graphql-tools/utils';
import type { GraphQLResolveInfo } from 'graphql';
import { RefusalError } from '../authorization/rules/refusal.ts';
import type { Path, Run } from './run.ts';

/**
 * Records an error where its field may be null, or all may be, and throws it where the null must propagate.
 *
 * @returns Null, the value of the field.
 */
export function recordError(
  raw: unknown,
  nodes: GraphQLResolveInfo['fieldNodes'],
  path: Path,
  isNonNull: boolean,
  run: Run,
): null {
  const error =
    raw instanceof RefusalError
      ? locateRefusal(raw, path)
      : locatedError(coerceError(raw), nodes, pathToArray(path));
  const propagates = isNonNull && run.onError === 'PROPAGATE';
  if (propagates || error.extensions?.['CRITICAL_ERROR']) throw error;
  run.errors.push(error);
  return null;
}

/** Not wrapped in another error, whose stack trace would take longer than the refusal itself. */
function locateRefusal(error: RefusalError, path: Path): RefusalError {
  return error.path === undefined ? error.withPath(pathToArray(path)) : error;
}

/** The same for what a field threw: of an AggregateError, each error is one of the field. */
export function recordErrors(
  raw: unknown,
  nodes: GraphQLResolveInfo['fieldNodes'],
  path: Path,
  isNonNull: boolean,
  run: Run,
): null | undefined {
  if (!(raw instanceof AggregateError)) return recordError(raw, nodes, path, isNonNull, run);
  let value: null | undefined;
  for (const error of raw.errors) value = recordError(error, nodes, path, isNonNull, run);
  return value;
}

/** What was thrown, as an Error; what looks like one keeps its message, cause, stack and name. */
function coerceError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  if (
    typeof thrown === 'object' &&
    thrown !== null &&
    'message' in thrown &&
    typeof thrown.message === 'string'
  ) {
    const error = new Error(
      thrown.message,
      'cause' in thrown ? { cause: thrown.cause } : undefined,
    );
    if ('stack' in thrown && typeof thrown.stack === 'string') error.stack = thrown.stack;
    if ('name' in thrown && typeof thrown.name === 'string') error.name = thrown.name;
    return error;
  }
  return new Error(String(thrown));
}
