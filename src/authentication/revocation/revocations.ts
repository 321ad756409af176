import { isObject, isThenable } from '../../shared/type-guards.ts';
import { withTimeout } from '../../shared/with-timeout.ts';
import { AuthError } from '../auth-error.ts';
import type { AuthenticatedViewer } from '../viewer.ts';

/**
 * Says which tokens are revoked: the result of `createRevocationList`, or an object of your own, such as
 * one that looks tokens up in a database.
 *
 * @example
 * ```ts
 * const authenticator = createAuthenticator({
 *   issuer: 'https://tenant.eu.auth0.com/',
 *   audience: 'https://api.example.com',
 *   revocations: { isRevoked: ({ subject }) => blockedUsers.has(subject) },
 * });
 * ```
 */
export interface Revocations {
  /**
   * Whether the token of a viewer is revoked. Called for each request with a valid token, and every 2
   * seconds for each viewer with open streams, so it must be fast. The claims of the token are in
   * `viewer.claims`.
   *
   * @throws if that is unknown. The request is then rejected with 503, and streams end. A promise that takes
   * longer than 5 seconds counts as such.
   */
  isRevoked(viewer: AuthenticatedViewer): boolean | Promise<boolean>;
  /**
   * The longest lifetime of a token, in seconds, if revocations are not remembered any longer. Tokens with
   * a longer one are rejected, because they would become valid again. Default: not limited.
   */
  readonly maxTokenLifetime?: number;
}

/** Throws, or returns a promise that rejects, if the token of a viewer is not accepted any more. */
export type RevocationCheck = (viewer: AuthenticatedViewer) => void | Promise<void>;

/** Seconds. */
const retryAfter = 1;

/** Milliseconds in which `isRevoked` must say so. */
const timeoutMs = 5_000;
const timeoutMessage = `isRevoked did not respond within ${timeoutMs / 1000} seconds.`;

const unavailable = (cause: unknown) =>
  new AuthError('revocation_unavailable', { retryAfter, cause });

/**
 * Creates the check of tokens that are otherwise valid. It fails closed, and is synchronous if
 * `isRevoked` is.
 *
 * The check throws or rejects with an `AuthError`: `token_revoked`, `revocation_unavailable`.
 */
export function createRevocationCheck(revocations: Revocations): RevocationCheck {
  return (viewer) => {
    let isRevoked: boolean | Promise<boolean>;
    try {
      isRevoked = revocations.isRevoked(viewer);
    } catch (cause) {
      throw unavailable(cause);
    }
    if (!isThenable(isRevoked)) return rejectUnlessFalse(isRevoked);
    return withTimeout(isRevoked, timeoutMs, timeoutMessage).then(rejectUnlessFalse, (cause) => {
      throw unavailable(cause);
    });
  };
}

/** Also rejects what is not a boolean, such as the result of a function that forgot to return. */
function rejectUnlessFalse(isRevoked: unknown): void {
  if (isRevoked === false) return;
  throw isRevoked === true
    ? new AuthError('token_revoked')
    : unavailable(new TypeError('isRevoked did not return a boolean.'));
}

/**
 * Rejects a token that is valid for longer than revocations are remembered.
 *
 * Not noticed: the whole lifetime of a token without `iat`, of which only the rest is known.
 *
 * @param now milliseconds since the epoch
 * @throws {AuthError} `token_lifetime`
 */
export function checkTokenLifetime(
  { claims }: Pick<AuthenticatedViewer, 'claims'>,
  maxTokenLifetime: number | undefined,
  now: number,
): void {
  if (maxTokenLifetime === undefined) return;
  const { iat = now / 1000, exp } = claims;
  if (!(Number(exp) - Number(iat) <= maxTokenLifetime)) throw new AuthError('token_lifetime');
}

/** Problems of the option `revocations`. */
export function findRevocationsProblems(revocations: unknown): readonly string[] {
  if (revocations === undefined) return [];
  if (!isObject(revocations) || typeof revocations['isRevoked'] !== 'function') {
    return [
      'revocations must be the result of createRevocationList, or an object with a method isRevoked.',
    ];
  }
  const { maxTokenLifetime = 1 } = revocations;
  return typeof maxTokenLifetime === 'number' && maxTokenLifetime > 0
    ? []
    : ['revocations.maxTokenLifetime must be a number of seconds above 0.'];
}
