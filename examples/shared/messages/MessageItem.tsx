import { useEffect, useId, useRef, useState } from 'react';
import { type Draft, deleteMessage, editMessage, type Message } from '../documents.ts';
import { type ApiResponse, isDone, type Send } from '../result.ts';
import { useSession } from '../session.ts';
import { DraftForm } from './DraftForm.tsx';
import { Problem } from './Problem.tsx';

interface MessageItemProps {
  readonly message: Message;
  readonly send: Send;
  readonly onEdited: (message: Message) => void;
  readonly onDeleted: () => void;
}

/** A message, with buttons to edit and delete it. The API decides whether the user may. */
export function MessageItem({ message, send, onEdited, onDeleted }: MessageItemProps) {
  const { id, author, text, visibility, postedAt, editedAt } = message;
  const { user } = useSession();
  const [isEditing, setIsEditing] = useState(false);
  const [refusal, setRefusal] = useState<ApiResponse<unknown>>();
  const editButton = useRef<HTMLButtonElement>(null);
  const textId = useId();

  const wasEditing = useRef(false);
  useEffect(() => {
    if (wasEditing.current && !isEditing) editButton.current?.focus();
    wasEditing.current = isEditing;
  }, [isEditing]);
  const edit = async (draft: Draft): Promise<ApiResponse<unknown>> => {
    // Only what has changed: others than the author cannot send the visibility.
    const changes = {
      ...(draft.text !== text && { text: draft.text }),
      ...(draft.visibility !== visibility && { visibility: draft.visibility }),
    };
    const response = await send(editMessage, { id, ...changes });
    const edited = response.data?.editMessage;
    if (edited) onEdited(edited);
    // Null without an error: another user has deleted it, or made it private.
    else if (isDone(response)) onDeleted();
    setIsEditing(!isDone(response));
    return response;
  };
  const remove = async (): Promise<void> => {
    const response = await send(deleteMessage, { id });
    if (isDone(response)) onDeleted();
    else setRefusal(response);
  };

  return (
    <li tabIndex={-1}>
      <p className="quiet">
        <strong>{author}</strong>
        {user?.profile.sub === author && ' (you)'}
        {' · '}
        <time dateTime={postedAt}>{formatTime(postedAt)}</time>
        {editedAt !== null && ' · edited'}
        {visibility === 'PRIVATE' && ' · private'}
      </p>
      {isEditing ? (
        <DraftForm
          label="Text"
          takesFocus
          submitLabel="Save"
          initial={{ text, visibility }}
          onSubmit={edit}
        >
          <button type="button" onClick={() => setIsEditing(false)}>
            Cancel
          </button>
        </DraftForm>
      ) : (
        <>
          <p id={textId} className="text">
            {text}
          </p>
          <div className="actions">
            <button
              type="button"
              ref={editButton}
              aria-describedby={textId}
              onClick={() => setIsEditing(true)}
            >
              Edit
            </button>
            <button
              type="button"
              aria-describedby={textId}
              onClick={() => window.confirm('Delete this message?') && remove()}
            >
              Delete
            </button>
          </div>
        </>
      )}
      {refusal && <Problem response={refusal} onRetry={remove} />}
    </li>
  );
}

function formatTime(time: string): string {
  return new Date(time).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}
