import { UntracedError } from '../shared/untraced-error.ts';
import {
  type AuthErrorCode,
  type AuthErrorReason,
  type AuthScheme,
  type ChallengeError,
  challengeErrors,
  definitions,
  type ErrorDefinition,
  isAuthErrorReason,
  statusOf,
} from './auth-error-reasons.ts';
import type { Authenticator } from './authenticator.ts';
import { buildChallenge } from './challenge.ts';
import { errorHeaders } from './error-headers.ts';

/** The `realm` of challenges (RFC 9110 §11.5), unless another one is configured. */
export const defaultRealm = 'graphql';

function describe(
  { message }: ErrorDefinition,
  { claim, maxTokenBytes }: AuthErrorOptions,
): string {
  if (claim !== undefined) return `The access token is missing the required claim ${claim}.`;
  if (maxTokenBytes !== undefined) return `The access token exceeds ${maxTokenBytes} bytes.`;
  return message;
}

/**
 * A reason of your own, for an authenticator that verifies other credentials. It must not be one of
 * `AuthErrorReason`.
 */
export interface OwnAuthErrorReason {
  /** Lower-case letters, digits and underscores, at most 64, such as `api_key_unknown`. */
  readonly reason: string;
  readonly code: AuthErrorCode;
  /**
   * For clients. Printable ASCII without quotes and backslashes, because challenges contain it (RFC 6750
   * §3), and at most 200 characters. Must not repeat credentials.
   */
  readonly message: string;
  /** The `error` of the challenge. Default: none. */
  readonly error?: ChallengeError;
}

/** What an error takes from its authenticator, for its headers. */
export type ChallengeSource = Partial<
  Pick<Authenticator, 'schemes' | 'dpopAlgorithms' | 'dpopNonce' | 'realm' | 'resourceMetadata'>
>;

/** Options for `AuthError`. */
export interface AuthErrorOptions extends ErrorOptions {
  /** The scheme of the credentials, which the challenge names. Default `Bearer`. */
  readonly scheme?: AuthScheme;
  /** For `token_claim`: the name of the missing claim, for the message. */
  readonly claim?: string;
  /** For `insufficient_scope`: the scopes that are sufficient, space-delimited. */
  readonly scope?: string;
  /** For `token_too_long`: the longest accepted token, in bytes, for the message. */
  readonly maxTokenBytes?: number;
  /** For a status of 503: after how many seconds to retry. */
  readonly retryAfter?: number;
}

/**
 * Thrown by an authenticator if it rejects the credentials of a request.
 *
 * `message` is safe to send to clients: it is one of a fixed list, and for `token_claim` contains the
 * name of a configured claim, for `token_too_long` the configured limit. `cause`, if present, is for
 * debugging only; do not log or send it. There is no stack trace: clients cause these errors at will, and
 * `reason` says where they arise.
 *
 * @example
 * ```ts
 * try {
 *   const viewer = await authenticator.authenticate(request);
 * } catch (error) {
 *   if (!(error instanceof AuthError)) throw error;
 *   console.info(error.reason); // 'token_expired'
 *   return new Response(error.message, { status: error.status });
 * }
 * ```
 */
export class AuthError extends UntracedError {
  override readonly name = 'AuthError';
  /** Why the credentials were rejected. For logs and metrics. */
  readonly reason: AuthErrorReason | (string & {});
  /** For `errors[].extensions.code`. */
  readonly code: AuthErrorCode;
  /** The HTTP status: 400, 401, 403 or 503. */
  readonly status: number;
  /** The scheme that the challenge names. */
  readonly scheme: AuthScheme;
  /** The `error` of the challenge. Undefined if it has none, or there is no challenge. */
  readonly error?: ChallengeError;
  /** Seconds, for the header `Retry-After`. Only with 503. */
  readonly retryAfter?: number;
  /** The scopes that are sufficient, space-delimited. Only with `insufficient_scope`. */
  readonly scope?: string;
  readonly #reason: AuthErrorReason | OwnAuthErrorReason;
  readonly #options: AuthErrorOptions;
  #source: ChallengeSource = {};

  /** @throws {TypeError} if a reason of your own is invalid */
  constructor(reason: AuthErrorReason | OwnAuthErrorReason, options: AuthErrorOptions = {}) {
    const definition: ErrorDefinition =
      typeof reason === 'string' ? definitions[reason] : checkOwnReason(reason);
    super(
      describe(definition, options),
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.#options = options;
    this.#reason = reason;
    this.reason = typeof reason === 'string' ? reason : reason.reason;
    this.code = definition.code;
    this.status = statusOf[definition.code];
    this.scheme = options.scheme ?? 'Bearer';
    if (definition.error !== undefined) this.error = definition.error;
    if (options.scope !== undefined) this.scope = options.scope;
    if (options.retryAfter !== undefined) this.retryAfter = options.retryAfter;
  }

  /** Returns the same error for another scheme. */
  withScheme(scheme: AuthScheme): AuthError {
    const copy = new AuthError(this.#reason, { ...this.#options, scheme });
    copy.#source = this.#source;
    return copy;
  }

  /** Returns the same error for an authenticator, which its headers describe. */
  withSource(source: ChallengeSource): AuthError {
    const copy = new AuthError(this.#reason, this.#options);
    copy.#source = source;
    return copy;
  }

  /**
   * The headers of the response: `Cache-Control: no-store`, `WWW-Authenticate`, `Retry-After` and
   * `DPoP-Nonce`, as far as they apply.
   *
   * @throws {TypeError} if the scope has a character that is not allowed in a header
   */
  get headers(): Readonly<Record<string, string>> {
    const source = this.#source;
    const { realm = defaultRealm, schemes = ['Bearer'] } = source;
    const settings = {
      realm,
      ...(source.dpopAlgorithms ? { dpopAlgorithms: source.dpopAlgorithms } : {}),
      ...(source.resourceMetadata ? { resourceMetadata: source.resourceMetadata } : {}),
    };
    const nonce = this.scheme === 'DPoP' ? source.dpopNonce?.() : undefined;
    return {
      'Cache-Control': 'no-store',
      ...errorHeaders(this, schemes, (content) => buildChallenge({ ...settings, ...content })),
      ...(nonce === undefined ? {} : { 'DPoP-Nonce': nonce }),
    };
  }
}

/** Rejects what could not be sent, or would be mistaken for a reason of this package. */
function checkOwnReason(own: OwnAuthErrorReason): ErrorDefinition {
  const { reason, code, message } = own;
  if (typeof reason !== 'string' || !/^[a-z][a-z0-9_]{0,63}$/.test(reason)) {
    throw new TypeError(
      'AuthError: reason must be lower-case letters, digits and underscores, such as api_key_unknown.',
    );
  }
  if (isAuthErrorReason(reason)) {
    throw new TypeError(`AuthError: ${reason} is a reason of this package: choose another name.`);
  }
  if (!Object.hasOwn(statusOf, code)) {
    throw new TypeError(`AuthError: code must be one of: ${Object.keys(statusOf).join(', ')}.`);
  }
  if (typeof message !== 'string' || !/^[\x20\x21\x23-\x5B\x5D-\x7E]{1,200}$/.test(message)) {
    throw new TypeError(
      'AuthError: message must be 1 to 200 characters of printable ASCII, without quotes and backslashes.',
    );
  }
  if (own.error !== undefined && !challengeErrors.has(own.error)) {
    throw new TypeError(`AuthError: error must be one of: ${[...challengeErrors].join(', ')}.`);
  }
  return own;
}
