import type { JsonObject } from '../../shared/type-guards.ts';
import { getOwn } from './json.ts';

/**
 * The claims that identify the client that a token was issued to, in the order in which they are read:
 * `client_id` (RFC 9068 §2.2), `azp` (OpenID Connect Core §2), `cid` (Okta) and `appid` (Entra).
 */
const clientClaims = ['client_id', 'azp', 'cid', 'appid'] as const;

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** The client that a token was issued to: the first of its claims that identifies one. */
export function readClientId(claims: JsonObject): string | undefined {
  return clientClaims.map((name) => getOwn(claims, name)).find(isText);
}

/** Whether a token identifies its client, and each of its claims that does names an accepted one. */
export function isFromClient(
  claims: JsonObject,
  accepted: Pick<ReadonlySet<string>, 'has'>,
): boolean {
  const clients = clientClaims
    .map((name) => getOwn(claims, name) ?? undefined)
    .filter((value) => value !== undefined);
  return clients.length > 0 && clients.every((client) => isText(client) && accepted.has(client));
}
