import { useEffect, useRef } from 'react';
import type { Send } from '../result.ts';
import { MessageItem } from './MessageItem.tsx';
import { PostForm } from './PostForm.tsx';
import { Problem } from './Problem.tsx';
import { useMessages } from './useMessages.ts';

/** The messages, and a form to post one. */
export function MessagesView({ send }: { readonly send: Send }) {
  const { list, isLoading, problem, isLive, arrived, retry, loadMore, show, remove } =
    useMessages(send);
  const heading = useRef<HTMLHeadingElement>(null);
  const items = useRef<HTMLOListElement>(null);
  const lastRead = useRef<Element>(null);

  // Reading continues at the first message of the page that was loaded.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list has been rendered again.
  useEffect(() => {
    const next = lastRead.current?.nextElementSibling;
    if (!(next instanceof HTMLElement)) return;
    lastRead.current = null;
    next.focus();
  }, [list]);
  const readOn = (): void => {
    lastRead.current = items.current?.lastElementChild ?? null;
    void loadMore();
  };

  return (
    <>
      {list && (
        <div className="card">
          <PostForm send={send} onPosted={show} />
        </div>
      )}
      <section className="messages" aria-labelledby="messages-heading" aria-busy={isLoading}>
        <div className="heading">
          <h2 ref={heading} id="messages-heading" tabIndex={-1}>
            Messages
          </h2>
          {list && (
            <p className="quiet">
              {list.totalCount} · {isLive ? 'Live: new messages appear here' : 'Connecting…'}
            </p>
          )}
        </div>
        <p role="status" className="visually-hidden">
          {arrived && `New message from ${arrived.author}: ${arrived.text}`}
        </p>
        {!list && isLoading && <p className="quiet">Loading…</p>}
        {problem && !isLoading && <Problem response={problem} onRetry={retry} />}
        {list?.messages.length === 0 && <p className="quiet">No messages yet.</p>}
        <ol ref={items}>
          {list?.messages.map((message) => (
            <MessageItem
              key={message.id}
              message={message}
              send={send}
              onEdited={show}
              onDeleted={() => {
                remove(message.id);
                heading.current?.focus();
              }}
            />
          ))}
        </ol>
        {list?.hasNextPage && (
          <button type="button" onClick={readOn} disabled={isLoading}>
            Load more
          </button>
        )}
      </section>
    </>
  );
}
