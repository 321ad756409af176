import { UsageError } from './command-error.ts';

/**
 * The one operation that a command was given.
 *
 * @throws UsageError when there is none, or more than one.
 */
export function readOperation([operation, ...more]: readonly string[]): string {
  if (operation !== undefined && more.length === 0) return operation;
  throw new UsageError(
    `Give ${more.length > 0 ? 'just ' : ''}one operation, in quotes. Try --help.`,
  );
}
