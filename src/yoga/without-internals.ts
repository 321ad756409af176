import type { FormattedExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql';

/** A result as clients get it, without what only HTTP has a use for. */
export function resultWithoutInternals(result: {
  readonly errors?: readonly GraphQLError[] | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}): FormattedExecutionResult {
  const { errors, extensions, ...rest } = result;
  const shown = extensions && withoutInternals(extensions);
  return {
    ...rest,
    ...(errors ? { errors: errors.map(errorWithoutInternals) } : {}),
    ...(shown ? { extensions: shown } : {}),
  };
}

/** An error as clients get it. */
export function errorWithoutInternals(error: GraphQLError): GraphQLFormattedError {
  const { extensions, ...rest } = error.toJSON();
  const shown = extensions && withoutInternals(extensions);
  return { ...rest, ...(shown ? { extensions: shown } : {}) };
}

/** `http` is how Yoga is told the answer, `unexpected` that an error was masked. */
function withoutInternals(
  extensions: Readonly<Record<string, unknown>>,
): Record<string, unknown> | undefined {
  const { http: _http, unexpected: _unexpected, ...shown } = extensions;
  return Object.keys(shown).length > 0 ? shown : undefined;
}
