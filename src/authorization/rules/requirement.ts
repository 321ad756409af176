/** What one `@auth` asks, beyond a verified access token. */
export interface Requirement {
  /** The schema coordinate that it stands on. */
  readonly coordinate: string;
  /** Alternatives, any of which is enough; of one alternative every scope is needed. */
  readonly scopes?: readonly (readonly string[])[];
  /** Claims that must all be there. */
  readonly claims: readonly string[];
  /** Names of policies that must all agree. */
  readonly policies: readonly string[];
  /** Authentication context classes, any of which is enough. */
  readonly acr?: readonly string[];
  /** Seconds since the user authenticated, at most. */
  readonly maxAge?: number;
}

/**
 * What a schema coordinate asks of the viewer: every requirement of it must be met. An empty rule
 * asks nothing, not even a token.
 */
export type Rule = readonly Requirement[];

/** The rule of coordinates that are open to everybody. */
export const open: Rule = Object.freeze([]);

/** Every requirement of every rule, each once. */
export function allOf(...rules: readonly Rule[]): Rule {
  const asking = rules.filter((rule) => rule.length > 0);
  if (asking.length < 2) return asking[0] ?? open;
  return [...new Set(asking.flat())];
}
