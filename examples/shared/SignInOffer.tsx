import { requirementOf } from './auth.ts';
import type { GraphqlError } from './result.ts';
import { auth, useSession } from './session.ts';

interface SignInOfferProps {
  readonly errors: readonly GraphqlError[];
  /** Called before the page is left. */
  readonly onSignIn?: () => void;
}

/** A button to sign in, with what is missing, if that can help against these errors. */
export function SignInOffer({ errors, onSignIn }: SignInOfferProps) {
  const { user } = useSession();
  const requirement = requirementOf(errors);
  const { scope } = requirement;
  if (scope === undefined && !errors.some(requiresSignIn)) return null;
  return (
    <>
      <button
        type="button"
        className="main"
        onClick={() => {
          onSignIn?.();
          auth.signIn(requirement);
        }}
      >
        {user ? `Sign in ${scope ? `with ${scope}` : 'again'}` : 'Sign in'}
      </button>
      {user && scope && (
        <p className="quiet">If your account can't be granted this scope, sign in with another.</p>
      )}
    </>
  );
}

/** Not if the token itself has a problem: the next one would have the same. */
function requiresSignIn({ extensions = {} }: GraphqlError): boolean {
  return extensions['code'] === 'UNAUTHENTICATED' && extensions['reason'] === undefined;
}
