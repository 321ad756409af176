import { type ReactNode, useSyncExternalStore } from 'react';
import { LiveView } from './LiveView.tsx';
import { MessagesView } from './messages/MessagesView.tsx';
import { queries, type SampleQuery } from './queries.ts';
import type { Send } from './result.ts';
import { SessionBar } from './SessionBar.tsx';

interface PageProps {
  readonly title: string;
  /** Renders the selected query and its result. */
  readonly children: (query: SampleQuery) => ReactNode;
  readonly send: Send;
}

/** The page: session, navigation, and what the URL fragment selects. */
export function Page({ title, children, send }: PageProps) {
  const pages = [
    ...queries.map((query) => ({ ...query, content: () => children(query) })),
    { name: 'messages', title: 'Messages', content: () => <MessagesView send={send} /> },
    { name: 'live', title: 'Live', content: () => <LiveView /> },
  ];
  const hash = useSyncExternalStore(onHashChange, () => window.location.hash);
  const current = pages.find(({ name }) => `#${name}` === hash) ?? pages[0];
  return (
    <>
      <title>{`${current?.title} – ${title}`}</title>
      <SessionBar title={title} />
      <nav aria-label="Pages">
        {pages.map(({ name, title }) => (
          <a
            key={name}
            href={`#${name}`}
            aria-current={name === current?.name ? 'page' : undefined}
          >
            {title}
          </a>
        ))}
      </nav>
      <main key={current?.name}>{current?.content()}</main>
    </>
  );
}

function onHashChange(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}
