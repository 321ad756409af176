import type { KoaContextWithOIDC } from 'oidc-provider';
import { longestLifetime } from './local-client.ts';
import { errors } from './quiet-oidc-provider.ts';

/**
 * How long the access token of a request is valid, in seconds. The parameter `lifetime` of the token
 * endpoint, which is no part of OAuth, asks for a shorter or longer one, so that a client's
 * behavior at the end of a token can be watched.
 *
 * @throws InvalidRequest (`invalid_request`) for anything but 1 to 86400.
 */
export function tokenLifetime({ oidc }: KoaContextWithOIDC, usual: number): number {
  const requested: unknown = oidc.body?.['lifetime'];
  if (requested === undefined) return usual;
  const seconds = typeof requested === 'string' && /^\d{1,5}$/.test(requested) ? +requested : 0;
  if (seconds < 1 || seconds > longestLifetime) {
    throw new errors.InvalidRequest(
      `lifetime must be a whole number of seconds from 1 to ${longestLifetime}`,
    );
  }
  return seconds;
}
