import { signIn, signOut } from './auth.ts';
import { explainSession } from './explain.ts';
import { useSession } from './useSession.ts';

/** What tells about the person, and not about what they may do. */
const identityScopes = new Set(['openid', 'profile', 'email', 'offline_access']);

/** Who is signed in, what they may do, and what went wrong with it. */
export function SessionBar({ title }: { readonly title: string }) {
  const { user, problem } = useSession();
  const scopes = user?.scopes.filter((scope) => scope && !identityScopes.has(scope)) ?? [];
  return (
    <header>
      <h1>{title}</h1>
      <div className="session">
        {user ? (
          <>
            <span>
              <strong>{user.profile.name ?? user.profile.sub}</strong>{' '}
              {scopes.length === 0 && <span className="quiet">no scopes</span>}
              {scopes.map((scope) => (
                <code key={scope}>{scope}</code>
              ))}
            </span>
            <button type="button" onClick={signOut}>
              Sign out
            </button>
          </>
        ) : (
          <>
            <span className="quiet">Not signed in</span>
            <button type="button" className="main" onClick={() => signIn()}>
              Sign in
            </button>
          </>
        )}
      </div>
      {problem !== undefined && (
        <p role="alert" className="problem">
          {explainSession(problem)}
        </p>
      )}
    </header>
  );
}
