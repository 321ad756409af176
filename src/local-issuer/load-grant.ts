import type { Grant, KoaContextWithOIDC } from 'oidc-provider';
import type { LocalUser } from './local-user.ts';

/**
 * What a person who has signed in grants to the client: everything they may do themselves, and
 * nothing else. The rest is rejected by name, because oidc-provider would ask for consent to what is
 * neither granted nor rejected.
 */
export function grantLoader(
  users: readonly LocalUser[],
): (context: KoaContextWithOIDC) => Promise<Grant | undefined> {
  return async (context) => {
    const { account, client, params, provider, requestParamOIDCScopes, resourceServers } =
      context.oidc;
    const user = users.find(({ name }) => name === account?.accountId);
    if (!user || !client) return undefined;

    const grant = new provider.Grant({ accountId: user.name, clientId: client.clientId });
    let grantsSomething = requestParamOIDCScopes.size > 0;
    if (grantsSomething) grant.addOIDCScope(requestParamOIDCScopes);

    for (const [identifier, { scopes }] of Object.entries(resourceServers ?? {})) {
      const permitted = user.scopes.filter((scope) => scopes.has(scope));
      const refused = [...scopes].filter((scope) => !permitted.includes(scope));
      if (permitted.length > 0) grant.addResourceScope(identifier, permitted);
      if (refused.length > 0) grant.rejectResourceScope(identifier, refused);
      grantsSomething ||= permitted.some((scope) => context.oidc.requestParamScopes.has(scope));
    }

    // A token without scopes still says who is asking, and Auth0 gives one; oidc-provider asks for
    // at least one scope.
    if (!grantsSomething && params) {
      params.scope = [...context.oidc.requestParamScopes, 'openid'].join(' ').trim();
      grant.addOIDCScope('openid');
    }
    await grant.save();
    return grant;
  };
}
