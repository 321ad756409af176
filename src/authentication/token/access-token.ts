import type { JsonObject } from '../../shared/type-guards.ts';
import { AuthError } from '../auth-error.ts';
import type { CredentialsSource } from '../credentials.ts';
import { readTarget, type TenantIssuers } from '../issuer/tenant-issuers.ts';
import type { IssuerSettings } from '../issuer/trusted-issuer.ts';
import type { IssuerKey, VerificationKeys } from '../issuer/verification-keys.ts';
import { isAcceptedType } from './access-token-profile.ts';
import {
  type CheckedClaims,
  type Confirmation,
  checkClaims,
  readConfirmation,
  type TimeSettings,
} from './claims.ts';
import { type CompactJws, readCompactJws, requiresExtension } from './compact-jws.ts';
import { getOwn } from './json.ts';
import { isSignatureAlgorithm, type SignatureAlgorithm } from './public-key.ts';
import type { ReadScopes } from './scope-source.ts';
import { verifySignature } from './signature.ts';

/** A verified access token. */
export interface AccessToken extends CheckedClaims {
  readonly issuer: string;
  readonly claims: JsonObject;
  readonly confirmation: Confirmation;
  /** The size of what the claims were read from, in bytes. */
  readonly length: number;
  readonly source: TokenSource;
  /** Reads the scopes as its issuer states them. */
  readonly readScopes: ReadScopes;
}

/** Where the claims of a token are from. */
export type TokenSource = TokenSigner | TokenIntrospection;

/** The key that signed a token, and where it was found. */
interface TokenSigner {
  readonly kind: 'signature';
  /** What the token was verified against. */
  readonly issuer: IssuerSettings;
  readonly key: IssuerKey;
  /** The `kid` of the token. */
  readonly keyId: string | undefined;
}

/** What the issuer said about an opaque token. Times are in milliseconds since the epoch. */
interface TokenIntrospection {
  readonly kind: 'introspection';
  readonly since: number;
  /** From then on, the issuer is asked again. Not after the token expires. */
  readonly until: number;
}

/** What an access token is verified against. */
export interface AccessTokenSettings extends TimeSettings {
  /** The size of the longest accepted token. */
  readonly maxTokenBytes: number;
  /** The trusted issuers, by the `iss` claim. */
  readonly issuers: ReadonlyMap<string, IssuerSettings>;
  /** The issuers of tenants, in place of a list. */
  readonly tenants: TenantIssuers | undefined;
}

/**
 * Verifies an access token (RFC 9068 §4, RFC 8725). Only `iss`, which selects the issuer, is read
 * before the signature is verified.
 *
 * @throws {AuthError} a reason that begins with `token_`, or `keys_unavailable`
 */
export async function verifyAccessToken(
  token: string,
  settings: AccessTokenSettings,
  request: Pick<CredentialsSource, 'url' | 'headers'>,
): Promise<AccessToken> {
  const { maxTokenBytes } = settings;
  const jws = readCompactJws(token, maxTokenBytes);
  if (jws.kind === 'malformed') {
    const details = jws.problem === 'too_long' ? { maxTokenBytes } : {};
    throw new AuthError(`token_${jws.problem}`, details);
  }
  const { payload: claims } = jws;
  const header = readHeader(jws.header);
  const issuer = await findIssuer(claims, settings, request);
  checkHeader(header, issuer);
  const source = await findSigner(jws, header, issuer);
  const { subject, lifetime } = checkClaims(claims, issuer, settings);
  const confirmation = readConfirmation(claims);
  const { issuer: name, readScopes } = issuer;
  settings.tenants?.keep({ issuer: name, ...readTarget(request.url, request.headers) });
  const { length } = token;
  return { subject, lifetime, issuer: name, claims, confirmation, length, source, readScopes };
}

interface AccessTokenHeader {
  readonly type: unknown;
  readonly algorithm: SignatureAlgorithm;
  readonly keyId: string | undefined;
}

/**
 * Reads what a header must have for any issuer (RFC 7515 §4, RFC 8725 §3.1).
 *
 * Ignored: `jwk`, `jku`, `x5u`, `x5c` and `cty`. A token never brings its own key.
 */
export function readHeader(header: JsonObject): AccessTokenHeader {
  const algorithm = getOwn(header, 'alg');
  if (!isSignatureAlgorithm(algorithm) || requiresExtension(header)) {
    throw new AuthError('token_algorithm');
  }
  const keyId = getOwn(header, 'kid');
  if (keyId !== undefined && typeof keyId !== 'string') throw new AuthError('token_signature');
  return { type: getOwn(header, 'typ'), algorithm, keyId };
}

/** Checks what an issuer may use, before looking for a key (RFC 8725 §3.1 and §3.11). */
function checkHeader(
  { algorithm, type }: AccessTokenHeader,
  { algorithms, profile }: IssuerSettings,
): void {
  if (!algorithms.has(algorithm)) throw new AuthError('token_algorithm');
  if (!isAcceptedType(type, profile)) throw new AuthError('token_type');
}

/** @throws {AuthError} `token_issuer` or, for tenants, `keys_unavailable` */
export async function findIssuer(
  claims: JsonObject,
  { issuers, tenants }: AccessTokenSettings,
  { url, headers }: Pick<CredentialsSource, 'url' | 'headers'>,
): Promise<IssuerSettings> {
  const issuer = getOwn(claims, 'iss');
  if (typeof issuer !== 'string') throw new AuthError('token_issuer');
  if (tenants !== undefined) return tenants.find({ issuer, ...readTarget(url, headers) });
  const settings = issuers.get(issuer);
  if (settings === undefined) throw new AuthError('token_issuer');
  return settings;
}

/**
 * Tries the current keys and, if the signature does not verify, newer ones.
 *
 * @throws {AuthError} `token_signature`, `keys_unavailable`
 */
export async function findSigner(
  jws: CompactJws,
  header: AccessTokenHeader,
  issuer: IssuerSettings,
): Promise<TokenSigner> {
  const { keyId } = header;
  const { keys: issuerKeys } = issuer;
  const current = issuerKeys.getKeysNow(keyId) ?? (await issuerKeys.getKeys(keyId));
  const key =
    (await findKey(jws, header, current)) ??
    (await findKey(jws, header, await issuerKeys.getNewerKeys(current)));
  if (key === undefined) throw new AuthError('token_signature');
  return { kind: 'signature', issuer, key, keyId };
}

/** The key with which the signature verifies. */
async function findKey(
  jws: CompactJws,
  { algorithm, keyId }: AccessTokenHeader,
  keys: VerificationKeys | undefined,
): Promise<IssuerKey | undefined> {
  for (const key of keys?.find(algorithm, keyId) ?? []) {
    const isVerified = verifySignature(jws, algorithm, key);
    if (typeof isVerified === 'boolean' ? isVerified : await isVerified) return key;
  }
  return undefined;
}
