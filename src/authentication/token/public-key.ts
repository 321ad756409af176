import type { JWK } from 'jose';
import { decodeBase64url, decodeCanonicalBase64url } from '../../shared/base64url.ts';
import type { JsonObject } from '../../shared/type-guards.ts';

/**
 * The supported signature algorithms (RFC 7518 §3, RFC 8037, RFC 9864). All of them are asymmetric:
 * with a shared secret, every API that can verify a token could also issue one.
 */
export const signatureAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

/** The `alg` of a signed access token. */
export type SignatureAlgorithm = (typeof signatureAlgorithms)[number];

const supported: ReadonlySet<unknown> = new Set(signatureAlgorithms);

/** Whether a value is the registered name of a supported algorithm. Case-sensitive. */
export const isSignatureAlgorithm = (value: unknown): value is SignatureAlgorithm =>
  supported.has(value);

/** A public key and its algorithms. */
export interface PublicKeyInfo {
  /** Has the members of the public key only. */
  readonly jwk: JWK;
  /** The algorithms that this type of key can be used with. */
  readonly algorithms: readonly SignatureAlgorithm[];
}

/** Members that only private and symmetric keys have (RFC 7518 §6). */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** Whether a key has a secret member, with which anyone can sign. */
export const hasPrivateMember = (jwk: JsonObject): boolean =>
  privateMembers.some((name) => Object.hasOwn(jwk, name) && jwk[name] !== undefined);

/**
 * Picks the members of a public key (RFC 7518 §6, RFC 8037 §2) and drops all others. A coordinate must
 * have its full length (RFC 7518 §6.2.1.2): one key written in two ways would have two thumbprints.
 *
 * Not checked: whether a point is on its curve. Importing the key checks that.
 *
 * @returns undefined if the type of key is not supported, or the key is too weak
 */
export function readPublicKey({ kty, crv, n, e, x, y }: JsonObject): PublicKeyInfo | undefined {
  if (kty === 'RSA' && typeof n === 'string' && typeof e === 'string' && isStrongRsa(n, e)) {
    const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const;
    return { jwk: { kty, n, e }, algorithms };
  }
  if (kty === 'EC' && typeof x === 'string' && typeof y === 'string') {
    const fits = (bytes: number): boolean => hasLength(x, bytes) && hasLength(y, bytes);
    if (crv === 'P-256' && fits(32)) return { jwk: { kty, crv, x, y }, algorithms: ['ES256'] };
    if (crv === 'P-384' && fits(48)) return { jwk: { kty, crv, x, y }, algorithms: ['ES384'] };
    if (crv === 'P-521' && fits(66)) return { jwk: { kty, crv, x, y }, algorithms: ['ES512'] };
  }
  if (kty === 'OKP' && crv === 'Ed25519' && typeof x === 'string' && hasLength(x, 32)) {
    return { jwk: { kty, crv, x }, algorithms: ['EdDSA', 'Ed25519'] };
  }
  return undefined;
}

const hasLength = (coordinate: string, bytes: number): boolean =>
  decodeCanonicalBase64url(coordinate)?.length === bytes;

/**
 * 2048 bits (RFC 7518 §3.3) to 8192 bits, and an odd exponent of at least 3: with an exponent of 1,
 * every message is its own signature. The upper limits bound the cost of keys that clients choose.
 */
function isStrongRsa(modulus: string, exponent: string): boolean {
  const [n, e] = [decodeInteger(modulus), decodeInteger(exponent)];
  const [modulusBits, exponentBits] = [bitLength(n), bitLength(e)];
  const isOdd = (e.at(-1) ?? 0) % 2 === 1;
  return (
    modulusBits >= 2048 && modulusBits <= 8192 && exponentBits >= 2 && exponentBits <= 32 && isOdd
  );
}

/** Big-endian, without leading zeros. Empty, which is zero, if it is not base64url. */
function decodeInteger(base64url: string): Uint8Array {
  const bytes = decodeBase64url(base64url) ?? new Uint8Array();
  const first = bytes.findIndex((byte) => byte !== 0);
  return first === -1 ? new Uint8Array() : bytes.subarray(first);
}

const bitLength = (integer: Uint8Array): number =>
  8 * integer.length - (integer[0] === undefined ? 0 : Math.clz32(integer[0]) - 24);
