import type { AuthError } from './auth-error.ts';
import type { AuthScheme } from './auth-error-reasons.ts';
import type { ChallengeContent } from './challenge.ts';

/**
 * Creates the headers that an error requires: `WWW-Authenticate` with 400, 401 and 403 (RFC 9110 §15.5.2,
 * RFC 6750 §3), and `Retry-After`.
 *
 * @param schemes The accepted schemes, for a request without credentials.
 */
export function errorHeaders(
  error: AuthError,
  schemes: readonly AuthScheme[],
  write: (content: ChallengeContent) => string,
): Record<string, string> {
  const { code, scheme, scope, message } = error;
  const headers: Record<string, string> = {};
  if (error.retryAfter !== undefined) headers['Retry-After'] = String(error.retryAfter);
  if (error.error !== undefined) {
    const required = scope === undefined ? {} : { scope };
    const content = { ...required, scheme, error: error.error, errorDescription: message };
    headers['WWW-Authenticate'] = write(content);
  } else if (error.reason === 'authentication_required') {
    headers['WWW-Authenticate'] = write({ scheme: schemes });
  } else if (code === 'UNAUTHENTICATED' || code === 'FORBIDDEN') {
    headers['WWW-Authenticate'] = write({ scheme });
  }
  return headers;
}
