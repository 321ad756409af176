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
 * "Unexpected error." and an id, by which the log has the cause. So does what GraphQL.js itself
 * says of a value that does not fit its type: it prints the value. For Yoga's
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
  if (isOfCompletion(error)) return false;
  if (originalError == null) return true;
  return originalError instanceof GraphQLError && isExpected(originalError);
}

/** How the messages of errors begin that are made while a resolver's value is completed. */
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

/** Of a request, the same messages speak of what the client sent, and have no path. */
function isOfCompletion({ message, path, extensions }: GraphQLError): boolean {
  return (
    path !== undefined &&
    Object.keys(extensions).length === 0 &&
    completionMessages.some((beginning) => message.startsWith(beginning))
  );
}

function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError != null
    ? causeOf(error.originalError)
    : error;
}
