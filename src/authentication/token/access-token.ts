import { AuthError } from '../auth-error.ts';
import type { IssuerKeys } from '../issuer/issuer-keys.ts';
import { type CheckedClaims, type ClaimRules, checkClaims } from './claims.ts';
import { readCompactJws } from './compact-jws.ts';
import { type Confirmation, readConfirmation } from './confirmation.ts';
import { type JsonObject, ownMember } from './json-object.ts';
import { checkHeader, type HeaderRules } from './jws-header.ts';
import type { SignatureAlgorithm } from './signature-algorithm.ts';
import { verifySignature } from './verify-signature.ts';

/** A verified access token. */
export interface AccessToken extends CheckedClaims {
  readonly issuer: string;
  readonly claims: JsonObject;
  readonly confirmation: Confirmation;
}

/** What an access token is held against. */
export interface AccessTokenRules extends HeaderRules, ClaimRules {
  /** The trusted issuers, each with its own keys. */
  readonly issuers: ReadonlyMap<string, IssuerKeys>;
}

/**
 * Verifies an access token (RFC 9068 §4, RFC 8725). What it claims is not believed before its
 * signature is verified, but for `iss`, which chooses the keys.
 *
 * @throws {AuthError} a reason that begins with `token_`, or `keys_unavailable`
 */
export async function verifyAccessToken(
  token: string,
  rules: AccessTokenRules,
): Promise<AccessToken> {
  const jws = readCompactJws(token);
  if (jws.kind === 'malformed') throw new AuthError(`token_${jws.fault}`);
  const { header, payload: claims } = jws;
  const { algorithm, keyId } = checkHeader(header, rules);
  const [issuer, issuerKeys] = findIssuer(claims, rules.issuers);
  await verifyWith(issuerKeys, token, algorithm, keyId);
  const checked = checkClaims(claims, rules);
  return { ...checked, issuer, claims, confirmation: readConfirmation(claims) };
}

/** With the keys that are held, and if it does not verify, once more with newer ones. */
async function verifyWith(
  issuerKeys: IssuerKeys,
  token: string,
  algorithm: SignatureAlgorithm,
  keyId: string | undefined,
): Promise<void> {
  const keys = await issuerKeys.keysFor(keyId);
  if (await verifySignature(token, algorithm, keys)) return;
  const newer = await issuerKeys.replacementFor(keys);
  if (newer !== undefined && (await verifySignature(token, algorithm, newer))) return;
  throw new AuthError('token_signature');
}

function findIssuer(
  claims: JsonObject,
  issuers: ReadonlyMap<string, IssuerKeys>,
): readonly [string, IssuerKeys] {
  const issuer = ownMember(claims, 'iss');
  const keys = typeof issuer === 'string' ? issuers.get(issuer) : undefined;
  if (typeof issuer !== 'string' || keys === undefined) throw new AuthError('token_issuer');
  return [issuer, keys];
}
