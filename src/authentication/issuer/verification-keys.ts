import {
  compactVerify,
  createLocalJWKSet,
  errors,
  importJWK,
  type JWK,
  type LocalJWKSet,
} from 'jose';
import { isJsonObject, type JsonObject } from '../../shared/type-guards.ts';
import { getOwn } from '../token/json.ts';
import {
  isSignatureAlgorithm,
  readPublicKey,
  type SignatureAlgorithm,
} from '../token/public-key.ts';

/** The usable keys of one issuer. */
export interface VerificationKeys {
  /** The key IDs (`kid`). Keys without one are usable too, but not listed here. */
  readonly ids: ReadonlySet<string>;
  /** Selects the key for a JWS header. */
  readonly resolve: LocalJWKSet;
}

/**
 * Imports the usable keys of a JWK Set: public signature keys that fit one of the algorithms and are
 * strong enough. Others are ignored, as RFC 7517 §5 recommends.
 *
 * @throws {Error} if no key is usable: an empty set is an error of the issuer, not a rotation
 */
export async function importKeys(
  document: unknown,
  algorithms: ReadonlySet<SignatureAlgorithm>,
): Promise<VerificationKeys> {
  const list = isJsonObject(document) ? getOwn(document, 'keys') : undefined;
  if (!Array.isArray(list)) throw new Error('The key set has no array "keys".');
  const imported = await Promise.all(list.map((key: unknown) => importKey(key, algorithms)));
  const keys = imported.filter((key) => key !== undefined);
  if (keys.length === 0) throw new Error('The key set has no usable key.');
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
  const publicKey = readPublicKey(key);
  if (publicKey === undefined) return undefined;

  const algorithm = (alg === undefined ? publicKey.algorithms : [alg]).find(
    (name) => publicKey.algorithms.includes(name) && algorithms.has(name),
  );
  if (algorithm === undefined) return undefined;
  try {
    await importJWK(publicKey.jwk, algorithm);
  } catch {
    return undefined;
  }
  return {
    ...publicKey.jwk,
    ...(kid === undefined ? {} : { kid }),
    ...(alg === undefined ? {} : { alg }),
  };
}

function isForSignatures({ use, key_ops: operations, d }: JsonObject): boolean {
  return (
    (use === undefined || use === 'sig') &&
    (operations === undefined || (Array.isArray(operations) && operations.includes('verify'))) &&
    // A published private key lets anyone sign.
    d === undefined
  );
}

/**
 * Whether the signature of a compact JWS verifies with one of the keys (RFC 7515 §5.2). If its header
 * has no `kid`, every key that fits the algorithm is tried.
 */
export async function verifySignature(
  jws: string,
  algorithm: SignatureAlgorithm,
  keys: VerificationKeys,
): Promise<boolean> {
  const options = { algorithms: [algorithm] };
  try {
    await compactVerify(jws, keys.resolve, options);
    return true;
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) {
      for await (const key of error) {
        if (await verifies(() => compactVerify(jws, key, options))) return true;
      }
      return false;
    }
    return falseIfJoseError(error);
  }
}

async function verifies(verification: () => Promise<unknown>): Promise<boolean> {
  try {
    await verification();
    return true;
  } catch (error) {
    return falseIfJoseError(error);
  }
}

/**
 * jose's own errors mean that the signature does not verify.
 *
 * @throws any other error
 */
function falseIfJoseError(error: unknown): false {
  if (error instanceof errors.JOSEError) return false;
  throw error;
}
