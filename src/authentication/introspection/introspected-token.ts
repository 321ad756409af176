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
  const { issuer, audiences, readScopes } = settings;
  const claims = checkIssuer(response, issuer);
  if (!hasAccessTokenType(claims, audiences)) throw new AuthError('token_type');
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

/**
 * Refresh tokens are active too, and the hint that the token is an access token does not exclude them
 * (RFC 7662 §2.1). Where no audience does, `token_type` must: it is the type of an access token (RFC 6749
 * §5.1), and issuers leave it out, or empty, for others. `N_A` is the type of other tokens (RFC 8693 §2.2.1).
 */
function hasAccessTokenType(response: JsonObject, audiences: ReadonlySet<string>): boolean {
  const type = getOwn(response, 'token_type') ?? '';
  if (typeof type !== 'string' || type.toLowerCase() === 'n_a') return false;
  return type !== '' || audiences.size > 0;
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
