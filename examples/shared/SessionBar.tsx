import { explainSessionProblem } from './explain.ts';
import { auth, useSession } from './session.ts';

/** Scopes about the user's identity, not about access to the API. */
const identityScopes = new Set(['openid', 'profile', 'email', 'offline_access']);

/** Who is signed in, with which scopes, how tokens are sent, and the last problem with it. */
export function SessionBar({ title }: { readonly title: string }) {
  const { user, scheme, problem } = useSession();
  const other = scheme === 'Bearer' ? 'DPoP' : 'Bearer';
  const scopes = user?.scopes.filter((scope) => scope && !identityScopes.has(scope)) ?? [];
  return (
    <header>
      <h1>{title}</h1>
      <div className="session">
        {user ? (
          <span>
            <strong>{user.profile.name ?? user.profile.sub}</strong>{' '}
            {scopes.length === 0 && <span className="quiet">no scopes</span>}
            {scopes.map((scope) => (
              <code key={scope}>{scope}</code>
            ))}
          </span>
        ) : (
          <span className="quiet">Not signed in</span>
        )}
        <span>
          <span>
            Tokens: <strong>{scheme}</strong>
          </span>
          <button type="button" onClick={() => auth.switchTo(other)}>
            Use {other}
          </button>
          {user ? (
            <button type="button" onClick={() => auth.signOut()}>
              Sign out
            </button>
          ) : (
            <button type="button" className="main" onClick={() => auth.signIn()}>
              Sign in
            </button>
          )}
        </span>
      </div>
      {problem !== undefined && (
        <p role="alert" className="problem">
          {explainSessionProblem(problem)}
        </p>
      )}
    </header>
  );
}
