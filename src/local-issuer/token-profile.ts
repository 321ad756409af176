import type {
  AccessToken,
  ClientCredentials,
  JWTStructured,
  KoaContextWithOIDC,
} from 'oidc-provider';
import { claimsOfExchange } from './token-exchange-grant.ts';

/**
 * The format of access tokens: Auth0's (`typ` JWT, `azp`, `permissions`), that of RFC 9068 (`typ`
 * at+jwt, `client_id`, `jti`), or random text that means something to the issuer alone, which introspects
 * it (RFC 7662).
 */
export type TokenProfile = 'auth0' | 'rfc9068' | 'opaque';

/** Changes header and claims of an access token before it is signed. */
export type ShapeToken = (
  context: KoaContextWithOIDC,
  token: AccessToken | ClientCredentials,
  parts: JWTStructured,
) => void;

/**
 * Creates the function that applies a profile. In both profiles, `scope` has every granted scope. In
 * Auth0's, `permissions` has the granted scopes of the API, not all that the user has: otherwise
 * requesting fewer scopes would have no effect.
 */
export function createTokenShaper(
  profile: Exclude<TokenProfile, 'opaque'>,
  userInfoEndpoint: string,
  apiScopes: readonly string[],
): ShapeToken {
  // A name that is both, such as `email`, is granted as a scope of the API.
  const isIdentityOnly = (scope: string): boolean => !apiScopes.includes(scope);
  const shapers: Record<typeof profile, ShapeToken> = {
    auth0: (context, token, parts) => {
      const { iss, sub, aud, iat, exp, client_id, cnf, scope } = parts.payload;
      const { auth_time, acr, act, sid } = parts.payload;
      const machine = token.kind === 'ClientCredentials';
      const identity = identityScopes(context);
      parts.header = { ...parts.header, typ: 'JWT' };
      parts.payload = {
        iss,
        sub: machine ? machineSubject(client_id) : sub,
        aud: identity.includes('openid') ? [aud, userInfoEndpoint] : aud,
        iat,
        exp,
        scope: joinScopes(identity.filter(isIdentityOnly), scope),
        ...(machine ? { gty: 'client-credentials' } : {}),
        azp: client_id,
        permissions: splitScopes(scope),
        auth_time,
        acr,
        sid,
        act,
        cnf,
      };
    },
    rfc9068: (context, _token, parts) => {
      const identity = identityScopes(context).filter(isIdentityOnly);
      parts.payload.scope = joinScopes(identity, parts.payload.scope);
    },
  };
  return shapers[profile];
}

/** What an access token says in addition to what oidc-provider itself does. */
export function readExtraClaims(
  context: KoaContextWithOIDC,
  token: AccessToken | ClientCredentials,
): Readonly<Record<string, unknown>> {
  return token.kind === 'ClientCredentials'
    ? { sub: machineSubject(token.clientId) }
    : { ...(claimsOfExchange(context) ?? signInClaims(context)) };
}

/** As Auth0 names it. */
const machineSubject = (clientId: unknown): string => `${clientId}@clients`;

/** The granted scopes of OpenID Connect, such as openid; oidc-provider omits them. */
function identityScopes(context: KoaContextWithOIDC): readonly string[] {
  const { AuthorizationCode, RefreshToken, Grant } = context.oidc.entities;
  const source = AuthorizationCode ?? RefreshToken;
  if (!source || !Grant) return [];
  const requested = context.oidc.params?.scope;
  const narrowed = typeof requested === 'string' ? new Set(splitScopes(requested)) : source.scopes;
  return splitScopes(Grant.getOIDCScopeFiltered(narrowed));
}

/**
 * When and how the user signed in (RFC 9068 §2.2.1, RFC 9470 §6.1), and the session if the client is told
 * when it ends; nothing for a machine.
 */
function signInClaims({ oidc }: KoaContextWithOIDC): Readonly<Record<string, unknown>> {
  const { authTime, acr, sid } =
    oidc.entities.AuthorizationCode ?? oidc.entities.RefreshToken ?? {};
  return {
    ...(authTime === undefined ? {} : { auth_time: authTime }),
    ...(acr === undefined ? {} : { acr }),
    ...(sid === undefined ? {} : { sid }),
  };
}

function joinScopes(identity: readonly string[], scope: unknown): string | undefined {
  const scopes = [...identity, ...splitScopes(scope)];
  return scopes.length === 0 ? undefined : scopes.join(' ');
}

function splitScopes(scope: unknown): string[] {
  return typeof scope === 'string' && scope !== '' ? scope.split(' ') : [];
}
