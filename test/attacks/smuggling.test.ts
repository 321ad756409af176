// cspell:ignore xchunked
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exchangeBytes } from '../support/hostile/http-exchange.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

/** What an attacker hides in one request, so that it is read as another: 404 where it is. */
const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n';
const query = '{"query":"{ __typename }"}';
const post = (...lines: readonly string[]): string =>
  ['POST /graphql HTTP/1.1', 'Host: localhost', 'Content-Type: application/json', ...lines].join(
    '\r\n',
  );
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const chunked = `${chunk(query)}0\r\n\r\n`;

async function statusesOf(text: string): Promise<readonly number[]> {
  const writes = [Buffer.from(text, 'latin1')];
  const { port } = new URL(server.origin);
  const { answers, problem } = await exchangeBytes(Number(port), { writes, kind: 'anything' });
  expect(problem).toBeUndefined();
  return answers.map(({ status }) => status);
}

describe('a request whose end can be read in two ways is refused, and the connection closed', () => {
  it.each([
    ['CL.TE', `${post('Content-Length: 4', 'Transfer-Encoding: chunked')}\r\n\r\n0\r\n\r\n`],
    ['TE.CL', `${post('Transfer-Encoding: chunked', 'Content-Length: 4')}\r\n\r\n0\r\n\r\n`],
    ['TE.TE', `${post('Transfer-Encoding: chunked', 'Transfer-Encoding: x')}\r\n\r\n${chunked}`],
    [
      'TE.TE, the other way',
      `${post('Transfer-Encoding: x', 'Transfer-Encoding: chunked')}\r\n\r\n${chunked}`,
    ],
    ['chunked twice', `${post('Transfer-Encoding: chunked, chunked')}\r\n\r\n${chunked}`],
    ['chunked, then identity', `${post('Transfer-Encoding: chunked, identity')}\r\n\r\n${chunked}`],
    ['chunked in quotes', `${post('Transfer-Encoding: "chunked"')}\r\n\r\n${chunked}`],
    [
      'chunked behind a vertical tab',
      `${post('Transfer-Encoding: \x0bchunked')}\r\n\r\n${chunked}`,
    ],
    ['a coding that is like chunked', `${post('Transfer-Encoding: xchunked')}\r\n\r\n${chunked}`],
    ['a space before the colon', `${post('Transfer-Encoding : chunked')}\r\n\r\n${chunked}`],
    [
      'a line break before the colon',
      `${post('Transfer-Encoding\r\n : chunked')}\r\n\r\n${chunked}`,
    ],
    ['a folded line', `${post('Transfer-Encoding:\r\n chunked')}\r\n\r\n${chunked}`],
    ['a folded line of another header', `${post('X: a\r\n Transfer-Encoding: chunked')}\r\n\r\n`],
    ['a bare line feed', `${post('X: a\nTransfer-Encoding: chunked')}\r\n\r\n${chunked}`],
    ['a bare carriage return', `${post('X: a\rTransfer-Encoding: chunked')}\r\n\r\n${chunked}`],
    ['a zero byte in a name', `${post('Transfer-Encoding\0: chunked')}\r\n\r\n${chunked}`],
    ['a zero byte in a value', `${post('X: a\0b')}\r\n\r\n`],
    ['two lengths', `${post('Content-Length: 0', `Content-Length: ${smuggled.length}`)}\r\n\r\n`],
    ['two equal lengths', `${post('Content-Length: 26', 'Content-Length: 26')}\r\n\r\n${query}`],
    ['a list of lengths', `${post('Content-Length: 26, 26')}\r\n\r\n${query}`],
    ['a length with a sign', `${post('Content-Length: +26')}\r\n\r\n${query}`],
    ['a negative length', `${post('Content-Length: -1')}\r\n\r\n${query}`],
    ['a length in hexadecimal', `${post('Content-Length: 0x1a')}\r\n\r\n${query}`],
    ['a length in exponents', `${post('Content-Length: 2e1')}\r\n\r\n${query}`],
    ['a length with a fraction', `${post('Content-Length: 26.0')}\r\n\r\n${query}`],
    ['a length with spaces inside', `${post('Content-Length: 2 6')}\r\n\r\n${query}`],
    ['a length of nothing', `${post('Content-Length:')}\r\n\r\n${query}`],
    ['a length beyond 64 bits', `${post(`Content-Length: ${2n ** 64n + 26n}`)}\r\n\r\n${query}`],
    ['a name of nothing', `${post(': a')}\r\n\r\n`],
    ['a header without a colon', `${post('Transfer-Encoding')}\r\n\r\n`],
    ['a space before the first header', 'GET / HTTP/1.1\r\n Host: localhost\r\n\r\n'],
    [
      'a chunk size with a sign',
      `${post('Transfer-Encoding: chunked')}\r\n\r\n+1a\r\n${query}\r\n0\r\n\r\n`,
    ],
    ['a negative chunk size', `${post('Transfer-Encoding: chunked')}\r\n\r\n-1\r\n${query}`],
    ['a chunk size as 0x1a', `${post('Transfer-Encoding: chunked')}\r\n\r\n0x1a\r\n${query}`],
    ['a chunk size of nothing', `${post('Transfer-Encoding: chunked')}\r\n\r\n\r\n${query}`],
    [
      'a chunk size beyond 64 bits',
      `${post('Transfer-Encoding: chunked')}\r\n\r\n${'f'.repeat(17)}\r\n`,
    ],
    [
      'a chunk size with a bare line feed',
      `${post('Transfer-Encoding: chunked')}\r\n\r\n1a\n${query}\r\n0\r\n\r\n`,
    ],
    [
      'a chunk longer than it says',
      `${post('Transfer-Encoding: chunked')}\r\n\r\n2\r\n${query}\r\n0\r\n\r\n`,
    ],
    [
      'a bare line feed in a chunk extension',
      `${post('Transfer-Encoding: chunked')}\r\n\r\n1a;a\nb\r\n${query}\r\n0\r\n\r\n`,
    ],
    [
      'a chunk that ends with a bare line feed',
      `${post('Transfer-Encoding: chunked')}\r\n\r\n1a\r\n${query}\n0\r\n\r\n`,
    ],
    [
      'a coding in HTTP/1.0',
      `${post('Transfer-Encoding: chunked').replace('HTTP/1.1', 'HTTP/1.0')}\r\n\r\n${chunked}`,
    ],
    ['HTTP/0.9', 'GET /graphql?query={__typename}\r\n\r\n'],
    ['HTTP/1.2', 'GET /livez HTTP/1.2\r\nHost: localhost\r\n\r\n'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['lower case', 'GET /livez http/1.1\r\nHost: localhost\r\n\r\n'],
    ['a tab', 'GET\t/livez HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['a target with a space', 'GET /livez x HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['an unknown method', 'GETS /livez HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['no Host', 'GET /livez HTTP/1.1\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ])('%s', async (_, text) => {
    const statuses = await statusesOf(`${text}${smuggled}`);
    expect([[400], [501], [505]]).toContainEqual(statuses);
  });
});

describe('what has one meaning is served', () => {
  it.each<[string, string, readonly number[]]>([
    ['two requests', `${smuggled}${smuggled}`, [404, 404]],
    [
      'a body with a request in it',
      `${post(`Content-Length: ${smuggled.length}`)}\r\n\r\n${smuggled}`,
      [400],
    ],
    [
      'a chunk with a request in it',
      `${post('Transfer-Encoding: chunked')}\r\n\r\n${chunk(smuggled)}0\r\n\r\n`,
      [400],
    ],
    [
      'a body of GET with a request in it',
      `GET /livez HTTP/1.1\r\nHost: a\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
      [200],
    ],
    [
      'chunks, then a request',
      `${post('Transfer-Encoding: chunked')}\r\n\r\n${chunked}${smuggled}`,
      [200, 404],
    ],
    [
      'a chunk extension',
      `${post('Transfer-Encoding: chunked')}\r\n\r\n1a;a=b\r\n${query}\r\n0\r\n\r\n${smuggled}`,
      [200, 404],
    ],
    [
      'trailers',
      `${post('Transfer-Encoding: chunked')}\r\n\r\n${chunk(query)}0\r\nAuthorization: Bearer a\r\n\r\n${smuggled}`,
      [200, 404],
    ],
    [
      'two spaces (RFC 9112 §3)',
      `GET  /livez HTTP/1.1\r\nHost: localhost\r\n\r\n${smuggled}`,
      [200, 404],
    ],
    ['empty lines before a request', `\r\n\r\n${smuggled}`, [404]],
  ])('%s', async (_, text, statuses) => {
    expect(await statusesOf(text)).toEqual(statuses);
  });
});
