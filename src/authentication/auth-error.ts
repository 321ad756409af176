/** The codes that clients see in `errors[].extensions.code`. */
export type AuthErrorCode = 'BAD_REQUEST' | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'SERVICE_UNAVAILABLE';

/** The HTTP status that goes with each code. */
export const statusOf: Readonly<Record<AuthErrorCode, number>> = {
  BAD_REQUEST: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  SERVICE_UNAVAILABLE: 503,
};

/** The authentication schemes of `Authorization` that this layer understands. */
export type AuthScheme = 'Bearer' | 'DPoP';

/** The values of `error` in a challenge (RFC 6750 §3.1, RFC 9449 §7.1, RFC 9470 §3). */
export type ChallengeError =
  | 'invalid_request'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'insufficient_user_authentication'
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce';

interface Refusal {
  readonly code: AuthErrorCode;
  /** Absent where the challenge names no error, or where there is no challenge. */
  readonly error?: ChallengeError;
  /** What happened and the mend. Fixed: nothing from a token, a header or a library goes in. */
  readonly sentence: string;
}

const token = (sentence: string): Refusal => ({
  code: 'UNAUTHENTICATED',
  error: 'invalid_token',
  sentence,
});
const request = (sentence: string): Refusal => ({
  code: 'BAD_REQUEST',
  error: 'invalid_request',
  sentence,
});
const proof = (sentence: string): Refusal => ({
  code: 'UNAUTHENTICATED',
  error: 'invalid_dpop_proof',
  sentence,
});
const unavailable = (sentence: string): Refusal => ({ code: 'SERVICE_UNAVAILABLE', sentence });

/**
 * Why credentials were refused. Each reason is stable and has one fixed sentence, of characters
 * that a quoted `error_description` may hold (RFC 6750 §3: no quote, no backslash).
 */
const refusals = {
  authorization_malformed: request(
    'The Authorization header must be one scheme and one token, such as: Bearer TOKEN.',
  ),
  authorization_repeated: request('The request has more than one Authorization header: send one.'),
  token_in_query: request(
    'Access tokens are not accepted in the query string: use the Authorization header.',
  ),
  token_too_long: token('The access token is longer than 8 KiB.'),
  token_not_jws: token(
    'The access token is not a signed JWT: ask the issuer for a JWT for the audience of this API.',
  ),
  token_not_canonical: token('The access token is not encoded as the JWT standard says.'),
  token_algorithm: token('The access token is signed in a way that this API does not accept.'),
  token_signature: token('The signature of the access token does not verify.'),
  token_json: token('The content of the access token is not well-formed.'),
  token_type: token('The token is not an access token: its typ says otherwise.'),
  token_issuer: token('The access token comes from an issuer that this API does not trust.'),
  token_audience: token('The access token is not meant for this API: check the audience.'),
  token_times: token('The access token lacks an expiry, or a time in it is not a number.'),
  token_expired: token('The access token has expired: get a new one.'),
  token_not_yet_valid: token('The access token is not valid yet.'),
  token_subject: token('The access token names no subject.'),
  token_profile: token('The access token lacks a claim that its profile asks for.'),
  token_claim: token('The access token lacks a claim that this API asks for.'),
  token_confirmation: token('The access token is bound in a way that this API does not know.'),
  token_bound: token('The access token is bound to a key and cannot be used as Bearer.'),
  token_not_bound: token(
    'The access token is not bound to a key: send it as Bearer, or get one that is bound.',
  ),
  token_other_key: token('The access token is bound to another key than that of the DPoP proof.'),
  keys_unavailable: unavailable(
    'The access token cannot be verified at present: try again in a moment.',
  ),
  bearer_not_accepted: {
    code: 'UNAUTHENTICATED',
    sentence: 'Bearer tokens are not accepted here: get a token that is bound to a key (DPoP).',
  },
  proof_with_bearer: request(
    'A DPoP proof goes with a token that is bound to a key: send such a token as DPoP, or no proof.',
  ),
  proof_missing: proof('The DPoP header is missing: send a proof with the token.'),
  proof_repeated: proof('The request has more than one DPoP header: send one proof.'),
  proof_malformed: proof('The DPoP proof is not a well-formed JWT in its one encoding.'),
  proof_type: proof('The typ of the DPoP proof must be dpop+jwt.'),
  proof_algorithm: proof('The DPoP proof is signed in a way that this API does not accept.'),
  proof_key: proof('The DPoP proof must carry a public key that fits its algorithm, as jwk.'),
  proof_signature: proof('The signature of the DPoP proof does not verify.'),
  proof_claims: proof(
    'The DPoP proof lacks a claim, or a claim has a wrong form: jti, htm, htu, iat and ath are needed.',
  ),
  proof_method: proof('The htm of the DPoP proof is not the method of the request.'),
  proof_url: proof('The htu of the DPoP proof is not the public URL of the request.'),
  proof_time: proof('The DPoP proof is too old or not valid yet: check the clock.'),
  proof_token: proof('The ath of the DPoP proof is not the hash of the access token.'),
  proof_replayed: proof('The DPoP proof was used before: make a new one for each request.'),
  nonce_needed: {
    code: 'UNAUTHENTICATED',
    error: 'use_dpop_nonce',
    sentence: 'The DPoP proof must hold the nonce of the header DPoP-Nonce.',
  },
  replay_unavailable: unavailable(
    'DPoP proofs cannot be checked for replay at present: try again in a moment.',
  ),
} as const satisfies Record<string, Refusal>;

/** Every reason for which credentials are refused. */
export type AuthErrorReason = keyof typeof refusals;

/** What only some refusals have. */
export interface AuthErrorOptions extends ErrorOptions {
  /** The scheme that was used, and that the challenge therefore names. Default `Bearer`. */
  readonly scheme?: AuthScheme;
  /** The configured claim that is missing; named in the sentence. For `token_claim`. */
  readonly claim?: string;
  /** Seconds after which trying again makes sense. For 503. */
  readonly retryAfter?: number;
}

/**
 * The one family of errors of authentication. `message` is safe to send: it comes from a fixed
 * list (and, for `token_claim`, from the configuration). `cause`, where there is one, is for
 * debuggers only and must not be logged or sent.
 */
export class AuthError extends Error {
  override readonly name = 'AuthError';
  readonly reason: AuthErrorReason;
  readonly code: AuthErrorCode;
  readonly status: number;
  readonly scheme: AuthScheme;
  readonly error?: ChallengeError;
  readonly retryAfter?: number;
  readonly #options: AuthErrorOptions;

  constructor(reason: AuthErrorReason, options: AuthErrorOptions = {}) {
    const refusal: Refusal = refusals[reason];
    super(
      options.claim === undefined
        ? refusal.sentence
        : `The access token lacks the claim ${options.claim} that this API asks for.`,
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.#options = options;
    this.reason = reason;
    this.code = refusal.code;
    this.status = statusOf[refusal.code];
    this.scheme = options.scheme ?? 'Bearer';
    if (refusal.error !== undefined) this.error = refusal.error;
    if (options.retryAfter !== undefined) this.retryAfter = options.retryAfter;
  }

  /** The same refusal of credentials that came with another scheme. */
  withScheme(scheme: AuthScheme): AuthError {
    return new AuthError(this.reason, { ...this.#options, scheme });
  }
}
