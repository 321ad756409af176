import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import type { Draft } from '../documents.ts';
import { type ApiResponse, type GraphqlError, hasCode, isDone } from '../result.ts';
import { Problem } from './Problem.tsx';

interface DraftFormProps {
  readonly label: string;
  readonly initial: Draft;
  /** Whether the field has the focus at first. Default: false. */
  readonly takesFocus?: boolean;
  /** Sends the draft. The form is cleared if there is no problem. */
  readonly onSubmit: (draft: Draft) => Promise<ApiResponse<unknown>>;
  /** Called with the draft before the page is left for a sign-in. */
  readonly onSignIn?: (draft: Draft) => void;
  readonly submitLabel: string;
  /** More buttons. */
  readonly children?: ReactNode;
}

/** A form to write a message. What is wrong with the text is shown beside it. */
export function DraftForm({
  label,
  initial,
  takesFocus = false,
  onSubmit,
  onSignIn,
  submitLabel,
  children,
}: DraftFormProps) {
  const [draft, setDraft] = useState(initial);
  const [isSending, setIsSending] = useState(false);
  const [response, setResponse] = useState<ApiResponse<unknown>>();
  const field = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  useEffect(() => {
    if (takesFocus) field.current?.focus();
  }, [takesFocus]);

  const inputErrors = response?.errors.filter(isInputError) ?? [];
  const isProblem = response !== undefined && !isDone(response) && inputErrors.length === 0;

  const submit = async (event?: FormEvent): Promise<void> => {
    event?.preventDefault();
    if (isSending) return;
    setIsSending(true);
    const response = await onSubmit(draft);
    setIsSending(false);
    setResponse(response);
    if (isDone(response)) setDraft({ ...initial, text: '' });
    if (isDone(response) || response.errors.some(isInputError)) field.current?.focus();
  };

  return (
    <form onSubmit={submit} aria-busy={isSending}>
      <label htmlFor={`${id}text`}>{label}</label>
      <textarea
        ref={field}
        id={`${id}text`}
        rows={3}
        value={draft.text}
        onChange={({ target }) => setDraft({ ...draft, text: target.value })}
        aria-invalid={inputErrors.length > 0}
        aria-describedby={inputErrors.length > 0 ? `${id}error` : undefined}
      />
      {inputErrors.length > 0 && (
        <p id={`${id}error`} className="field-error">
          {inputErrors.map(({ message }) => message).join(' ')}
        </p>
      )}
      <label className="option">
        <input
          type="checkbox"
          checked={draft.visibility === 'PRIVATE'}
          onChange={({ target }) =>
            setDraft({ ...draft, visibility: target.checked ? 'PRIVATE' : 'PUBLIC' })
          }
        />
        Private: only the author can read it
      </label>
      <div className="actions">
        <button type="submit" className="main" disabled={isSending}>
          {submitLabel}
        </button>
        {children}
      </div>
      {isProblem && (
        <Problem
          response={response}
          onRetry={submit}
          {...(onSignIn && { onSignIn: () => onSignIn(draft) })}
        />
      )}
    </form>
  );
}

function isInputError(error: GraphqlError): boolean {
  return hasCode([error], 'BAD_USER_INPUT');
}
