import type { KeyObject, SigningOptions, verify } from 'node:crypto';
import { compactVerify, errors, importJWK } from 'jose';
import { nodeBuffer, nodeSignatures } from '../../shared/node-modules.ts';
import type { CompactJws } from './compact-jws.ts';
import type { PublicKeyInfo, SignatureAlgorithm } from './public-key.ts';

/** A public key, imported once to verify many signatures. */
export interface VerificationKey extends PublicKeyInfo {
  /** The key for `node:crypto`. Undefined if the runtime cannot use it there; then, jose verifies. */
  readonly native: NativeKey | undefined;
}

interface NativeKey {
  readonly key: KeyObject;
  /** That of `node:crypto`. */
  readonly verify: typeof verify;
  /** Whether handing a signature to the thread pool would take longer than verifying it. */
  readonly isQuick: boolean;
}

/**
 * Imports a public key with jose, which checks it.
 *
 * @param algorithm one of the key's own
 * @throws if the key is not valid, such as a point that is not on its curve
 */
export async function importVerificationKey(
  { jwk, algorithms }: PublicKeyInfo,
  algorithm: SignatureAlgorithm,
): Promise<VerificationKey> {
  return { jwk, algorithms, native: toNativeKey(await importJWK(jwk, algorithm)) };
}

/** Converts what jose has imported, so that both verify with the same key. */
function toNativeKey(imported: Awaited<ReturnType<typeof importJWK>>): NativeKey | undefined {
  if (nodeSignatures === undefined || imported instanceof Uint8Array) return undefined;
  try {
    const key = nodeSignatures.KeyObject.from(imported);
    return { key, verify: nodeSignatures.verify, isQuick: isQuick(key) };
  } catch {
    return undefined;
  }
}

/** At most about 0.1 ms. Clients choose the keys of DPoP proofs, so a large exponent is not quick. */
function isQuick({ asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject): boolean {
  const { namedCurve, modulusLength, publicExponent } = asymmetricKeyDetails;
  switch (asymmetricKeyType) {
    case 'rsa':
      return (
        modulusLength !== undefined &&
        modulusLength <= 4096 &&
        publicExponent !== undefined &&
        publicExponent <= 65_537n
      );
    case 'ec':
      return namedCurve === 'prime256v1';
    default:
      return asymmetricKeyType === 'ed25519';
  }
}

interface VerificationParameters {
  /** Null if the algorithm has its own. */
  readonly hash: string | null;
  readonly options: SigningOptions;
}

const pkcs1 = (bits: number): VerificationParameters => ({ hash: `sha${bits}`, options: {} });

/** `RSA_PKCS1_PSS_PADDING` among the constants of `node:crypto`. */
const pssPadding = 6;

/** The salt must be as long as the hash (RFC 7518 §3.5). */
const pss = (bits: number): VerificationParameters => ({
  hash: `sha${bits}`,
  options: { padding: pssPadding, saltLength: bits / 8 },
});

/** The signature is `r` and `s`, not DER (RFC 7518 §3.4). */
const ecdsa = (bits: number): VerificationParameters => ({
  hash: `sha${bits}`,
  options: { dsaEncoding: 'ieee-p1363' },
});

const edwards: VerificationParameters = { hash: null, options: {} };

const parametersOf: Readonly<Record<SignatureAlgorithm, VerificationParameters>> = {
  RS256: pkcs1(256),
  RS384: pkcs1(384),
  RS512: pkcs1(512),
  PS256: pss(256),
  PS384: pss(384),
  PS512: pss(512),
  ES256: ecdsa(256),
  ES384: ecdsa(384),
  ES512: ecdsa(512),
  EdDSA: edwards,
  Ed25519: edwards,
};

/**
 * Whether the signature of a JWS verifies with a key (RFC 7515 §5.2): synchronously if that is quick,
 * in the thread pool otherwise, and with jose if the runtime cannot do either. All three agree.
 *
 * Not checked: whether the header has this algorithm.
 *
 * @throws what jose throws, other than its own errors
 */
export function verifySignature(
  jws: CompactJws,
  algorithm: SignatureAlgorithm,
  key: VerificationKey,
): boolean | Promise<boolean> {
  const { native, algorithms } = key;
  // `node:crypto` would verify ES256 with a key on any curve.
  if (!algorithms.includes(algorithm)) return false;
  if (native === undefined) return verifyWithJose(jws, algorithm, key);
  if (!native.isQuick) return verifyInThreadPool(jws, algorithm, key, native);
  const { hash, options } = parametersOf[algorithm];
  try {
    return native.verify(hash, signedBytes(jws), { key: native.key, ...options }, jws.signature);
  } catch {
    return verifyWithJose(jws, algorithm, key);
  }
}

async function verifyInThreadPool(
  jws: CompactJws,
  algorithm: SignatureAlgorithm,
  key: VerificationKey,
  native: NativeKey,
): Promise<boolean> {
  const { hash, options } = parametersOf[algorithm];
  try {
    return await new Promise<boolean>((resolve, reject) => {
      const input = { key: native.key, ...options };
      native.verify(hash, signedBytes(jws), input, jws.signature, (error, isValid) =>
        error === null ? resolve(isValid) : reject(error),
      );
    });
  } catch {
    return verifyWithJose(jws, algorithm, key);
  }
}

/** What is signed (RFC 7515 §5.1): the text before the signature. */
function signedBytes({ text }: CompactJws): Uint8Array {
  const signed = text.slice(0, text.lastIndexOf('.'));
  return nodeBuffer?.from(signed, 'latin1') ?? new TextEncoder().encode(signed);
}

/** The same with WebCrypto, for every runtime. */
export async function verifyWithJose(
  { text }: CompactJws,
  algorithm: SignatureAlgorithm,
  { jwk }: VerificationKey,
): Promise<boolean> {
  try {
    await compactVerify(text, jwk, { algorithms: [algorithm] });
    return true;
  } catch (error) {
    // Its own errors mean that the signature does not verify.
    if (error instanceof errors.JOSEError) return false;
    throw error;
  }
}
