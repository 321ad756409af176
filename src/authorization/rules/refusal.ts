import type { Missing } from './missing.ts';

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
export function refusalExtensions(missing: Missing): RefusalExtensions {
  const { kind, ...needed } = missing;
  const code = kind === 'authentication' || kind === 'step-up' ? 'UNAUTHENTICATED' : 'FORBIDDEN';
  return { code, ...needed };
}

/** One plain sentence: what happened, and the mend. */
export function refusalMessage(missing: Missing): string {
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
