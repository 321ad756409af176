/**
 * The signature algorithms that can be accepted (RFC 7518 §3, RFC 8037, RFC 9864). All have a
 * private and a public half: an algorithm with a shared secret would let whoever can verify a token
 * also make one.
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

const known: ReadonlySet<unknown> = new Set(signatureAlgorithms);

/** Whether a value names one of them, exactly as registered. */
export const isSignatureAlgorithm = (value: unknown): value is SignatureAlgorithm =>
  known.has(value);
