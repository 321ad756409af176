import { expect, test } from 'vitest';
import { readResponse } from '../../bench/http-response.ts';

const withLength = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
const chunked =
  'HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n';

test.each([
  ['Content-Length', withLength, { status: 200, isLast: false }],
  ['chunks', chunked, { status: 403, isLast: true }],
])('a response with %s is read once it is complete', (_name, text, expected) => {
  for (let length = 0; length < text.length; length += 1) {
    expect(readResponse(Buffer.from(text.slice(0, length)))).toBeUndefined();
  }

  expect(readResponse(Buffer.from(text))).toEqual({ ...expected, body: Buffer.from('hello') });
});
