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
  keys_unavailable: {
    code: 'SERVICE_UNAVAILABLE',
    sentence: 'The access token cannot be verified at present: try again in a moment.',
  },
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

  constructor(reason: AuthErrorReason, options: AuthErrorOptions = {}) {
    const refusal: Refusal = refusals[reason];
    super(
      options.claim === undefined
        ? refusal.sentence
        : `The access token lacks the claim ${options.claim} that this API asks for.`,
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.reason = reason;
    this.code = refusal.code;
    this.status = statusOf[refusal.code];
    this.scheme = options.scheme ?? 'Bearer';
    if (refusal.error !== undefined) this.error = refusal.error;
    if (options.retryAfter !== undefined) this.retryAfter = options.retryAfter;
  }
}
