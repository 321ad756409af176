import { createPublicKey } from 'node:crypto';

/** What the benchmark gives to every server. */
export const port = Number(process.env.PORT);
export const host = '127.0.0.1';
export const issuer = process.env.OIDC_ISSUER;
export const audience = process.env.OIDC_AUDIENCE;
export const jwksUri = new URL('.well-known/jwks.json', issuer).href;

/** The issuer's key as PEM, for libraries that do not fetch keys. */
export async function fetchPublicKey() {
  const { keys } = await (await fetch(jwksUri)).json();
  return createPublicKey({ key: keys[0], format: 'jwk' }).export({ type: 'spki', format: 'pem' });
}
