/**
 * What a `WWW-Authenticate` header says (RFC 9110 §11.6.1): the scheme, and each parameter as text by
 * its name in lower case.
 */
export interface TestChallenge {
  /** `Bearer` or `DPoP`. */
  readonly scheme: string;
  readonly realm?: string;
  /** `invalid_token`, `insufficient_scope` or another code. None: credentials are requested. */
  readonly error?: string;
  readonly error_description?: string;
  /** The scopes that are sufficient, space-delimited. */
  readonly scope?: string;
  readonly acr_values?: string;
  readonly max_age?: string;
  readonly algs?: string;
  readonly resource_metadata?: string;
  readonly [parameter: string]: string | undefined;
}

/** A token, and its value if it is the name of a parameter: a quoted string or another token. */
const part = /([!#$%&'*+.^_`|~\w-]+)(?:[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g;

/** Parses the challenges of a `WWW-Authenticate` header. None if there is no header. */
export function parseChallenges(header: string | null): readonly TestChallenge[] {
  const challenges: { scheme: string; [parameter: string]: string }[] = [];
  for (const [, name = '', quoted, token] of (header ?? '').matchAll(part)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? token;
    const last = challenges.at(-1);
    if (value === undefined) challenges.push({ scheme: name });
    else if (last !== undefined) last[name.toLowerCase()] = value;
  }
  return challenges;
}
