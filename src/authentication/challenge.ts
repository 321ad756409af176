import type { AuthScheme, ChallengeError } from './auth-error.ts';

interface ChallengeParameters {
  /** Names the protected space to people (RFC 9110 §11.5). */
  readonly realm: string;
  /** The URL of this API's metadata (RFC 9728 §5.1). */
  readonly resourceMetadata?: string;
  /** The scopes that would do, space-delimited (RFC 6750 §3). */
  readonly scope?: string;
  /** The authentication context classes of which one would do (RFC 9470 §3). */
  readonly acrValues?: readonly string[];
  /** Seconds for which an authentication of the user is recent enough (RFC 9470 §3). */
  readonly maxAge?: number;
  /** The algorithms accepted in DPoP proofs (RFC 9449 §7.1). Goes with the scheme DPoP only. */
  readonly dpopAlgorithms?: readonly string[];
}

/** Which credentials would do, where there were none: one scheme, or several to choose from. */
export interface Invitation extends ChallengeParameters {
  readonly scheme: AuthScheme | readonly AuthScheme[];
  readonly error?: undefined;
}

/** Why the credentials will not do. It stands alone and names the scheme that was used. */
export interface Complaint extends ChallengeParameters {
  readonly scheme: AuthScheme;
  readonly error: ChallengeError;
  /** A plain sentence. RFC 6750 §3 allows neither quote nor backslash in it. */
  readonly errorDescription?: string;
}

export type Challenge = Invitation | Complaint;

/**
 * Writes the value of `WWW-Authenticate` (RFC 9110 §11.6.1). Every parameter is a quoted string.
 *
 * Not checked: whether the values are what the standards allow beyond what a header can carry.
 *
 * @throws {TypeError} where a value holds a character that no header can carry
 */
export function buildChallenge(challenge: Challenge): string {
  const schemes: readonly AuthScheme[] =
    typeof challenge.scheme === 'string' ? [challenge.scheme] : challenge.scheme;
  return schemes
    .map((scheme) => {
      const parameters = Object.entries(parametersFor(scheme, challenge)).flatMap(
        ([name, value]) => (value === undefined ? [] : [`${name}=${quote(name, value)}`]),
      );
      return `${scheme} ${parameters.join(', ')}`;
    })
    .join(', ');
}

const parametersFor = (scheme: AuthScheme, challenge: Challenge) => ({
  realm: challenge.realm,
  error: challenge.error,
  error_description: challenge.error === undefined ? undefined : challenge.errorDescription,
  scope: challenge.scope,
  acr_values: challenge.acrValues?.join(' '),
  max_age: challenge.maxAge?.toString(),
  algs: scheme === 'DPoP' ? challenge.dpopAlgorithms?.join(' ') : undefined,
  resource_metadata: challenge.resourceMetadata,
});

/** `quoted-string` of RFC 9110 §5.6.4, in ASCII. */
function quote(name: string, value: string): string {
  if (!/^[\t\x20-\x7E]*$/.test(value)) {
    throw new TypeError(`The ${name} of a challenge must be printable ASCII.`);
  }
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}
