import { createHash, randomUUID } from 'node:crypto';
import { encodeJws, type TestIssuer, type TestKey, type TokenPart } from './tokens.ts';

/** The public key in the header of a proof, without the members that only key sets need. */
export function publicJwk({ jwk }: TestKey): Record<string, unknown> {
  const { kid: _kid, use: _use, alg: _alg, ...members } = jwk;
  return members;
}

/** The members that a thumbprint is computed from, in order (RFC 7638 §3.2). */
const thumbprintMembers: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
};

/** A key's thumbprint (RFC 7638), computed independently of the code under test. */
export function thumbprintOf(key: TestKey): string {
  const members = thumbprintMembers[String(key.jwk['kty'])] ?? [];
  const text = JSON.stringify(Object.fromEntries(members.map((name) => [name, key.jwk[name]])));
  return createHash('sha256').update(text).digest('base64url');
}

/** A token that is bound to the key. */
export const boundToken = (
  issuer: TestIssuer,
  key: TestKey,
  claims: Readonly<Record<string, unknown>> = {},
): string => issuer.sign({ claims: { cnf: { jkt: thumbprintOf(key) }, ...claims } });

/** The request that a proof is for, and deviations from a valid proof. */
export interface ProofOptions {
  readonly key: TestKey;
  /** The access token that is sent with it. */
  readonly token: string;
  readonly clock: { readonly seconds: () => number };
  /** Default `POST`. */
  readonly method?: string;
  /** The URL of the request. */
  readonly url: string;
  /** A member set to `undefined` is left out. */
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Replaces the payload, which need not be well-formed. */
  readonly payload?: TokenPart;
  /** Signs instead of the key. */
  readonly signer?: TestKey | ((bytes: Buffer) => Uint8Array);
}

/** Creates a DPoP proof that is valid except for the options. */
export function createProof(options: ProofOptions): string {
  const { key, token, clock, method = 'POST', url, header, claims, payload, signer } = options;
  return encodeJws(
    { typ: 'dpop+jwt', alg: key.algorithm, jwk: publicJwk(key), ...header },
    payload ?? {
      jti: randomUUID(),
      htm: method,
      htu: url,
      iat: clock.seconds(),
      ath: createHash('sha256').update(token).digest('base64url'),
      ...claims,
    },
    signer ?? key,
  );
}
