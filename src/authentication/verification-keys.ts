import { createLocalJWKSet, importJWK, type JWK, type LocalJWKSet } from 'jose';
import { isJsonObject, type JsonObject, ownMember } from './json-object.ts';
import { isSignatureAlgorithm, type SignatureAlgorithm } from './signature-algorithm.ts';

/** The keys of one issuer that may verify a signature. */
export interface VerificationKeys {
  /** The identifiers (`kid`) of the keys. Keys without one are kept, and not in here. */
  readonly ids: ReadonlySet<string>;
  /** Finds the key that a header asks for. */
  readonly resolve: LocalJWKSet;
}

/**
 * Picks the usable keys out of a JWK Set (RFC 7517 §5): public keys for signatures, of a kind that
 * one of the algorithms can use, strong enough. The rest is left out, as §5 asks.
 *
 * @throws {Error} where none remains: an empty set is a fault of the issuer, not news
 */
export async function importKeys(
  document: unknown,
  algorithms: ReadonlySet<SignatureAlgorithm>,
): Promise<VerificationKeys> {
  const list = isJsonObject(document) ? ownMember(document, 'keys') : undefined;
  if (!Array.isArray(list)) throw new Error('The key set has no member keys that is a list.');
  const usable = await Promise.all(list.map((key: unknown) => importKey(key, algorithms)));
  const keys = usable.filter((key) => key !== undefined);
  if (keys.length === 0) throw new Error('The key set has no key that can be used.');
  return {
    ids: new Set(keys.map((key) => key.kid).filter((id) => id !== undefined)),
    resolve: createLocalJWKSet({ keys }),
  };
}

async function importKey(
  key: unknown,
  algorithms: ReadonlySet<SignatureAlgorithm>,
): Promise<JWK | undefined> {
  if (!isJsonObject(key) || !isForSignatures(key)) return undefined;
  const { alg, kid } = key;
  if (alg !== undefined && !isSignatureAlgorithm(alg)) return undefined;
  if (kid !== undefined && typeof kid !== 'string') return undefined;
  const material = publicMaterial(key);
  if (material === undefined) return undefined;

  const fitting = (alg === undefined ? material.algorithms : [alg]).find(
    (algorithm) => material.algorithms.includes(algorithm) && algorithms.has(algorithm),
  );
  if (fitting === undefined) return undefined;
  try {
    await importJWK(material.jwk, fitting);
  } catch {
    return undefined;
  }
  return {
    ...material.jwk,
    ...(kid === undefined ? {} : { kid }),
    ...(alg === undefined ? {} : { alg }),
  };
}

function isForSignatures({ use, key_ops: operations, d }: JsonObject): boolean {
  return (
    (use === undefined || use === 'sig') &&
    (operations === undefined || (Array.isArray(operations) && operations.includes('verify'))) &&
    // Whoever read the set can sign with a key whose private half is in it.
    d === undefined
  );
}

interface PublicMaterial {
  readonly jwk: JWK;
  /** The algorithms for which this kind of key can be used. */
  readonly algorithms: readonly SignatureAlgorithm[];
}

/** The members that make up a public key, without what else may stand beside them. */
function publicMaterial({ kty, crv, n, e, x, y }: JsonObject): PublicMaterial | undefined {
  if (kty === 'RSA' && typeof n === 'string' && typeof e === 'string' && isStrongRsa(n, e)) {
    const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const;
    return { jwk: { kty, n, e }, algorithms };
  }
  if (kty === 'EC' && typeof x === 'string' && typeof y === 'string') {
    if (crv === 'P-256') return { jwk: { kty, crv, x, y }, algorithms: ['ES256'] };
    if (crv === 'P-384') return { jwk: { kty, crv, x, y }, algorithms: ['ES384'] };
    if (crv === 'P-521') return { jwk: { kty, crv, x, y }, algorithms: ['ES512'] };
  }
  if (kty === 'OKP' && crv === 'Ed25519' && typeof x === 'string') {
    return { jwk: { kty, crv, x }, algorithms: ['EdDSA', 'Ed25519'] };
  }
  return undefined;
}

/**
 * At least 2048 bits (RFC 7518 §3.3) and an odd exponent of at least 3: with 1, anything is its own
 * signature.
 */
function isStrongRsa(modulus: string, exponent: string): boolean {
  const e = toInteger(exponent);
  return toInteger(modulus) >= 2n ** 2047n && e >= 3n && e % 2n === 1n;
}

const toInteger = (base64url: string): bigint =>
  BigInt(`0x0${Buffer.from(base64url, 'base64url').toString('hex')}`);
