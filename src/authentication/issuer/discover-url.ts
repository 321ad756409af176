import { isJsonObject } from '../../shared/type-guards.ts';
import { getOwn } from '../token/json.ts';
import { type FetchFunction, fetchJson, isSecureUrl } from './fetch-json.ts';

/**
 * Fetches a URL of the metadata of an issuer, such as its `jwks_uri` (OpenID Connect Discovery 1.0 §4). The
 * document must name the same issuer (§4.3), so that one issuer cannot pass for another, and the URL must
 * be secure.
 *
 * @param name of the member
 * @throws {Error} with a message that names the URL of the document and the problem
 */
export async function discoverUrl(
  issuer: string,
  name: string,
  fetch: FetchFunction,
): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const metadata = await fetchJson(url, fetch);
  if (!isJsonObject(metadata)) throw new Error(`${url} is not a JSON object.`);
  if (getOwn(metadata, 'issuer') !== issuer) {
    throw new Error(`${url} is for another issuer than the configured ${issuer}`);
  }
  const value = getOwn(metadata, name);
  if (typeof value !== 'string' || !isSecureUrl(value)) {
    throw new Error(`${url} has no https URL as ${name}.`);
  }
  return value;
}
