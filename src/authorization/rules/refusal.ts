import { type FieldNode, GraphQLError, Kind } from 'graphql';
import type { UnmetRequirement } from './unmet.ts';

/** One selection that the viewer may not have, and what would mend that. */
export interface Refusal {
  /** Response keys from the root, aliases as written, without list indices. */
  readonly path: readonly string[];
  /** The schema coordinate whose rule is not met. */
  readonly coordinate: string;
  /** Anonymous or too weakly authenticated viewers, or viewers who lack a right. */
  readonly code: 'UNAUTHENTICATED' | 'FORBIDDEN';
  /** The smallest set of scopes that would do, space-delimited. */
  readonly scope?: string;
  /** The claims that are missing. */
  readonly claims?: readonly string[];
  /** Authentication context classes, any of which would do. */
  readonly acr?: readonly string[];
  /** Seconds since the user authenticated that would do. */
  readonly maxAge?: number;
}

/** What clients see of a refusal in `errors[].extensions`. */
export type RefusalExtensions = Omit<Refusal, 'path' | 'coordinate'>;

/** The stable code, and what is missing. */
export function refusalExtensions(missing: UnmetRequirement): RefusalExtensions {
  const { kind, ...needed } = missing;
  const code = kind === 'authentication' || kind === 'step-up' ? 'UNAUTHENTICATED' : 'FORBIDDEN';
  return { code, ...needed };
}

/** One plain sentence: what happened, and the mend. */
export function formatRefusal(missing: UnmetRequirement): string {
  switch (missing.kind) {
    case 'authentication':
      return 'This needs an access token: sign in, and send it in the Authorization header.';
    case 'scope':
      return `This needs an access token with more scope: ${missing.scope}.`;
    case 'claims':
      return `This needs an access token with more claims: ${missing.claims.join(' ')}.`;
    case 'policy':
      return 'You may not have this.';
    case 'step-up':
      return 'This needs a stronger or more recent sign-in.';
  }
}

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
  readonly missing: UnmetRequirement;
  readonly fieldNodes: readonly FieldNode[];

  constructor(missing: UnmetRequirement, { fieldNodes, path }: RefusalErrorOptions) {
    super(formatRefusal(missing), {
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
