import type {
  AccessToken,
  ClientCredentials,
  JWTStructured,
  KoaContextWithOIDC,
} from 'oidc-provider';

/**
 * What an access token looks like: Auth0's own profile (`typ` JWT, `azp`, `permissions`), or the
 * profile of RFC 9068 (`typ` at+jwt, `client_id`, `jti`).
 */
export type TokenProfile = 'auth0' | 'rfc9068';

/** Reshapes an access token before it is signed. */
export type ShapeToken = (
  context: KoaContextWithOIDC,
  token: AccessToken | ClientCredentials,
  parts: JWTStructured,
) => void;

/**
 * The shaper of a profile. In both, `scope` holds everything that was granted. In Auth0's profile
 * `permissions` holds exactly the API's scopes among them: with all that the person may do in there,
 * asking for fewer scopes would change nothing.
 */
export function tokenShaper(
  profile: TokenProfile,
  userInfoEndpoint: string,
  apiScopes: readonly string[],
): ShapeToken {
  // Of a name that is both, such as `email`, the API's rule decides who gets it.
  const isIdentityOnly = (scope: string): boolean => !apiScopes.includes(scope);
  const shapers: Record<TokenProfile, ShapeToken> = {
    auth0: (context, token, parts) => {
      const { iss, sub, aud, iat, exp, client_id, cnf, scope } = parts.payload;
      const machine = token.kind === 'ClientCredentials';
      const identity = identityScopes(context);
      parts.header = { ...parts.header, typ: 'JWT' };
      parts.payload = {
        iss,
        sub: machine ? `${client_id}@clients` : sub,
        aud: identity.includes('openid') ? [aud, userInfoEndpoint] : aud,
        iat,
        exp,
        scope: joined(identity.filter(isIdentityOnly), scope),
        ...(machine ? { gty: 'client-credentials' } : {}),
        azp: client_id,
        permissions: split(scope),
        ...authenticationOf(context),
        ...(cnf === undefined ? {} : { cnf }),
      };
    },
    rfc9068: (context, _token, parts) => {
      const identity = identityScopes(context).filter(isIdentityOnly);
      parts.payload.scope = joined(identity, parts.payload.scope);
      Object.assign(parts.payload, authenticationOf(context));
    },
  };
  return shapers[profile];
}

/** openid, profile and the like, as granted to the person; oidc-provider leaves them out. */
function identityScopes(context: KoaContextWithOIDC): readonly string[] {
  const { AuthorizationCode, RefreshToken, Grant } = context.oidc.entities;
  const source = AuthorizationCode ?? RefreshToken;
  if (!source || !Grant) return [];
  const requested = context.oidc.params?.scope;
  const narrowed = typeof requested === 'string' ? new Set(split(requested)) : source.scopes;
  return split(Grant.getOIDCScopeFiltered(narrowed));
}

/** When and how the person signed in (RFC 9068 §2.2.1, RFC 9470 §6.1); nothing for a machine. */
function authenticationOf({ oidc }: KoaContextWithOIDC): { auth_time?: number; acr?: string } {
  const { authTime, acr } = oidc.entities.AuthorizationCode ?? oidc.entities.RefreshToken ?? {};
  return {
    ...(authTime === undefined ? {} : { auth_time: authTime }),
    ...(acr === undefined ? {} : { acr }),
  };
}

function joined(identity: readonly string[], scope: unknown): string | undefined {
  const scopes = [...identity, ...split(scope)];
  return scopes.length === 0 ? undefined : scopes.join(' ');
}

function split(scope: unknown): string[] {
  return typeof scope === 'string' && scope !== '' ? scope.split(' ') : [];
}
