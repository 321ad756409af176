import type { AuthScheme, ChallengeError } from './auth-error-reasons.ts';

interface ChallengeParameters {
  /** The name of the protection space (RFC 9110 §11.5). */
  readonly realm: string;
  /** The URL of this API's metadata (RFC 9728 §5.1). */
  readonly resourceMetadata?: string;
  /** The scopes that are sufficient, space-delimited (RFC 6750 §3). */
  readonly scope?: string;
  /** The authentication context classes, any of which is sufficient (RFC 9470 §3). */
  readonly acrValues?: readonly string[];
  /** The allowable age of the user's sign-in, in seconds (RFC 9470 §3). */
  readonly maxAge?: number;
  /** The algorithms accepted in DPoP proofs (RFC 9449 §7.1). Only sent with the scheme DPoP. */
  readonly dpopAlgorithms?: readonly string[];
}

/** Requests credentials: the accepted scheme, or several to choose from. */
interface BareChallenge extends ChallengeParameters {
  readonly scheme: AuthScheme | readonly AuthScheme[];
  readonly error?: undefined;
}

/** Rejects credentials, and names their scheme. */
interface ErrorChallenge extends ChallengeParameters {
  readonly scheme: AuthScheme;
  readonly error: ChallengeError;
  /** For developers. Must not contain a quote or a backslash (RFC 6750 §3). */
  readonly errorDescription?: string;
}

/** What a `WWW-Authenticate` header says. */
export type Challenge = BareChallenge | ErrorChallenge;

/** The parts of a challenge that are the same for every refusal. */
export interface ChallengeSettings {
  readonly realm: string;
  readonly resourceMetadata?: string;
  /** The accepted schemes; a challenge without an error names all of them. */
  readonly schemes: readonly AuthScheme[];
  /** The accepted algorithms of DPoP proofs. */
  readonly dpopAlgorithms?: readonly string[];
}

type WithoutSettings<Kind> = Kind extends Challenge
  ? Omit<Kind, 'realm' | 'resourceMetadata' | 'dpopAlgorithms'>
  : never;

/** What a challenge says about one refusal. */
export type ChallengeContent = WithoutSettings<Challenge>;

/**
 * Formats the value of `WWW-Authenticate` (RFC 9110 §11.6.1). Every parameter is a quoted string.
 *
 * Not checked: whether a value is valid for its parameter.
 *
 * @throws {TypeError} if a value has a character that is not allowed in a header
 */
export function buildChallenge(challenge: Challenge): string {
  const { scheme } = challenge;
  if (typeof scheme === 'string') return challengeFor(scheme, challenge);
  return scheme.map((one) => challengeFor(one, challenge)).join(', ');
}

function challengeFor(scheme: AuthScheme, challenge: Challenge): string {
  return [
    `${scheme} realm=${quote('realm', challenge.realm)}`,
    parameter('error', challenge.error),
    parameter('error_description', challenge.error && challenge.errorDescription),
    parameter('scope', challenge.scope),
    parameter('acr_values', challenge.acrValues?.join(' ')),
    parameter('max_age', challenge.maxAge?.toString()),
    parameter('algs', scheme === 'DPoP' ? challenge.dpopAlgorithms?.join(' ') : undefined),
    parameter('resource_metadata', challenge.resourceMetadata),
  ].join('');
}

function parameter(name: string, value: string | undefined): string {
  return value === undefined ? '' : `, ${name}=${quote(name, value)}`;
}

/** A `quoted-string` (RFC 9110 §5.6.4) in ASCII. */
function quote(name: string, value: string): string {
  if (!/^[\t\x20-\x7E]*$/.test(value)) {
    throw new TypeError(`The ${name} of a challenge must be printable ASCII.`);
  }
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}
