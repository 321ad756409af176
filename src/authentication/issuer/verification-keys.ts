import { createLocalJWKSet, importJWK, type JWK, type LocalJWKSet } from 'jose';
import { isJsonObject, type JsonObject, ownMember } from '../token/json-object.ts';
import { isSignatureAlgorithm, type SignatureAlgorithm } from '../token/signature-algorithm.ts';
import { publicMaterial } from './public-key.ts';

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
