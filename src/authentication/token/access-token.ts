import type { JsonObject } from '../../shared/type-guards.ts';
import { AuthError } from '../auth-error.ts';
import type { IssuerKeys } from '../issuer/issuer-keys.ts';
import { verifySignature } from '../issuer/verification-keys.ts';
import { isAcceptedType } from './access-token-profile.ts';
import {
  type CheckedClaims,
  type ClaimSettings,
  type Confirmation,
  checkClaims,
  readConfirmation,
} from './claims.ts';
import { readCompactJws, requiresExtension } from './compact-jws.ts';
import { getOwn } from './json.ts';
import { isSignatureAlgorithm, type SignatureAlgorithm } from './public-key.ts';

/** A verified access token. */
export interface AccessToken extends CheckedClaims {
  readonly issuer: string;
  readonly claims: JsonObject;
  readonly confirmation: Confirmation;
}

/** What an access token is verified against. */
export interface AccessTokenSettings extends ClaimSettings {
  /** The trusted issuers and their keys. */
  readonly issuers: ReadonlyMap<string, IssuerKeys>;
  readonly algorithms: ReadonlySet<SignatureAlgorithm>;
}

/**
 * Verifies an access token (RFC 9068 §4, RFC 8725). Only `iss`, which selects the keys, is read
 * before the signature is verified.
 *
 * @throws {AuthError} a reason that begins with `token_`, or `keys_unavailable`
 */
export async function verifyAccessToken(
  token: string,
  settings: AccessTokenSettings,
): Promise<AccessToken> {
  const jws = readCompactJws(token);
  if (jws.kind === 'malformed') throw new AuthError(`token_${jws.problem}`);
  const { header, payload: claims } = jws;
  const { algorithm, keyId } = checkHeader(header, settings);
  const [issuer, issuerKeys] = findIssuer(claims, settings.issuers);
  await verifyWith(issuerKeys, token, algorithm, keyId);
  const checked = checkClaims(claims, settings);
  return { ...checked, issuer, claims, confirmation: readConfirmation(claims) };
}

interface AccessTokenHeader {
  readonly algorithm: SignatureAlgorithm;
  readonly keyId?: string;
}

/**
 * Checks the header before looking for a key (RFC 7515 §4, RFC 8725 §3.1 and §3.11).
 *
 * Ignored: `jwk`, `jku`, `x5u`, `x5c` and `cty`. A token never brings its own key.
 */
function checkHeader(
  header: JsonObject,
  { algorithms, profile }: AccessTokenSettings,
): AccessTokenHeader {
  const algorithm = getOwn(header, 'alg');
  if (!isSignatureAlgorithm(algorithm) || !algorithms.has(algorithm) || requiresExtension(header)) {
    throw new AuthError('token_algorithm');
  }
  if (!isAcceptedType(getOwn(header, 'typ'), profile)) throw new AuthError('token_type');

  const keyId = getOwn(header, 'kid');
  if (keyId === undefined) return { algorithm };
  if (typeof keyId !== 'string') throw new AuthError('token_signature');
  return { algorithm, keyId };
}

function findIssuer(
  claims: JsonObject,
  issuers: ReadonlyMap<string, IssuerKeys>,
): readonly [string, IssuerKeys] {
  const issuer = getOwn(claims, 'iss');
  const keys = typeof issuer === 'string' ? issuers.get(issuer) : undefined;
  if (typeof issuer !== 'string' || keys === undefined) throw new AuthError('token_issuer');
  return [issuer, keys];
}

/** Tries the current keys and, if the signature does not verify, newer ones. */
async function verifyWith(
  issuerKeys: IssuerKeys,
  token: string,
  algorithm: SignatureAlgorithm,
  keyId: string | undefined,
): Promise<void> {
  const keys = await issuerKeys.getKeys(keyId);
  if (await verifySignature(token, algorithm, keys)) return;
  const newer = await issuerKeys.getNewerKeys(keys);
  if (newer !== undefined && (await verifySignature(token, algorithm, newer))) return;
  throw new AuthError('token_signature');
}
