import { type ReactNode, useSyncExternalStore } from 'react';
import { explainSessionProblem } from './explain.ts';
import { queries, queryAt, type SampleQuery } from './queries.ts';
import { signIn, signOut, useSession } from './session.ts';

interface PageProps {
  readonly title: string;
  /** Renders the selected query and its result. */
  readonly children: (query: SampleQuery) => ReactNode;
  /** Renders the messages. */
  readonly messages: () => ReactNode;
}

const messagesPage = { name: 'messages', title: 'Messages' };

/** The page: session, navigation, and the query or the messages that the URL fragment selects. */
export function Page({ title, children, messages }: PageProps) {
  const hash = useSyncExternalStore(onHashChange, () => window.location.hash);
  const query = hash === `#${messagesPage.name}` ? undefined : queryAt(hash);
  const current = query ?? messagesPage;
  return (
    <>
      <title>{`${current.title} – ${title}`}</title>
      <SessionBar title={title} />
      <nav aria-label="Pages">
        {[...queries, messagesPage].map(({ name, title }) => (
          <a key={name} href={`#${name}`} aria-current={name === current.name ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <main key={current.name}>{query ? children(query) : messages()}</main>
    </>
  );
}

function onHashChange(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

/** Scopes about the user's identity, not about access to the API. */
const identityScopes = new Set(['openid', 'profile', 'email', 'offline_access']);

/** Who is signed in, with which scopes, and the last problem with it. */
function SessionBar({ title }: { readonly title: string }) {
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
          {explainSessionProblem(problem)}
        </p>
      )}
    </header>
  );
}
