import type { SignatureAlgorithm } from '../token/signature-algorithm.ts';

/**
 * The signature algorithms of DPoP proofs, accepted and advertised alike (RFC 9449 §7.1). `EdDSA`
 * and `Ed25519` are the two registered names of one algorithm (RFC 8037, RFC 9864), with the curve
 * Ed25519 only.
 */
export const dpopAlgorithms = [
  'ES256',
  'ES384',
  'EdDSA',
  'Ed25519',
  'PS256',
  'RS256',
] as const satisfies readonly SignatureAlgorithm[];

/** The `alg` of a DPoP proof. */
export type DpopAlgorithm = (typeof dpopAlgorithms)[number];

const known: ReadonlySet<unknown> = new Set(dpopAlgorithms);

/** Whether a value names one of them, exactly as registered. */
export const isDpopAlgorithm = (value: unknown): value is DpopAlgorithm => known.has(value);
