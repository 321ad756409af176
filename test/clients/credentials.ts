import * as dpop from 'dpop';
import type { TestIssuer, TokenOverrides } from '../support/tokens.ts';

/** The headers that authorize one request; none for an anonymous one. */
export type Credentials = (
  method: string,
  url: string,
  nonce?: string,
) => Promise<Readonly<Record<string, string>>>;

export const anonymous: Credentials = async () => ({});

const bearer =
  (token: string): Credentials =>
  async () => ({ authorization: `Bearer ${token}` });

/** Credentials of a scheme, with a token that is valid but for the claims. */
export type Scheme = (
  issuer: TestIssuer,
  claims?: TokenOverrides['claims'],
) => Promise<Credentials>;

export const withBearer: Scheme = async (issuer, claims = {}) => bearer(issuer.sign({ claims }));

/** A token that is bound to a new key, and a new proof of that key for each request. */
export const withDpop: Scheme = async (issuer, claims = {}) => {
  const keyPair = await dpop.generateKeyPair('ES256');
  const jkt = await dpop.calculateThumbprint(keyPair.publicKey);
  const token = issuer.sign({ claims: { cnf: { jkt }, ...claims } });
  return async (method, url, nonce) => {
    const { origin, pathname } = new URL(url);
    return {
      authorization: `DPoP ${token}`,
      dpop: await dpop.generateProof(keyPair, `${origin}${pathname}`, method, nonce, token),
    };
  };
};
