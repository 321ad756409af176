/** Why no token was requested. */
export type TokenExchangeErrorCode =
  | 'anonymous'
  | 'other_issuer'
  | 'token_unavailable'
  | 'token_invalid'
  | 'token_expired'
  | 'parameter_invalid';

const definitions: Readonly<Record<TokenExchangeErrorCode, readonly [number, string]>> = {
  anonymous: [401, 'The request has no access token to exchange. Guard the field with @auth.'],
  other_issuer: [
    500,
    'The access token is from another issuer than this token exchange. Create one for each issuer.',
  ],
  token_unavailable: [
    500,
    'The access token of this viewer is not available. Pass the viewer of the context itself, of an authenticator with keepAccessTokens: true.',
  ],
  token_invalid: [
    500,
    'The token to exchange must be a text without white space, of at most 16 KiB, and without the scheme Bearer.',
  ],
  token_expired: [401, 'The token to exchange has expired.'],
  parameter_invalid: [500, 'A parameter of the token exchange is invalid.'],
};

/**
 * Thrown by `exchangeToken` if it cannot request a token: for what it was called with. Nothing was sent.
 * Contains nothing from a token.
 */
export class TokenExchangeError extends Error {
  override readonly name = 'TokenExchangeError';
  /** Stable: codes are added, but neither renamed nor removed. */
  readonly code: TokenExchangeErrorCode;
  /** The HTTP status for a server that responds with this error: 401 or 500. */
  readonly status: number;
  /** The headers for that response: none. */
  readonly headers: Readonly<Record<string, string>> = {};

  /** @param problem for `parameter_invalid`: which one, and what is wrong with it */
  constructor(code: TokenExchangeErrorCode, problem?: string) {
    const [status, message] = definitions[code];
    super(problem ?? message);
    this.code = code;
    this.status = status;
  }
}

/** Details of a `TokenEndpointError`. */
export interface TokenEndpointErrorOptions extends ErrorOptions {
  readonly status: number;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
}

/**
 * Thrown by `exchangeToken` if the issuer cannot be reached, refuses, or responds with something other
 * than a usable token. Contains nothing from a token or from the text of the response.
 */
export class TokenEndpointError extends Error {
  override readonly name = 'TokenEndpointError';
  /**
   * The `error` of the response (RFC 6749 §5.2), such as `invalid_grant`. Otherwise `network_error`,
   * `timeout_error`, `discovery_error`, `invalid_response`, `too_many_requests` (429) or
   * `token_exchange_error`.
   */
  readonly code: string;
  /**
   * The status of the response, such as 400 or 429; 504 if there was none in time, and 502 if there was
   * none or it is not usable.
   */
  readonly status: number;
  /** Seconds after which to try again, from the header `Retry-After`. */
  readonly retryAfter?: number;
  /** `Retry-After`, if there is one. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: string,
    message: string,
    { status, retryAfter, ...options }: TokenEndpointErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.status = status;
    this.headers = retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) };
    if (retryAfter !== undefined) this.retryAfter = retryAfter;
  }
}
