import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readCursor, toCursor } from '../../../src/api/messages/message-cursor.ts';
import { createMessageIds } from '../../../src/api/messages/message-ids.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { anyText } from '../../support/any-text.ts';

const id = createMessageIds(systemClock)();
const cursor = toCursor(id);
const bytes = Buffer.from(cursor, 'base64url');

it('has the ID of a message', () => {
  expect(cursor).toMatch(/^[\w-]{31}$/);
  expect(readCursor(cursor)).toBe(id);
});

it('is rejected with any bit changed', () => {
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const altered = Buffer.from(bytes);
    altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(readCursor(altered.toString('base64url'))).toBeUndefined();
  }
});

it('is rejected with any character replaced, left out or added', () => {
  for (let at = 0; at <= cursor.length; at += 1) {
    const [before, after] = [cursor.slice(0, at), cursor.slice(at)];
    for (const text of [`${before}A${after}`, `${before}=${after}`, before + after.slice(1)]) {
      if (text !== cursor) expect(readCursor(text), text).toBeUndefined();
    }
  }
});

it('is rejected if it is of another list, or of another version', () => {
  const position = bytes.subarray(0, 17);
  const cursorOf = (list: string, start: Uint8Array): string => {
    const checksum = createHash('sha256').update(list).update(start).digest().subarray(0, 6);
    return Buffer.concat([start, checksum]).toString('base64url');
  };

  expect(readCursor(cursorOf('messages', position))).toBe(id);
  expect(readCursor(cursorOf('books', position))).toBeUndefined();
  const later = Buffer.from(position);
  later[0] = 2;
  expect(readCursor(cursorOf('messages', later))).toBeUndefined();
});

it('rejects any other text', () => {
  fc.assert(
    fc.property(
      fc.oneof(anyText, fc.base64String(), fc.constant('x'.repeat(1_000_000))),
      (text) => {
        expect(readCursor(text)).toBeUndefined();
      },
    ),
    { numRuns: 200 },
  );
});
