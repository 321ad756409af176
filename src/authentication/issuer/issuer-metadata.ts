import { isJsonObject, ownMember } from '../token/json-object.ts';
import { type FetchFunction, fetchJson } from './fetch-json.ts';
import { isSecureUrl } from './secure-url.ts';

/**
 * Asks an issuer where its keys are (OpenID Connect Discovery 1.0 §4). The document must name the
 * very issuer that was asked for, or anybody's document would do (§4.3), and an address of keys
 * that nobody on the way can replace.
 *
 * @returns the `jwks_uri`
 * @throws {Error} a message that says what was wrong with the answer
 */
export async function discoverKeysUrl(issuer: string, fetch: FetchFunction): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const metadata = await fetchJson(url, fetch);
  if (!isJsonObject(metadata)) throw new Error(`${url} is not a JSON object.`);
  if (ownMember(metadata, 'issuer') !== issuer) {
    throw new Error(`${url} names another issuer than the configured ${issuer}`);
  }
  const keysUrl = ownMember(metadata, 'jwks_uri');
  if (typeof keysUrl !== 'string' || !isSecureUrl(keysUrl)) {
    throw new Error(`${url} has no jwks_uri that begins with https.`);
  }
  return keysUrl;
}
