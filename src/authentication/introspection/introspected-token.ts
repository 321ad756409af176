import type { JsonObject } from '../../shared/type-guards.ts';
import { AuthError } from '../auth-error.ts';
import type { IssuerSettings } from '../issuer/trusted-issuer.ts';
import type { AccessToken } from '../token/access-token.ts';
import { checkClaims, readConfirmation, type TimeSettings } from '../token/claims.ts';
import { getOwn } from '../token/json.ts';

/**
 * Reads what an issuer says of an active token (RFC 7662 §2.2), as strictly as the claims of a JWT.
 *
 * @throws {AuthError} any reason for which a JWT is rejected because of its claims
 */
export function readIntrospectedToken(
  response: JsonObject,
  settings: IssuerSettings,
  time: TimeSettings,
): Omit<AccessToken, 'length' | 'source'> {
  const { issuer, readScopes } = settings;
  const claims = checkIssuer(response, issuer);
  const checked = checkClaims(withoutHydraUse(claims), settings, time);
  const confirmation = readConfirmation(claims);
  if (isDpopBound(claims) && confirmation.kind === 'none') {
    throw new AuthError('token_confirmation');
  }
  return { ...checked, issuer, claims, confirmation, readScopes };
}

/** The response need not name the issuer, which is the one that was asked. */
function checkIssuer(response: JsonObject, issuer: string): JsonObject {
  const named = getOwn(response, 'iss');
  if (named !== undefined && named !== issuer) throw new AuthError('token_issuer');
  return { ...response, iss: issuer };
}

/** Ory Hydra names the use of a token with a word of its own: in a JWT, it is not one of an access token. */
function withoutHydraUse(claims: JsonObject): JsonObject {
  const { token_use: use, ...others } = claims;
  return use === 'access_token' ? others : claims;
}

/** RFC 9449 §6.2: the response then has `cnf`. Without it, whose proof to require is unknown. */
function isDpopBound(response: JsonObject): boolean {
  const type = getOwn(response, 'token_type');
  return typeof type === 'string' && type.toLowerCase() === 'dpop';
}
