import { isObject } from '../../shared/type-guards.ts';
import type { SignatureAlgorithm } from '../token/public-key.ts';
import { fetchMetadata, readEndpoint } from './discovery.ts';
import { isSecureUrl } from './fetch-json.ts';
import {
  createIssuerKeys,
  type IssuerKeys,
  type IssuerKeysOptions,
  type KeySetLocation,
} from './issuer-keys.ts';
import { createStaticKeys } from './static-keys.ts';
import { hasUsableKey } from './verification-keys.ts';

/**
 * Where the keys of an issuer are.
 *
 * - `discovery`: the URL of its metadata, if that is not below the issuer: OpenID Connect Discovery 1.0 or
 *   RFC 8414. The metadata must name the issuer as `issuer` or `access_token_issuer`, or with
 *   `{tenantid}` in place of one segment.
 * - `jwksUri`: the URL of its key set, which can be on another host. No metadata are fetched, so nothing
 *   but this option connects the keys with the issuer. Any URL but `https` and loopback requires
 *   `allowHttp`: a response that is changed on its way lets others issue tokens.
 * - `jwks`: the key set itself (RFC 7517 §5). Nothing is fetched, so a new key of the issuer requires a
 *   new authenticator.
 */
export type KeySource =
  | { readonly discovery: string }
  | { readonly jwksUri: string; readonly allowHttp?: true }
  | { readonly jwks: { readonly keys: readonly object[] } };

/** Creates the keys of an issuer. Default: found by discovery below the issuer. */
export function createKeys(
  source: KeySource | undefined,
  options: Omit<IssuerKeysOptions, 'locate'>,
): IssuerKeys {
  const { issuer, algorithms, fetch } = options;
  if (source !== undefined && 'jwks' in source) return createStaticKeys(source.jwks, algorithms);
  return createIssuerKeys({ ...options, locate: () => locate(source, issuer, fetch) });
}

async function locate(
  source: Exclude<KeySource, { readonly jwks: unknown }> | undefined,
  issuer: string,
  fetch: IssuerKeysOptions['fetch'],
): Promise<KeySetLocation> {
  if (source !== undefined && 'jwksUri' in source) return { url: source.jwksUri, isShared: false };
  const metadata = await fetchMetadata({ issuer, discovery: source?.discovery }, fetch);
  return { url: readEndpoint(metadata, 'jwks_uri'), isShared: metadata.isShared };
}

const sourceNames = ['discovery', 'jwksUri', 'jwks'] as const;

/** The problem of the option `keys`. @param name what it is called, such as `issuers[0].keys` */
export function findKeySourceProblem(
  source: unknown,
  name: string,
  algorithms: ReadonlySet<SignatureAlgorithm>,
): string | undefined {
  if (source === undefined) return undefined;
  const given = isObject(source) ? sourceNames.filter((key) => source[key] !== undefined) : [];
  if (!isObject(source) || given.length !== 1) {
    return `${name} must have exactly one of discovery, jwksUri and jwks, such as { jwksUri: 'https://login.example.com/keys' }.`;
  }
  const { discovery, jwksUri, jwks, allowHttp, ...others } = source;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    return `Unknown option ${name}.${unknown}. The options are: discovery, jwksUri, allowHttp, jwks.`;
  }
  if (allowHttp !== undefined && (allowHttp !== true || jwksUri === undefined)) {
    return `${name}.allowHttp must be true beside a jwksUri, or left out.`;
  }
  if (discovery !== undefined && !isFetchable(discovery, false)) {
    return `${name}.discovery must be the full URL of the issuer's metadata: https (or http on a loopback host), such as https://login.example.com/.well-known/openid-configuration.`;
  }
  if (jwksUri !== undefined && !isFetchable(jwksUri, allowHttp === true)) {
    return `${name}.jwksUri must be the full URL of the issuer's key set: https (or http on a loopback host; allowHttp: true for any other), such as https://login.example.com/keys.`;
  }
  if (jwks !== undefined && !hasUsableKey(jwks, algorithms)) {
    return `${name}.jwks must be a JWK Set, { keys: [...] }, with at least one public key that fits the accepted algorithms.`;
  }
  return undefined;
}

/** Credentials in a URL would end up in logs, and `fetch` refuses them. */
function isFetchable(text: unknown, allowHttp: boolean): boolean {
  if (typeof text !== 'string' || /[\s#]/.test(text) || !URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  const isAllowed = isSecureUrl(text) || (allowHttp && protocol === 'http:');
  return isAllowed && username === '' && password === '';
}
