import { isLoopbackHostname } from '../../shared/loopback.ts';
import { isJsonObject, type JsonObject } from '../../shared/type-guards.ts';
import { getOwn } from '../token/json.ts';
import { type FetchFunction, fetchJson, isMissing, isSecureUrl } from './fetch-json.ts';

/** The issuer that metadata are for, and where they are. */
export interface MetadataSource {
  readonly issuer: string;
  /** Default: below the issuer. */
  readonly discovery: string | undefined;
}

/** The metadata of an issuer. */
export interface IssuerMetadata {
  readonly url: string;
  readonly members: JsonObject;
  /** Whether they are those of several issuers, one for each tenant. */
  readonly isShared: boolean;
}

/**
 * Fetches the metadata of an issuer: those at the given URL or, by default, those of OpenID Connect
 * Discovery 1.0 §4 or, if there are none, of RFC 8414 §3.
 *
 * They must name the same issuer (§4.3, §3.3), so that one issuer cannot pass for another. At a URL of
 * their own, they can also name it as the one of access tokens (AD FS), or as one of all tenants
 * (`{tenantid}` of Microsoft Entra ID).
 *
 * @throws {Error} with a message that names the URL and the problem
 */
export async function fetchMetadata(
  { issuer, discovery }: MetadataSource,
  fetch: FetchFunction,
): Promise<IssuerMetadata> {
  if (discovery !== undefined) {
    return readMetadata(
      await fetchJson(discovery, fetch),
      { url: discovery, issuer },
      (named, forAccessTokens) =>
        named === issuer || forAccessTokens === issuer || isTemplateOf(named, issuer),
    );
  }
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  let document: unknown;
  try {
    document = await fetchJson(url, fetch);
  } catch (error) {
    if (!isMissing(error)) throw error;
    return fetchRfc8414Metadata(issuer, fetch, error);
  }
  return readMetadata(document, { url, issuer }, (named) => named === issuer);
}

async function fetchRfc8414Metadata(
  issuer: string,
  fetch: FetchFunction,
  missing: Error,
): Promise<IssuerMetadata> {
  const { origin, pathname } = new URL(issuer);
  const url = `${origin}/.well-known/oauth-authorization-server${pathname.replace(/\/$/, '')}`;
  const document = await fetchJson(url, fetch).catch((error: unknown) => {
    // Neither alone says what was tried.
    if (isMissing(error)) throw new Error(`${missing.message} ${error.message}`, { cause: error });
    throw error;
  });
  return readMetadata(document, { url, issuer }, (named) => named === issuer);
}

function readMetadata(
  members: unknown,
  { url, issuer }: { readonly url: string; readonly issuer: string },
  isFor: (named: unknown, forAccessTokens: unknown) => boolean,
): IssuerMetadata {
  if (!isJsonObject(members)) throw new Error(`${url} is not a JSON object.`);
  const named = getOwn(members, 'issuer');
  if (!isFor(named, getOwn(members, 'access_token_issuer'))) {
    throw new Error(`${url} is for another issuer than the configured ${issuer}`);
  }
  return { url, members, isShared: isTemplateOf(named, issuer) };
}

/**
 * The URL of an endpoint in metadata, in normal form, so that it can be shown. It must be `https`; `http` on
 * this machine only if the metadata are from this machine, so that no other one can have its services called.
 *
 * @param name of the member, such as `jwks_uri`
 * @throws {Error} with a message that names the URL of the metadata and the problem
 */
export function readEndpoint({ members, url }: IssuerMetadata, name: string): string {
  const endpoint = getOwn(members, name);
  if (typeof endpoint === 'string' && isSecureUrl(endpoint)) {
    const { href, protocol } = new URL(endpoint);
    if (protocol === 'https:' || isLoopbackHostname(new URL(url).hostname)) return href;
  }
  throw new Error(`${url} has no https URL as ${name}.`);
}

/** Whether a text is a template of issuers with one placeholder for the tenant, and this is one. */
function isTemplateOf(text: unknown, issuer: string): boolean {
  if (typeof text !== 'string') return false;
  const [before = '', after, ...others] = text.split('{tenantid}');
  if (after === undefined || others.length > 0) return false;
  const tenant = issuer.slice(before.length, issuer.length - after.length);
  return `${before}${tenant}${after}` === issuer && /^[\w.-]+$/.test(tenant);
}

/**
 * The keys of a shared set that an issuer signs with. A key that names another issuer is left out, as
 * Microsoft Entra ID requires of APIs for several tenants.
 */
export function selectKeysOf(document: unknown, issuer: string): unknown {
  const keys = isJsonObject(document) ? getOwn(document, 'keys') : undefined;
  if (!Array.isArray(keys)) return document;
  return {
    keys: keys.filter((key: unknown) => {
      const named = isJsonObject(key) ? getOwn(key, 'issuer') : undefined;
      return named === undefined || named === issuer || isTemplateOf(named, issuer);
    }),
  };
}
