import { AuthError } from '../authentication/auth-error.ts';
import type { AuthenticationRequest } from '../authentication/authenticator.ts';

/** The HTTP request that became a WebSocket. Node's `IncomingMessage` fits as it is. */
export interface UpgradeRequest {
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly rawHeaders: readonly string[];
}

/**
 * What a WebSocket connection is authenticated by: the headers `Authorization` and `DPoP` of the
 * request that was upgraded, and the members of the same names, in any case, of the payload of
 * `connection_init`. Browsers can send no such headers. What comes in both places is there twice.
 *
 * @throws {AuthError} `authorization_malformed`, where a member is no text
 */
export function connectionCredentials(
  upgrade: UpgradeRequest,
  payload: Readonly<Record<string, unknown>> = {},
): AuthenticationRequest {
  return {
    method: 'GET',
    url: upgrade.url ?? '/',
    rawHeaders: upgrade.rawHeaders,
    headers: {
      get(name) {
        const sent = [upgrade.headers[name]].flat().filter((text) => text !== undefined);
        const values = [...sent, ...members(payload, name)];
        return values.length > 0 ? values.join(', ') : null;
      },
    },
  };
}

function members(payload: Readonly<Record<string, unknown>>, name: string): string[] {
  return Object.entries(payload).flatMap(([key, value]) => {
    if (key.toLowerCase() !== name || value == null || value === '') return [];
    if (typeof value !== 'string') throw new AuthError('authorization_malformed');
    return [value];
  });
}
