import type { JWK } from 'jose';
import type { JsonObject } from '../token/json-object.ts';
import type { SignatureAlgorithm } from '../token/signature-algorithm.ts';

/** A public key, and what it can be used for. */
export interface PublicMaterial {
  readonly jwk: JWK;
  /** The algorithms for which this kind of key can be used. */
  readonly algorithms: readonly SignatureAlgorithm[];
}

/**
 * The members that make up a public key (RFC 7518 §6, RFC 8037 §2), without what else may stand
 * beside them. Undefined where the key is of no kind that is used here, or too weak.
 *
 * Not checked: whether a point lies on its curve. Importing the key shows that.
 */
export function publicMaterial({ kty, crv, n, e, x, y }: JsonObject): PublicMaterial | undefined {
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
 * From 2048 bits (RFC 7518 §3.3) to 8192, and an odd exponent of at least 3: with 1, anything is its
 * own signature. The upper limits keep strangers' keys from costing more than ordinary ones.
 */
function isStrongRsa(modulus: string, exponent: string): boolean {
  const [n, e] = [toInteger(modulus), toInteger(exponent)];
  return n >= 2n ** 2047n && n < 2n ** 8192n && e >= 3n && e < 2n ** 32n && e % 2n === 1n;
}

const toInteger = (base64url: string): bigint =>
  BigInt(`0x0${Buffer.from(base64url, 'base64url').toString('hex')}`);
