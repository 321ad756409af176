/**
 * What a field error does where the type is non-null: `PROPAGATE` nulls the nearest nullable parent,
 * `NULL` only the position of the error (GraphQL's proposal "Error behaviors", graphql-spec#1163).
 * `HALT` of that proposal is not supported.
 */
export type ErrorBehavior = 'PROPAGATE' | 'NULL';

/** Whether a value of the request parameter `onError` is supported. */
export function isErrorBehavior(value: unknown): value is ErrorBehavior {
  return value === 'PROPAGATE' || value === 'NULL';
}
