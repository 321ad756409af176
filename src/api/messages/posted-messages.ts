import { isMessage, isVisible, type Message, type MessageFilter } from './message.ts';

/** The topic of messages that have been posted. */
export const postedTopic = 'messages.posted';

/**
 * The messages of a stream that a filter lets through. Other payloads are dropped: instances can run
 * different versions of this API.
 */
export function selectMessages(
  payloads: AsyncIterator<unknown>,
  filter: MessageFilter,
): AsyncIterableIterator<Message> {
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      for (;;) {
        const { done, value } = await payloads.next();
        if (done) return { done: true, value: undefined };
        if (isMessage(value) && isVisible(filter, value)) {
          return { done: false, value: membersOf(value) };
        }
      }
    },
    async return() {
      // Ends a `next` that is waiting as well.
      await payloads.return?.();
      return { done: true, value: undefined };
    },
  };
}

/** Without members that a message does not have: execution would call `then`. */
function membersOf(message: Message): Message {
  const { id, authorId, author, text, visibility, postedAt, editedAt } = message;
  return { id, authorId, author, text, visibility, postedAt, editedAt };
}
