import { createHash, randomUUID } from 'node:crypto';
import { encodeJws, type TestIssuer, type TestKey, type TokenPart } from './tokens.ts';

/** The public half of a key, as a proof carries it: what it is found by in key sets left out. */
export function publicJwk({ jwk }: TestKey): Record<string, unknown> {
  const { kid: _kid, use: _use, alg: _alg, ...members } = jwk;
  return members;
}

/** The members that make a key what it is, in their order (RFC 7638 §3.2). */
const thumbprintMembers: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
};

/** A key's thumbprint (RFC 7638), made without the library that is under test. */
export function thumbprintOf(key: TestKey): string {
  const members = thumbprintMembers[String(key.jwk['kty'])] ?? [];
  const text = JSON.stringify(Object.fromEntries(members.map((name) => [name, key.jwk[name]])));
  return createHash('sha256').update(text).digest('base64url');
}

/** A token of the issuer that is bound to the key. */
export const boundToken = (
  issuer: TestIssuer,
  key: TestKey,
  claims: Readonly<Record<string, unknown>> = {},
): string => issuer.sign({ claims: { cnf: { jkt: thumbprintOf(key) }, ...claims } });

/** What a proof is for, and what differs from a valid one. */
export interface ProofOptions {
  readonly key: TestKey;
  /** The access token that goes with it. */
  readonly token: string;
  readonly clock: { readonly seconds: () => number };
  /** Default `POST`. */
  readonly method?: string;
  /** The URL of the request. */
  readonly url: string;
  /** A member set to `undefined` is left out. */
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  /** The whole payload, well-formed or not. */
  readonly payload?: TokenPart;
  /** Signs in the place of the key. */
  readonly signer?: TestKey | ((bytes: Buffer) => Uint8Array);
}

/** A DPoP proof that is valid but for what the options change. */
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
