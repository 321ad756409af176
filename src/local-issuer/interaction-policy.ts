import type { Grant, KoaContextWithOIDC, PromptDetail } from 'oidc-provider';
import type { LocalUser } from './clients-and-users.ts';
import { interactionPolicy } from './load-oidc-provider.ts';
import { findHintedUser, type RequestParameters, requestedAcrValues } from './login-page.ts';

const { Check } = interactionPolicy;

/**
 * When users have to sign in: as usual, after `max_age`, if the request names authentication context
 * classes that the session does not have, and if `login_hint` names another test user. The local
 * issuer grants any class, so that every step-up (RFC 9470) can be tried.
 */
export function createInteractionPolicy(users: readonly LocalUser[]) {
  const policy = interactionPolicy.base();
  policy.get('login')?.checks.add(
    new Check(
      'acr_values',
      'another authentication context class is requested',
      'login_required',
      ({ oidc }: KoaContextWithOIDC) => {
        const classes = requestedAcrValues(oidc.params);
        return classes.length > 0 && !classes.some((one) => one === oidc.acr)
          ? Check.REQUEST_PROMPT
          : Check.NO_NEED_TO_PROMPT;
      },
    ),
  );
  policy.get('login')?.checks.add(
    new Check(
      hintReason,
      'another user is suggested',
      'login_required',
      ({ oidc }: KoaContextWithOIDC) => {
        const hinted = findHintedUser(users, oidc.params);
        // On the login page, another user can be selected than the hinted one.
        const isSelected = oidc.result?.login !== undefined;
        return hinted && !isSelected && oidc.session?.accountId !== hinted.name
          ? Check.REQUEST_PROMPT
          : Check.NO_NEED_TO_PROMPT;
      },
    ),
  );
  return policy;
}

const hintReason = 'login_hint';

/**
 * The test user to sign in without the login page: the one of `login_hint`, unless the client asks for
 * a new authentication by `prompt=login`, `max_age` or `acr_values`.
 */
export function findImmediateUser(
  users: readonly LocalUser[],
  { reasons }: PromptDetail,
  params: RequestParameters,
): LocalUser | undefined {
  const isAskedFor = reasons.some((reason) => reason !== 'no_session' && reason !== hintReason);
  return isAskedFor ? undefined : findHintedUser(users, params);
}

/**
 * Grants a client whatever of its request the signed-in user has, without a consent page. The other
 * scopes are rejected by name, because oidc-provider asks for consent to a scope that is neither
 * granted nor rejected.
 */
export function createGrantLoader(
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
      const rejected = [...scopes].filter((scope) => !permitted.includes(scope));
      if (permitted.length > 0) grant.addResourceScope(identifier, permitted);
      if (rejected.length > 0) grant.rejectResourceScope(identifier, rejected);
      grantsSomething ||= permitted.some((scope) => context.oidc.requestParamScopes.has(scope));
    }

    // Auth0 issues tokens without scopes, since they still identify the user; oidc-provider requires
    // at least one scope.
    if (!grantsSomething && params) {
      params.scope = [...context.oidc.requestParamScopes, 'openid'].join(' ').trim();
      grant.addOIDCScope('openid');
    }
    await grant.save();
    return grant;
  };
}
