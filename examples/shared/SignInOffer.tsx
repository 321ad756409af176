import { type GraphqlError, missingScope } from './result.ts';
import { signIn, useSession } from './session.ts';

interface SignInOfferProps {
  readonly errors: readonly GraphqlError[];
  /** Called before the page is left. */
  readonly onSignIn?: () => void;
}

/** A button to sign in, with the missing scope, if that can help against these errors. */
export function SignInOffer({ errors, onSignIn }: SignInOfferProps) {
  const { user } = useSession();
  const scope = missingScope(errors);
  if (scope === '' && !errors.some(requiresSignIn)) return null;
  return (
    <>
      <button
        type="button"
        className="main"
        onClick={() => {
          onSignIn?.();
          signIn(scope);
        }}
      >
        {user && scope ? `Sign in with ${scope}` : 'Sign in'}
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
