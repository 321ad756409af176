import { GraphQLError } from 'graphql';

/** Told of every error that clients do not see. */
export type ReportUnexpectedError = (error: unknown, id: string) => void;

/** How unexpected errors are hidden. */
export interface MaskErrorsOptions {
  /** Writes the cause to the log, with the id that the client sees. */
  readonly report: ReportUnexpectedError;
  /** Makes the ids. Default: random UUIDs. */
  readonly createId?: () => string;
}

/**
 * Hides what clients must not see: any error but a `GraphQLError` that was thrown as one becomes
 * "Unexpected error." and an id, by which the log has the cause. For Yoga's
 * `maskedErrors: { maskError }`.
 */
export function maskUnexpectedErrors(options: MaskErrorsOptions): (error: unknown) => Error {
  const createId = options.createId ?? (() => globalThis.crypto.randomUUID());
  return function maskError(error) {
    if (error instanceof GraphQLError && isExpected(error)) return error;
    const id = createId();
    options.report(causeOf(error), id);
    return new GraphQLError('Unexpected error.', {
      nodes: (error instanceof GraphQLError && error.nodes) || null,
      path: (error instanceof GraphQLError && error.path) || null,
      extensions: { code: 'INTERNAL_SERVER_ERROR', id, unexpected: true },
    });
  };
}

function isExpected(error: GraphQLError): boolean {
  const { originalError } = error;
  if (originalError == null) return true;
  return originalError instanceof GraphQLError && isExpected(originalError);
}

function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError != null
    ? causeOf(error.originalError)
    : error;
}
