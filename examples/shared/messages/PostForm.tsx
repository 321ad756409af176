import { useEffect, useRef, useState } from 'react';
import { type Draft, type Message, postMessage } from '../documents.ts';
import type { Send } from '../result.ts';
import { DraftForm } from './DraftForm.tsx';

interface PostFormProps {
  readonly send: Send;
  readonly onPosted: (message: Message) => void;
}

const storageKey = 'draft';
const emptyDraft: Draft = { text: '', visibility: 'PUBLIC' };

/** Posts a message. */
export function PostForm({ send, onPosted }: PostFormProps) {
  // A draft survives the redirects of a sign-in, and nothing else.
  const [initial] = useState(readDraft);
  useEffect(() => window.sessionStorage.removeItem(storageKey), []);
  // A retry of the same message has the same key, so that it is posted once even if only the
  // response to the first attempt was lost.
  const attempt = useRef({ draft: emptyDraft, idempotencyKey: '' });

  return (
    <DraftForm
      label="New message"
      submitLabel="Post"
      initial={initial}
      onSignIn={(draft) => window.sessionStorage.setItem(storageKey, JSON.stringify(draft))}
      onSubmit={async (draft) => {
        if (attempt.current.draft !== draft) {
          attempt.current = { draft, idempotencyKey: crypto.randomUUID() };
        }
        const { idempotencyKey } = attempt.current;
        const response = await send(postMessage, { ...draft, idempotencyKey });
        const message = response.data?.postMessage;
        if (message) onPosted(message);
        return response;
      }}
    />
  );
}

function readDraft(): Draft {
  const stored = window.sessionStorage.getItem(storageKey);
  return stored === null ? emptyDraft : JSON.parse(stored);
}
