import { type FieldNode, GraphQLError, Kind } from 'graphql';
import type { Missing } from './missing.ts';
import { refusalExtensions, refusalMessage } from './refusal.ts';

/** Where a refusal stands. */
export interface RefusalErrorOptions {
  /** The selections in the document. */
  readonly fieldNodes: readonly FieldNode[];
  /** Response keys and list indices from the root, where they are known. */
  readonly path?: readonly (string | number)[];
}

/**
 * Takes the place of the nodes of a refusal. GraphQL.js works out line and column for every error
 * that it makes or wraps, each time from the beginning of the text; of a refusal that is done
 * once, when its response is written.
 */
const unlocated: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: 'refused' } };

/** A refusal as a GraphQL error. Nothing in it comes from the viewer's token. */
export class RefusalError extends GraphQLError {
  readonly missing: Missing;
  readonly fieldNodes: readonly FieldNode[];

  constructor(missing: Missing, { fieldNodes, path }: RefusalErrorOptions) {
    super(refusalMessage(missing), {
      nodes: unlocated,
      path: path ?? null,
      extensions: { ...refusalExtensions(missing) },
    });
    this.missing = missing;
    this.fieldNodes = fieldNodes;
    Object.defineProperties(this, {
      missing: { enumerable: false },
      fieldNodes: { enumerable: false },
    });
  }
}

/** The refusal behind an error of a result, located by the executor or not. */
export function refusalOf(error: unknown): RefusalError | undefined {
  if (error instanceof RefusalError) return error;
  return error instanceof GraphQLError && error.originalError !== undefined
    ? refusalOf(error.originalError)
    : undefined;
}
