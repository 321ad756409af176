import { GraphQLError } from 'graphql';

/** Called with every error that is masked, and with the id that the client gets. */
export type ReportUnexpectedError = (error: unknown, id: string) => void;

/** Options for `maskUnexpectedErrors`. */
export interface MaskErrorsOptions {
  /** Called with the cause and the id; writes them to a log. */
  readonly report: ReportUnexpectedError;
  /** Creates the ids. Default: random UUIDs. */
  readonly createId?: () => string;
}

/**
 * Masks unexpected errors: every error that was not thrown as a `GraphQLError` becomes
 * "Unexpected error." with an id in `extensions.id`, to find the cause in the log. Errors of
 * GraphQL.js about values that do not fit their types are masked too, because they print the value.
 *
 * @returns A function for Yoga's `maskedErrors: { maskError }`.
 *
 * @example
 * ```ts
 * const yoga = createYoga({
 *   schema,
 *   maskedErrors: {
 *     maskError: maskUnexpectedErrors({ report: (error, id) => log.error({ error, id }) }),
 *   },
 * });
 * ```
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
  if (isCompletionError(error)) return false;
  if (originalError == null) return true;
  return originalError instanceof GraphQLError && isExpected(originalError);
}

/** How the messages begin of errors that arise while the value of a resolver is completed. */
const completionMessages = [
  'Abstract type "',
  'Boolean cannot represent ',
  'Enum "',
  'Expected Iterable, but did not find one for field "',
  'Expected value of type "',
  'Float cannot represent ',
  'ID cannot represent ',
  'Int cannot represent ',
  'Runtime Object type "',
  'String cannot represent ',
  'Subscription field must return Async Iterable.',
];

/** Without a path, the same messages are about what the client sent. */
function isCompletionError({ message, path, extensions }: GraphQLError): boolean {
  return (
    path !== undefined &&
    Object.keys(extensions).length === 0 &&
    completionMessages.some((beginning) => message.startsWith(beginning))
  );
}

/** What was thrown, however often GraphQL.js or Yoga has wrapped it. */
export function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError != null
    ? causeOf(error.originalError)
    : error;
}
