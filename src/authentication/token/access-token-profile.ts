import type { JsonObject } from '../../shared/type-guards.ts';
import { getOwn } from './json.ts';

/**
 * Which JWTs are accepted as access tokens.
 *
 * - `jwt`: what most issuers send. `typ` is `at+jwt`, `JWT` or absent.
 * - `rfc9068`: `typ` is `at+jwt`, and every claim that RFC 9068 §2.2 requires is present.
 */
export type AccessTokenProfile = 'jwt' | 'rfc9068';

const typesOf: Readonly<Record<AccessTokenProfile, readonly string[]>> = {
  jwt: ['at+jwt', 'jwt'],
  rfc9068: ['at+jwt'],
};

/** The claims that a profile requires in addition to those that every access token needs. */
export const profileClaims: Readonly<Record<AccessTokenProfile, readonly string[]>> = {
  jwt: [],
  rfc9068: ['client_id', 'iat', 'jti'],
};

/** All profiles, to validate options. */
export const accessTokenProfiles: ReadonlySet<string> = new Set(Object.keys(typesOf));

/**
 * Whether a profile accepts the `typ` of a header. Compared case-insensitively, as a media type; the
 * prefix `application/` is optional (RFC 7515 §4.1.9, RFC 9068 §4).
 */
export function isAcceptedType(type: unknown, profile: AccessTokenProfile): boolean {
  if (type === undefined) return profile === 'jwt';
  return (
    typeof type === 'string' &&
    typesOf[profile].includes(type.toLowerCase().replace(/^application\//, ''))
  );
}

/**
 * Names of tokens that are not access tokens: those of Keycloak (`ID`, `Refresh`, `Offline`, `Logout`,
 * `Serialized-ID` and two for registration), and others in forms such as `id_token`, `logout+jwt`,
 * `Refresh Token JWT` and `urn:ietf:params:oauth:token-type:id_token` (RFC 8693 §3).
 */
const otherKinds: ReadonlySet<string> = new Set([
  'id',
  'refresh',
  'offline',
  'logout',
  'serializedid',
  'initialaccess',
  'registrationaccess',
  'secevent',
  'tokenintrospection',
  'authorizationcode',
]);

/**
 * The claims in which issuers name the kind of a token: Keycloak, ForgeRock and PingAM, Casdoor, Django
 * libraries, OpenIddict, Curity. In access tokens their values are `Bearer`, `DPoP`, `access_token` and others.
 */
const kindClaims = [
  'typ',
  'type',
  'tokenName',
  'token_name',
  'tokenType',
  'token_type',
  'tokenUse',
  'token_usage',
  'tokenKind',
  'token_kind',
  'purpose',
] as const;

/** Claims that access tokens never have. */
const otherKindMarkers = ['events', 'token_introspection', 'c_hash', 's_hash'] as const;

/**
 * Whether the payload identifies another kind of token, which the same issuer signs and which can have
 * the same audience:
 *
 * - `token_use` other than `access` (Cognito)
 * - another claim that names the kind, with one of the names above, case-insensitively
 * - `events`: a security event or logout token (RFC 8417 §2.2)
 * - `token_introspection`: an introspection response (RFC 9701 §5)
 * - `c_hash` or `s_hash`: an ID token (OpenID Connect Core §3.3.2.11)
 *
 * Ignored: `nonce` and `at_hash`, which some issuers add to access tokens.
 */
export function isOtherTokenKind(claims: JsonObject): boolean {
  if (otherKindMarkers.some((name) => Object.hasOwn(claims, name))) return true;
  if (Object.hasOwn(claims, 'token_use') && claims['token_use'] !== 'access') return true;
  return kindClaims.some((name) => namesAnotherKind(getOwn(claims, name)));
}

function namesAnotherKind(value: unknown): boolean {
  if (typeof value !== 'string') return Array.isArray(value) && value.some(namesAnotherKind);
  const kind = value.toLowerCase().replace(/^(?:application\/|urn:.*:)/, '');
  const name = kind.replace(/\+jwt$|[^a-z]/g, '').replace(/jwt$/, '');
  return otherKinds.has(name) || otherKinds.has(name.replace(/token$/, ''));
}
