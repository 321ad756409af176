import { describe, expect, it } from 'vitest';
import {
  readAfter,
  readIdempotencyKey,
  readPageSize,
  readText,
} from '../../../src/api/messages/message-input.ts';

const badInput = (argument: string, message: string) =>
  expect.objectContaining({
    message,
    extensions: { code: 'BAD_USER_INPUT', argument, http: { status: 400 } },
  });

describe('the text', () => {
  it.each([
    ['a', 'a'],
    ['  a b\t\n', 'a b'],
    ['a\r\nb', 'a\nb'],
    ['a\n\tb', 'a\n\tb'],
    ['x'.repeat(2_000), 'x'.repeat(2_000)],
    ['😀'.repeat(2_000), '😀'.repeat(2_000)],
    [` ${'x'.repeat(2_000)}\r\n`, 'x'.repeat(2_000)],
    ["'; drop table messages; --", "'; drop table messages; --"],
    ['<script>', '<script>'],
  ])('%.20j is stored as %.20j', (sent, text) => {
    expect(readText(sent)).toBe(text);
  });

  const empty = 'The text is empty. Send 1 to 2,000 characters.';
  const long = 'The text is too long. Send at most 2,000 characters.';
  const control =
    'The text has a control character or half of a surrogate pair. Send it without; line breaks and tabs are allowed.';
  it.each([
    ['', empty],
    [' \n\t\u00a0', empty],
    ['x'.repeat(2_001), long],
    ['😀'.repeat(2_001), long],
    ['x'.repeat(1_000_000), long],
    [' '.repeat(1_000_000), long],
    ['a\u0000b', control],
    ['a\u001b[31m', control],
    ['a\rb', control],
    ['a\u0085b', control],
    ['a\ud800b', control],
  ])('%j is rejected: %s', (sent, message) => {
    expect(() => readText(sent)).toThrow(badInput('text', message));
  });
});

it.each([
  [undefined, 20],
  [null, 20],
  [1, 1],
  [100, 100],
])('first: %j is a page of %i', (first, size) => {
  expect(readPageSize(first)).toBe(size);
});
it.each([0, -1, 101, 2 ** 31 - 1])('first: %i is rejected', (first) => {
  expect(() => readPageSize(first)).toThrow(badInput('first', 'first must be between 1 and 100.'));
});

it('after: null is the first page', () => {
  expect(readAfter(null)).toBeUndefined();
});
it.each(['', 'x', 'x'.repeat(1_000_000)])('after: %j is rejected', (after) => {
  expect(() => readAfter(after)).toThrow(
    badInput(
      'after',
      'after is not a cursor of this list. Send the cursor of an edge or the endCursor of a page, unchanged.',
    ),
  );
});

it.each([null, undefined, 'a', '018f-…'.replace('…', '1'), '~'.repeat(100)])(
  'idempotencyKey: %j is accepted',
  (key) => {
    expect(readIdempotencyKey(key)).toBe(key ?? undefined);
  },
);
it.each(['', ' ', 'a b', 'ä', 'a\u0000', '~'.repeat(101)])(
  'idempotencyKey: %j is rejected',
  (key) => {
    expect(() => readIdempotencyKey(key)).toThrow(
      badInput(
        'idempotencyKey',
        'idempotencyKey must be 1 to 100 visible ASCII characters, such as a UUID.',
      ),
    );
  },
);
