/** The values of `errors[].extensions.code`. */
export type AuthErrorCode = 'BAD_REQUEST' | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'SERVICE_UNAVAILABLE';

/** The HTTP status of each code. */
export const statusOf: Readonly<Record<AuthErrorCode, number>> = {
  BAD_REQUEST: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  SERVICE_UNAVAILABLE: 503,
};

/** The supported schemes of the `Authorization` header (RFC 6750, RFC 9449). */
export type AuthScheme = 'Bearer' | 'DPoP';

/** The values of `error` in a `WWW-Authenticate` challenge (RFC 6750 §3.1, RFC 9449 §7.1, RFC 9470 §3). */
export type ChallengeError =
  | 'invalid_request'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'insufficient_user_authentication'
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce';

/** What all errors with one reason have in common. */
export interface ErrorDefinition {
  readonly code: AuthErrorCode;
  /** Undefined if the challenge has no error, or there is no challenge. */
  readonly error?: ChallengeError;
  /** The cause and, where there is one, the fix. Contains nothing from a token, header or library. */
  readonly message: string;
}

const tokenError = (message: string): ErrorDefinition => ({
  code: 'UNAUTHENTICATED',
  error: 'invalid_token',
  message,
});
const requestError = (message: string): ErrorDefinition => ({
  code: 'BAD_REQUEST',
  error: 'invalid_request',
  message,
});
const proofError = (message: string): ErrorDefinition => ({
  code: 'UNAUTHENTICATED',
  error: 'invalid_dpop_proof',
  message,
});
const unavailable = (message: string): ErrorDefinition => ({
  code: 'SERVICE_UNAVAILABLE',
  message,
});

/**
 * Every reason is stable and has one fixed message, which must be a valid `error_description`: no quote
 * and no backslash (RFC 6750 §3).
 */
export const definitions = {
  authorization_malformed: requestError(
    'The Authorization header must have one scheme and one token, for example: Bearer TOKEN.',
  ),
  authorization_repeated: requestError(
    'The request has more than one Authorization header. Send only one.',
  ),
  token_in_query: requestError(
    'Access tokens are not accepted in the query string. Use the Authorization header.',
  ),
  token_repeated: requestError('The request has more than one access token. Send only one.'),
  token_malformed: requestError(
    'The cookie or header for the access token must contain one token and nothing else.',
  ),
  origin_not_allowed: {
    code: 'FORBIDDEN',
    message:
      'The access token is in a cookie, and the request is not from a page of this API or of an allowed origin.',
  },
  token_too_long: tokenError('The access token is too long.'),
  token_not_jws: tokenError(
    'The access token is not a signed JWT. Request one with the audience of this API.',
  ),
  token_not_canonical: tokenError('The access token is not encoded as canonical base64url.'),
  token_algorithm: tokenError(
    'The access token uses a signature algorithm that this API does not accept.',
  ),
  token_signature: tokenError('The signature of the access token is invalid.'),
  token_json: tokenError(
    'The header or payload of the access token is not a well-formed JSON object.',
  ),
  token_type: tokenError(
    'The token is not an access token. Send the access token, not an ID token or a refresh token.',
  ),
  token_issuer: tokenError('The access token is from an issuer that this API does not trust.'),
  token_audience: tokenError(
    'The access token is not for this API. Request one with the audience of this API.',
  ),
  token_client: tokenError(
    'The access token was issued to a client that this API does not accept.',
  ),
  token_times: tokenError(
    'The access token has no expiry, or its exp, nbf or iat is not a valid number.',
  ),
  token_expired: tokenError('The access token has expired. Get a new one.'),
  token_not_yet_valid: tokenError('The access token is not valid yet.'),
  token_subject: tokenError('The access token has no subject (sub).'),
  token_profile: tokenError('The access token is missing a claim required by its profile.'),
  token_claim: tokenError('The access token is missing a required claim.'),
  token_scopes: tokenError('The scopes of the access token cannot be read.'),
  token_actor: tokenError('The access token does not say clearly who acts for its subject (act).'),
  token_confirmation: tokenError('The access token uses an unsupported confirmation method (cnf).'),
  token_bound: tokenError(
    'The access token is bound to a key (DPoP) and cannot be used as a Bearer token.',
  ),
  token_not_bound: tokenError(
    'The access token is not bound to a key. Send it as a Bearer token, or get a DPoP-bound one.',
  ),
  token_other_key: tokenError('The access token is not bound to the key of the DPoP proof.'),
  token_inactive: tokenError(
    'The issuer of the access token calls it inactive: it has expired, was revoked, or is not known. Get a new one.',
  ),
  token_revoked: tokenError('The access token was revoked. Get a new one.'),
  token_lifetime: tokenError('The access token is valid for longer than this API accepts.'),
  revocation_unavailable: unavailable(
    'Whether the access token was revoked cannot be checked right now. Try again shortly.',
  ),
  introspection_unavailable: unavailable(
    'The access token cannot be introspected right now. Try again shortly.',
  ),
  keys_unavailable: unavailable(
    'The access token cannot be verified right now. Try again shortly.',
  ),
  bearer_not_accepted: {
    code: 'UNAUTHENTICATED',
    message: 'Bearer tokens are not accepted. Get a DPoP-bound access token.',
  },
  proof_with_bearer: requestError(
    'A DPoP proof was sent with a Bearer token. Send a DPoP-bound token with the DPoP scheme, or no proof.',
  ),
  proof_missing: proofError('The DPoP header is missing. Send a proof with the access token.'),
  proof_repeated: proofError('The request has more than one DPoP header. Send only one.'),
  proof_malformed: proofError('The DPoP proof is not a well-formed JWT.'),
  proof_type: proofError('The typ of the DPoP proof must be dpop+jwt.'),
  proof_algorithm: proofError(
    'The DPoP proof uses a signature algorithm that this API does not accept.',
  ),
  proof_key: proofError('The jwk of the DPoP proof must be a public key that fits its algorithm.'),
  proof_signature: proofError('The signature of the DPoP proof is invalid.'),
  proof_claims: proofError(
    'The DPoP proof has a missing or invalid claim. Required: jti, htm, htu, iat and ath.',
  ),
  proof_method: proofError('The htm of the DPoP proof does not match the method of the request.'),
  proof_url: proofError('The htu of the DPoP proof does not match the public URL of the request.'),
  proof_time: proofError('The DPoP proof is too old or not valid yet. Check the clock.'),
  proof_token: proofError('The ath of the DPoP proof does not match the access token.'),
  proof_replayed: proofError(
    'The DPoP proof has already been used. Create a new one for each request.',
  ),
  nonce_needed: {
    code: 'UNAUTHENTICATED',
    error: 'use_dpop_nonce',
    message: 'The DPoP proof must contain the nonce of the DPoP-Nonce header.',
  },
  replay_unavailable: unavailable(
    'DPoP proofs cannot be checked for replay right now. Try again shortly.',
  ),
  authentication_required: {
    code: 'UNAUTHENTICATED',
    message: 'Authentication required: sign in and send an access token.',
  },
  insufficient_scope: {
    code: 'FORBIDDEN',
    error: 'insufficient_scope',
    message: 'The access token is missing a required scope.',
  },
} as const satisfies Record<string, ErrorDefinition>;

/** Why credentials were rejected. Stable: reasons are added, but neither renamed nor removed. */
export type AuthErrorReason = keyof typeof definitions;

/** Whether a reason is one of this package. */
export function isAuthErrorReason(reason: string): reason is AuthErrorReason {
  return Object.hasOwn(definitions, reason);
}

/** Every `error`, to validate reasons of others. */
export const challengeErrors: ReadonlySet<ChallengeError> = new Set<ChallengeError>([
  'invalid_request',
  'invalid_token',
  'insufficient_scope',
  'insufficient_user_authentication',
  'invalid_dpop_proof',
  'use_dpop_nonce',
]);
