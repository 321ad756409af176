import { createHash } from 'node:crypto';
import { isMessageId } from './message-ids.ts';

/** The version of the format, and the list that the cursors belong to. */
const version = 1;
const list = 'messages';

const idBytes = 16;
const checksumBytes = 6;
const cursorBytes = 1 + idBytes + checksumBytes;
const cursorCharacters = Math.ceil((cursorBytes * 4) / 3);

/**
 * The cursor of a message: version, ID and checksum in base64url. Opaque for clients. The checksum
 * recognizes cursors of other lists and altered ones; it is not a secret, and a cursor gives no access.
 */
export function toCursor(id: string): string {
  const position = Buffer.from([version, ...Buffer.from(id.replaceAll('-', ''), 'hex')]);
  return Buffer.concat([position, checksumOf(position)]).toString('base64url');
}

/** The ID in a cursor; undefined if `toCursor` did not make it. */
export function readCursor(cursor: string): string | undefined {
  if (cursor.length !== cursorCharacters) return undefined;
  const bytes = Buffer.from(cursor, 'base64url');
  const position = bytes.subarray(0, 1 + idBytes);
  const hex = position.toString('hex', 1);
  const id = [8, 12, 16, 20, 32]
    .map((end, index, ends) => hex.slice(ends[index - 1] ?? 0, end))
    .join('-');
  // Compared with what it must be: checks version, checksum, and that no other text decodes to the same.
  return isMessageId(id) && toCursor(id) === cursor ? id : undefined;
}

function checksumOf(position: Uint8Array): Buffer {
  return createHash('sha256').update(list).update(position).digest().subarray(0, checksumBytes);
}
