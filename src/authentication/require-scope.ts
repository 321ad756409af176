import { AuthError, type ChallengeSource } from './auth-error.ts';
import { schemeOf } from './scheme-of.ts';
import type { AuthenticatedViewer, Viewer } from './viewer.ts';

/**
 * Requires scopes outside of GraphQL, such as in a REST route of the same server. Scopes are compared
 * exactly: a hierarchy of `guardSchema` does not apply.
 *
 * @param scope The scopes, space-delimited; all are required.
 * @param authenticator The authenticator of the viewer, for the challenge.
 * @returns The viewer, who is authenticated.
 * @throws {AuthError} `authentication_required` (401) or `insufficient_scope` (403)
 * @throws {TypeError} if there is no scope in `scope`
 *
 * @example
 * ```ts
 * const viewer = requireScope(await authenticator.authenticate(request), 'read:reports', authenticator);
 * ```
 */
export function requireScope(
  viewer: Viewer,
  scope: string,
  authenticator: ChallengeSource,
): AuthenticatedViewer {
  // RFC 6749 §3.3.
  if (!/^[\x21\x23-\x5B\x5D-\x7E]+(?: [\x21\x23-\x5B\x5D-\x7E]+)*$/.test(scope)) {
    throw new TypeError('requireScope: scope must be one or more scopes, separated by spaces.');
  }
  if (viewer.kind !== 'authenticated') {
    throw new AuthError('authentication_required').withSource(authenticator);
  }
  if (!scope.split(' ').every((one) => viewer.scopes.has(one))) {
    const scheme = schemeOf(viewer);
    throw new AuthError('insufficient_scope', { scope, scheme }).withSource(authenticator);
  }
  return viewer;
}
