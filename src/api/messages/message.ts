import { isObject } from '../../shared/type-guards.ts';

/** Who can see a message: everyone who can read messages, or its author only. */
export type MessageVisibility = 'PUBLIC' | 'PRIVATE';

/** A message, as it is stored and published. */
export interface Message {
  readonly id: string;
  /** The `id` of the viewer who posted it, which decides. Clients get `author`. */
  readonly authorId: string;
  /** The `subject` of that viewer. */
  readonly author: string;
  readonly text: string;
  readonly visibility: MessageVisibility;
  /** ISO 8601, in UTC with milliseconds. */
  readonly postedAt: string;
  readonly editedAt: string | null;
}

/** What a viewer can see: public messages, and those of this author. */
export interface MessageFilter {
  readonly authorId: string;
}

/** Whether a filter lets a message through. `whereVisible` is the same for the database. */
export function isVisible(
  { authorId }: MessageFilter,
  message: Pick<Message, 'authorId' | 'visibility'>,
): boolean {
  return message.visibility === 'PUBLIC' || message.authorId === authorId;
}

/** Whether a value has the members of a message. */
export function isMessage(value: unknown): value is Message {
  return (
    isObject(value) &&
    ['id', 'authorId', 'author', 'text', 'postedAt'].every(
      (name) => typeof value[name] === 'string',
    ) &&
    (value['visibility'] === 'PUBLIC' || value['visibility'] === 'PRIVATE') &&
    (value['editedAt'] === null || typeof value['editedAt'] === 'string')
  );
}
