import { isJsonObject, type JsonObject } from '../../shared/type-guards.ts';
import { getOwn } from '../token/json.ts';
import {
  hasPrivateMember,
  isSignatureAlgorithm,
  readPublicKey,
  type SignatureAlgorithm,
} from '../token/public-key.ts';
import { importVerificationKey, type VerificationKey } from '../token/signature.ts';

/** The usable keys of one issuer. */
export interface VerificationKeys {
  /** The key IDs (`kid`). Keys without one are usable too, but not listed here. */
  readonly ids: ReadonlySet<string>;
  /** All keys, by their fingerprints. */
  readonly all: ReadonlyMap<string, IssuerKey>;
  /** The first 20 keys that fit the header of a token. If it has no `kid`, these can be several. */
  find(algorithm: SignatureAlgorithm, keyId: string | undefined): readonly IssuerKey[];
}

/** One key of an issuer, for the tokens that fit it. */
export interface IssuerKey extends VerificationKey {
  readonly id: string | undefined;
  /** The same only for the same key with the same ID and algorithms. */
  readonly fingerprint: string;
}

/** Keys that fit one token. A key set can have thousands, and each is tried until one verifies it. */
const maxCandidates = 20;

/**
 * Imports the usable keys of a JWK Set: public signature keys that fit one of the algorithms and are
 * strong enough. Others are ignored, as RFC 7517 §5 recommends.
 *
 * @param previous the keys before, which are not imported again
 * @throws {Error} if no key is usable: an empty set is an error of the issuer, not a rotation
 */
export async function importKeys(
  document: unknown,
  algorithms: ReadonlySet<SignatureAlgorithm>,
  previous?: VerificationKeys,
): Promise<VerificationKeys> {
  const list = isJsonObject(document) ? getOwn(document, 'keys') : undefined;
  if (!Array.isArray(list)) throw new Error('The key set has no array "keys".');
  const imported = await Promise.all(
    list.map(async (member: unknown) => {
      const key = readKey(member, algorithms);
      return key && (previous?.all.get(key.fingerprint) ?? (await importKey(key)));
    }),
  );
  const keys = imported.filter((key) => key !== undefined);
  if (keys.length === 0) throw new Error('The key set has no usable key.');
  return {
    ids: new Set(keys.map(({ id }) => id).filter((id) => id !== undefined)),
    all: new Map(keys.map((key) => [key.fingerprint, key])),
    find: (algorithm, keyId) =>
      keys
        .filter(
          (key) => (keyId === undefined || key.id === keyId) && key.algorithms.includes(algorithm),
        )
        .slice(0, maxCandidates),
  };
}

/**
 * Whether a JWK Set has a key that `importKeys` would try to import.
 *
 * Not checked: whether the point of a key is on its curve.
 */
export function hasUsableKey(
  document: unknown,
  algorithms: ReadonlySet<SignatureAlgorithm>,
): boolean {
  const list = isJsonObject(document) ? getOwn(document, 'keys') : undefined;
  return Array.isArray(list) && list.some((member) => readKey(member, algorithms) !== undefined);
}

interface UnimportedKey extends Omit<IssuerKey, 'native'> {
  /** One of its algorithms that is accepted. */
  readonly algorithm: SignatureAlgorithm;
}

function readKey(
  member: unknown,
  accepted: ReadonlySet<SignatureAlgorithm>,
): UnimportedKey | undefined {
  if (!isJsonObject(member) || !isForSignatures(member)) return undefined;
  const { alg, kid: id } = member;
  if (alg !== undefined && !isSignatureAlgorithm(alg)) return undefined;
  if (id !== undefined && typeof id !== 'string') return undefined;
  const publicKey = readPublicKey(member);
  if (publicKey === undefined) return undefined;

  const { jwk } = publicKey;
  const algorithms = publicKey.algorithms.filter((name) => alg === undefined || name === alg);
  const algorithm = algorithms.find((name) => accepted.has(name));
  if (algorithm === undefined) return undefined;
  return { id, jwk, algorithms, algorithm, fingerprint: JSON.stringify([id, algorithms, jwk]) };
}

async function importKey(key: UnimportedKey): Promise<IssuerKey | undefined> {
  const { id, fingerprint, algorithm } = key;
  try {
    return { id, fingerprint, ...(await importVerificationKey(key, algorithm)) };
  } catch {
    return undefined;
  }
}

function isForSignatures(jwk: JsonObject): boolean {
  const { use, key_ops: operations } = jwk;
  return (
    (use === undefined || use === 'sig') &&
    (operations === undefined || (Array.isArray(operations) && operations.includes('verify'))) &&
    // A published private key, or one prime of it, lets anyone sign.
    !hasPrivateMember(jwk)
  );
}
