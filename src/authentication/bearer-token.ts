import { AuthError } from './auth-error.ts';
import type { Credentials, DpopMode } from './credentials.ts';
import type { AccessTokenSettings } from './token/access-token.ts';
import { readCompactJws } from './token/compact-jws.ts';
import { getOwn } from './token/json.ts';
import type { KnownToken } from './token/known-tokens.ts';
import type { AuthenticatedViewer } from './viewer.ts';

/** A token that was sent as Bearer (RFC 6750). */
export type BearerCredentials = Extract<Credentials, { kind: 'bearer' }>;

/**
 * The viewer of a verified token that was sent as Bearer.
 *
 * @throws {AuthError} `token_bound`, `bearer_not_accepted`, `proof_with_bearer`
 */
export function acceptBearer(
  { confirmation, viewer }: KnownToken,
  { hasProof }: BearerCredentials,
  dpop: DpopMode,
): AuthenticatedViewer {
  if (confirmation.kind === 'key') throw new AuthError('token_bound');
  if (dpop === 'required') throw bearerNotAccepted();
  if (hasProof && dpop !== 'off') throw new AuthError('proof_with_bearer');
  return viewer;
}

/** Only tokens that are bound to a key are accepted. */
export const bearerNotAccepted = () => new AuthError('bearer_not_accepted', { scheme: 'DPoP' });

/** Reads `cnf` without verifying the token. Only used to choose between two errors. */
export function claimsToBeBound(
  token: string,
  { maxTokenBytes }: Pick<AccessTokenSettings, 'maxTokenBytes'>,
): boolean {
  const jws = readCompactJws(token, maxTokenBytes);
  return jws.kind === 'jws' && (getOwn(jws.payload, 'cnf') ?? null) !== null;
}
