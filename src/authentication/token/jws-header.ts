import { AuthError } from '../auth-error.ts';
import { type AccessTokenProfile, isTypeOfProfile } from './access-token-profile.ts';
import { type JsonObject, ownMember } from './json-object.ts';
import { isSignatureAlgorithm, type SignatureAlgorithm } from './signature-algorithm.ts';

/** What of a token's header counts. Keys and addresses of keys in it never do. */
export interface AccessTokenHeader {
  readonly algorithm: SignatureAlgorithm;
  readonly keyId?: string;
}

/** What is accepted in a header. */
export interface HeaderRules {
  readonly algorithms: ReadonlySet<SignatureAlgorithm>;
  readonly profile: AccessTokenProfile;
}

/**
 * Checks a token's header before any key is looked for (RFC 7515 §4, RFC 8725 §3.1 and §3.11).
 *
 * Not looked at: `jwk`, `jku`, `x5u`, `x5c` and `cty`.
 *
 * @throws {AuthError} `token_algorithm`, `token_type`, `token_signature`
 */
export function checkHeader(header: JsonObject, rules: HeaderRules): AccessTokenHeader {
  const algorithm = ownMember(header, 'alg');
  if (!isSignatureAlgorithm(algorithm) || !rules.algorithms.has(algorithm)) {
    throw new AuthError('token_algorithm');
  }
  // No extension is understood here, and the one that concerns the payload may not be used in a
  // JWT at all (RFC 7797 §7).
  if (Object.hasOwn(header, 'crit') || (Object.hasOwn(header, 'b64') && header.b64 !== true)) {
    throw new AuthError('token_algorithm');
  }
  if (!isTypeOfProfile(ownMember(header, 'typ'), rules.profile)) throw new AuthError('token_type');

  const keyId = ownMember(header, 'kid');
  if (keyId === undefined) return { algorithm };
  if (typeof keyId !== 'string') throw new AuthError('token_signature');
  return { algorithm, keyId };
}
