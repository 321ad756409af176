import { type GraphqlFault, missingScope } from './answer.ts';
import { signIn } from './auth.ts';
import { explainRefusal } from './explain.ts';
import { useSession } from './useSession.ts';

/** What the API refused, why, and the sign-in that would do. */
export function Refused({ errors }: { readonly errors: readonly GraphqlFault[] }) {
  const { user } = useSession();
  const scope = missingScope(errors);
  const mayHelp = scope !== '' || errors.some(wantsSignIn);
  return (
    <div className="card refused">
      <h3>What was refused</h3>
      <dl>
        {errors.map((error) => (
          <div key={`${error.path?.join('.')} ${error.message}`}>
            <dt>
              <code>{error.path?.join('.') ?? 'all of it'}</code>
            </dt>
            <dd>{explainRefusal(error)}</dd>
          </div>
        ))}
      </dl>
      {mayHelp && (
        <button type="button" className="main" onClick={() => signIn(scope)}>
          {user && scope ? `Sign in with ${scope}` : 'Sign in'}
        </button>
      )}
      {user && scope && (
        <p className="quiet">If your account may not have it, choose another one there.</p>
      )}
    </div>
  );
}

/** Not where the API names a fault of the token itself: another sign-in would bring the same. */
function wantsSignIn({ extensions = {} }: GraphqlFault): boolean {
  return extensions['code'] === 'UNAUTHENTICATED' && extensions['reason'] === undefined;
}
