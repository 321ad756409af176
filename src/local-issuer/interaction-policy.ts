import type { KoaContextWithOIDC } from 'oidc-provider';
import { requestedClasses } from './authentication-class.ts';
import { interactionPolicy } from './quiet-oidc-provider.ts';

/**
 * When people are asked to sign in: as usual, after `max_age`, and also when the request asks for
 * classes of which the session has none. The local issuer gives whichever class is asked for, so
 * that every step-up (RFC 9470) can be tried.
 */
export function createInteractionPolicy() {
  const policy = interactionPolicy.base();
  policy.get('login')?.checks.add(
    new interactionPolicy.Check(
      'acr_values',
      'another authentication context class is asked for',
      'login_required',
      ({ oidc }: KoaContextWithOIDC) => {
        const classes = requestedClasses(oidc.params);
        return classes.length > 0 && !classes.some((one) => one === oidc.acr)
          ? interactionPolicy.Check.REQUEST_PROMPT
          : interactionPolicy.Check.NO_NEED_TO_PROMPT;
      },
    ),
  );
  return policy;
}
