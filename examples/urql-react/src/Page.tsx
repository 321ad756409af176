import { useSyncExternalStore } from 'react';
import { questionAt, questions } from './questions.ts';
import { SessionBar } from './SessionBar.tsx';
import { View } from './View.tsx';

/** Everything that is on the screen. The address says what is asked. */
export function Page({ title }: { readonly title: string }) {
  const question = questionAt(useSyncExternalStore(onHashChange, () => window.location.hash));
  return (
    <>
      <title>{`${question.title} – ${title}`}</title>
      <SessionBar title={title} />
      <nav aria-label="What to ask">
        {questions.map(({ name, title }) => (
          <a
            key={name}
            href={`#${name}`}
            aria-current={name === question.name ? 'page' : undefined}
          >
            {title}
          </a>
        ))}
      </nav>
      <main>
        <View key={question.name} question={question} />
      </main>
    </>
  );
}

function onHashChange(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}
