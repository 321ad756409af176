import { GraphQLError, type GraphQLErrorOptions } from 'graphql';
import type { Missing } from './missing.ts';
import { refusalExtensions, refusalMessage } from './refusal.ts';

/** A refusal as a GraphQL error. Nothing in it comes from the viewer's token. */
export class RefusalError extends GraphQLError {
  readonly missing: Missing;

  constructor(missing: Missing, options: Pick<GraphQLErrorOptions, 'nodes' | 'path'> = {}) {
    super(refusalMessage(missing), { ...options, extensions: { ...refusalExtensions(missing) } });
    this.missing = missing;
  }
}

/** The refusal behind an error of a result, located by the executor or not. */
export function refusalOf(error: unknown): RefusalError | undefined {
  if (error instanceof RefusalError) return error;
  return error instanceof GraphQLError && error.originalError !== undefined
    ? refusalOf(error.originalError)
    : undefined;
}
