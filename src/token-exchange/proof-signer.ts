import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { encodeBase64url } from '../shared/base64url.ts';
import { sha256 } from '../shared/sha256.ts';

/** What a DPoP proof is for (RFC 9449 §4.2). */
interface ProofTarget {
  readonly method: string;
  /** The URL of the request. Its query and fragment are left out. */
  readonly url: string;
  /** The access token that is sent with it. None at the token endpoint. */
  readonly accessToken?: string | undefined;
  /** What the server sent in `DPoP-Nonce`. */
  readonly nonce?: string | undefined;
}

/** Signs DPoP proofs with the key of this process. */
export type SignProof = (target: ProofTarget) => Promise<string>;

/**
 * Creates a key pair (ES256) when the first proof is signed. Its private key cannot be exported.
 *
 * @param now milliseconds since the epoch
 */
export function createProofSigner(now: () => number): SignProof {
  let keys: Promise<{ readonly privateKey: CryptoKey; readonly jwk: JWK }> | undefined;

  async function generateKeys() {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    return { privateKey, jwk: await exportJWK(publicKey) };
  }

  return async ({ method, url, accessToken, nonce }) => {
    keys ??= generateKeys();
    const { privateKey, jwk } = await keys;
    const { origin, pathname } = new URL(url);
    return new SignJWT({
      jti: encodeBase64url(crypto.getRandomValues(new Uint8Array(16))),
      htm: method,
      htu: `${origin}${pathname}`,
      iat: Math.floor(now() / 1000),
      ...(accessToken === undefined ? {} : { ath: sha256(accessToken) }),
      ...(nonce === undefined ? {} : { nonce }),
    })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
      .sign(privateKey);
  };
}
