import { GraphQLError } from 'graphql';
import { readCursor } from './message-cursor.ts';

/** Characters of a message, as Unicode code points. */
const maxTextCharacters = 2_000;
const maxPageSize = 100;
const defaultPageSize = 20;
const maxKeyCharacters = 100;

/**
 * A value that the client has to change.
 *
 * @param argument The argument that it was sent for, for forms that show the message beside a field.
 */
export function badInput(argument: string, message: string): GraphQLError {
  return new GraphQLError(message, {
    extensions: { code: 'BAD_USER_INPUT', argument, http: { status: 400 } },
  });
}

/**
 * The text to store: without white space around it, and with line feeds as line breaks.
 *
 * @throws {GraphQLError} If it is empty, too long, or has characters that a message cannot have.
 */
export function readText(sent: string): string {
  // Also bounds the work below. A code point has at most two units.
  const text = sent.length > 4 * maxTextCharacters ? sent : sent.replaceAll('\r\n', '\n').trim();
  if (text.length > 2 * maxTextCharacters || [...text].length > maxTextCharacters) {
    throw badInput('text', 'The text is too long. Send at most 2,000 characters.');
  }
  if (text === '') throw badInput('text', 'The text is empty. Send 1 to 2,000 characters.');
  if (/[\p{Cs}]|(?![\n\t])\p{Cc}/u.test(text)) {
    throw badInput(
      'text',
      'The text has a control character or half of a surrogate pair. Send it without; line breaks and tabs are allowed.',
    );
  }
  return text;
}

/** @throws {GraphQLError} If there cannot be so many items on a page. */
export function readPageSize(first: number | null | undefined): number {
  const size = first ?? defaultPageSize;
  if (size < 1 || size > maxPageSize) {
    throw badInput('first', `first must be between 1 and ${maxPageSize}.`);
  }
  return size;
}

/**
 * The ID to continue behind; undefined for the first page.
 *
 * @throws {GraphQLError} If it is not a cursor of the list of messages.
 */
export function readAfter(after: string | null | undefined): string | undefined {
  if (after == null) return undefined;
  const id = readCursor(after);
  if (id === undefined) {
    throw badInput(
      'after',
      'after is not a cursor of this list. Send the cursor of an edge or the endCursor of a page, unchanged.',
    );
  }
  return id;
}

/** @throws {GraphQLError} If the key is not 1 to 100 visible ASCII characters. */
export function readIdempotencyKey(key: string | null | undefined): string | undefined {
  if (key == null) return undefined;
  if (key.length > maxKeyCharacters || !/^[!-~]+$/.test(key)) {
    throw badInput(
      'idempotencyKey',
      `idempotencyKey must be 1 to ${maxKeyCharacters} visible ASCII characters, such as a UUID.`,
    );
  }
  return key;
}
