import { type JsonObject, ownMember } from './json-object.ts';

/**
 * Which kind of JWT is taken as an access token.
 *
 * - `jwt`: what issuers commonly give; `typ` is `at+jwt`, `JWT` or absent.
 * - `rfc9068`: `typ` is `at+jwt`, and every claim that RFC 9068 §2.2 requires is there.
 */
export type AccessTokenProfile = 'jwt' | 'rfc9068';

const typesOf: Readonly<Record<AccessTokenProfile, readonly string[]>> = {
  jwt: ['at+jwt', 'jwt'],
  rfc9068: ['at+jwt'],
};

/** The claims that a profile requires beyond those that every access token must carry. */
export const extraClaimsOf: Readonly<Record<AccessTokenProfile, readonly string[]>> = {
  jwt: [],
  rfc9068: ['client_id', 'iat', 'jti'],
};

/** Every profile, for checking options. */
export const accessTokenProfiles: ReadonlySet<string> = new Set(Object.keys(typesOf));

/**
 * Whether a header's `typ` fits a profile. It is a media type: compared without regard to case, and
 * `application/` may be left out (RFC 7515 §4.1.9, RFC 9068 §4).
 */
export function isTypeOfProfile(type: unknown, profile: AccessTokenProfile): boolean {
  if (type === undefined) return profile === 'jwt';
  return (
    typeof type === 'string' &&
    typesOf[profile].includes(type.toLowerCase().replace(/^application\//, ''))
  );
}

/**
 * What tokens are called that are no access tokens: by Keycloak (`ID`, `Refresh`, `Offline`,
 * `Logout`, `Serialized-ID` and two for registration), and in the forms `id_token`, `logout+jwt`,
 * `Refresh Token JWT`, `urn:ietf:params:oauth:token-type:id_token` (RFC 8693 §3).
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
 * Where issuers say in the payload which kind a token is: Keycloak, ForgeRock and PingAM, Casdoor,
 * libraries of Django, Curity. Access tokens say `Bearer`, `DPoP`, `access_token` and more there.
 */
const kindClaims = [
  'typ',
  'type',
  'tokenName',
  'token_name',
  'tokenType',
  'token_type',
  'tokenUse',
  'tokenKind',
  'token_kind',
  'purpose',
] as const;

const otherMembers = ['events', 'token_introspection', 'c_hash', 's_hash'] as const;

/**
 * Whether the payload of a token says that it is no access token, though it is signed by the same
 * issuer and may name the same audience:
 *
 * - `token_use` that is not `access` (Cognito);
 * - another claim that names the kind, with one of the names above, in any case;
 * - `events`, which makes it a security event or logout token (RFC 8417 §2.2);
 * - `token_introspection`, which makes it the response of an introspection (RFC 9701 §5);
 * - `c_hash` or `s_hash`, which only ID tokens have (OpenID Connect Core §3.3.2.11).
 *
 * Not looked at: `nonce` and `at_hash`. Some issuers put them into access tokens too.
 */
export function isAnotherKindOfToken(claims: JsonObject): boolean {
  if (otherMembers.some((name) => Object.hasOwn(claims, name))) return true;
  if (Object.hasOwn(claims, 'token_use') && claims['token_use'] !== 'access') return true;
  return kindClaims.some((name) => namesAnotherKind(ownMember(claims, name)));
}

function namesAnotherKind(value: unknown): boolean {
  if (typeof value !== 'string') return Array.isArray(value) && value.some(namesAnotherKind);
  const kind = value.toLowerCase().replace(/^(?:application\/|urn:.*:)/, '');
  const name = kind.replace(/\+jwt$|[^a-z]/g, '').replace(/jwt$/, '');
  return otherKinds.has(name) || otherKinds.has(name.replace(/token$/, ''));
}
