import { type FieldNode, GraphQLError } from 'graphql';
import { UntracedGraphQLError } from '../../shared/untraced-graphql-error.ts';
import type { UnmetRequirement } from './unmet.ts';

/** A selection that the viewer is not allowed, and what is missing. */
export interface Refusal {
  /** Response keys from the root, with aliases and without list indices. */
  readonly path: readonly string[];
  /** The schema coordinate whose rule is not met. */
  readonly coordinate: string;
  /** `UNAUTHENTICATED` if signing in, or a stronger or more recent sign-in, is required. */
  readonly code: 'UNAUTHENTICATED' | 'FORBIDDEN';
  /** The smallest sufficient set of scopes, space-delimited. */
  readonly scope?: string;
  /** The claims that are missing. */
  readonly claims?: readonly string[];
  /** Authentication context classes, any one of which is sufficient. */
  readonly acr?: readonly string[];
  /** The maximum age of the sign-in, in seconds. */
  readonly maxAge?: number;
}

/** `errors[].extensions` of a refusal, as clients get it. */
export interface RefusalExtensions extends Omit<Refusal, 'path' | 'coordinate' | 'code'> {
  /** As in `Refusal`, the code of the policy that denied, or `SERVICE_UNAVAILABLE` if it cannot decide. */
  readonly code: Refusal['code'] | (string & {});
}

/** Whether a viewer who was refused should sign in, or must not have what was refused. */
export function refusalCode({ kind }: UnmetRequirement): Refusal['code'] {
  return kind === 'authentication' || kind === 'step-up' ? 'UNAUTHENTICATED' : 'FORBIDDEN';
}

/** The stable code, and what is missing. */
export function refusalExtensions(unmet: UnmetRequirement): RefusalExtensions {
  const code = refusalCode(unmet);
  if (unmet.kind === 'policy') return { code: unmet.code ?? code };
  if (unmet.kind === 'unavailable') return { code: 'SERVICE_UNAVAILABLE' };
  const { kind: _, ...required } = unmet;
  return { code, ...required };
}

/** The message of a refusal: what happened and how to fix it. */
export function formatRefusal(unmet: UnmetRequirement): string {
  switch (unmet.kind) {
    case 'authentication':
      return 'Authentication required: sign in and send an access token in the Authorization header.';
    case 'scope':
      return `Insufficient scope. Required: ${unmet.scope}.`;
    case 'claims':
      return `The access token is missing required claims: ${unmet.claims.join(' ')}.`;
    case 'policy':
      return unmet.message ?? 'Access denied.';
    case 'step-up':
      return 'A stronger or more recent sign-in is required.';
    case 'unavailable':
      return 'Access cannot be checked at the moment. Try again later.';
  }
}

/**
 * What is unmet of every hidden rule, whatever its policies say: the response must be the one for what
 * does not exist.
 */
export const hiddenRefusal: UnmetRequirement = Object.freeze({ kind: 'policy' });

/** Where a refusal occurred. */
export interface RefusalErrorOptions {
  /** The selections in the document. */
  readonly fieldNodes: readonly FieldNode[];
  /** Response keys and list indices from the root, if known. */
  readonly path?: readonly (string | number)[] | undefined;
}

/** A refusal as a GraphQL error. Contains nothing from the viewer's token. */
export class RefusalError extends UntracedGraphQLError {
  readonly #unmet: UnmetRequirement;
  readonly #fieldNodes: readonly FieldNode[];

  constructor(unmet: UnmetRequirement, { fieldNodes, path }: RefusalErrorOptions) {
    super(formatRefusal(unmet), { path, extensions: { ...refusalExtensions(unmet) } });
    this.#unmet = unmet;
    this.#fieldNodes = fieldNodes;
  }

  /** The selections in the document. Their line and column are found when the response is formatted. */
  get fieldNodes(): readonly FieldNode[] {
    return this.#fieldNodes;
  }

  /** Whether the same error is given for what does not exist. */
  get isHidden(): boolean {
    return this.#unmet === hiddenRefusal;
  }

  /** Returns the same refusal at a path, for an executor that knows it. */
  withPath(path: readonly (string | number)[]): RefusalError {
    return new RefusalError(this.#unmet, { fieldNodes: this.#fieldNodes, path });
  }
}

/** The refusal behind an error of a result, whether or not the executor wrapped it. */
export function asRefusalError(error: unknown): RefusalError | undefined {
  if (error instanceof RefusalError) return error;
  return error instanceof GraphQLError && error.originalError !== undefined
    ? asRefusalError(error.originalError)
    : undefined;
}
