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
