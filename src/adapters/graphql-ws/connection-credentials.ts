import { AuthError } from '../../authentication/auth-error.ts';
import type { AuthenticationRequest } from '../../authentication/authenticator.ts';

/** The HTTP request that became a WebSocket. Node's `IncomingMessage` fits as it is. */
export interface UpgradeRequest {
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly rawHeaders: readonly string[];
  /** For rate limits by address. */
  readonly socket?: object;
}

/**
 * The credentials of a WebSocket connection: the headers `Authorization` and `DPoP` of the upgraded
 * request, and the members of the same names, case-insensitively, of the payload of
 * `connection_init`, because browsers cannot send such headers. Credentials in both places count
 * twice. Nothing else of the payload is kept.
 *
 * Reading a member that is not a string throws an `AuthError`, `authorization_malformed`.
 */
export function connectionCredentials(
  upgrade: UpgradeRequest,
  payload: Readonly<Record<string, unknown>> = {},
): AuthenticationRequest {
  const members = new Map([
    ['authorization', membersOf(payload, 'authorization')],
    ['dpop', membersOf(payload, 'dpop')],
  ]);
  return {
    method: 'GET',
    url: upgrade.url ?? '/',
    rawHeaders: upgrade.rawHeaders,
    ...(upgrade.socket === undefined ? {} : { connection: upgrade.socket }),
    raw: upgrade,
    headers: {
      get(name) {
        const sent = [upgrade.headers[name]].flat().filter((text) => text !== undefined);
        const values = [...sent, ...(members.get(name) ?? []).map(textOf)];
        return values.length > 0 ? values.join(', ') : null;
      },
    },
  };
}

const notText = Symbol('a member that is not a string');

function membersOf(payload: Readonly<Record<string, unknown>>, name: string) {
  return Object.entries(payload)
    .filter(([key, value]) => key.toLowerCase() === name && value != null && value !== '')
    .map(([, value]) => (typeof value === 'string' ? value : notText));
}

function textOf(member: string | typeof notText): string {
  if (member === notText) throw new AuthError('authorization_malformed');
  return member;
}
