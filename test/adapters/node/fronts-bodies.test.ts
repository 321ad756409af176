import { afterAll, beforeAll, describe, it } from 'vitest';
import {
  expectSame,
  open,
  post,
  type ServedBy,
  startPreparedFronts,
  type TwoFronts,
  text,
} from './two-fronts.ts';

let fronts: TwoFronts;
beforeAll(async () => {
  fronts = await startPreparedFronts();
});
afterAll(() => fronts.stop());

describe('Accept', () => {
  it.each<[string, string | undefined, number, ServedBy]>([
    ['none', undefined, 200, 'listener'],
    ['empty', '', 200, 'listener'],
    ['curl, fetch', '*/*', 200, 'listener'],
    ['Apollo Client 3', '*/*', 200, 'listener'],
    [
      'Apollo Client 4',
      'application/graphql-response+json,application/json;q=0.9',
      200,
      'listener',
    ],
    [
      'Apollo Client 4 with @defer',
      'multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9',
      200,
      'Yoga',
    ],
    [
      'urql',
      'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed',
      200,
      'listener',
    ],
    ['graphql-request', 'application/graphql-response+json, application/json', 200, 'listener'],
    ['Relay', 'application/json, multipart/mixed', 200, 'listener'],
    ['graphql-sse', 'text/event-stream', 200, 'Yoga'],
    [
      'Chromium',
      'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
      200,
      'listener',
    ],
    ['Firefox', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 200, 'listener'],
    ['JSON', 'application/json', 200, 'listener'],
    ['JSON in capitals', 'APPLICATION/JSON', 200, 'listener'],
    ['JSON with a charset', 'application/json; charset=utf-8', 200, 'listener'],
    ['JSON with another charset', 'application/json; charset=utf-16', 406, 'Yoga'],
    ['a family', 'application/*', 200, 'listener'],
    ['JSON not wanted', 'application/json;q=0', 406, 'Yoga'],
    ['JSON not wanted, anything else', 'application/json;q=0, */*', 200, 'listener'],
    [
      'the other type preferred',
      'application/json;q=0.5, application/graphql-response+json',
      200,
      'listener',
    ],
    ['a stream preferred', 'application/json;q=0.5, text/event-stream', 200, 'Yoga'],
    ['an invalid quality', 'application/json;q=high', 200, 'listener'],
    ['a quality above one', 'application/json;q=2, text/event-stream;q=1', 200, 'listener'],
    ['something else', 'text/html', 406, 'Yoga'],
    ['commas', ',,,', 200, 'listener'],
    ['no media type', 'json', 406, 'Yoga'],
    ['a stream in parts', 'multipart/mixed', 200, 'Yoga'],
  ])('%s', async (_client, accept, status, servedBy) => {
    const headers = accept === undefined ? [] : [`Accept: ${accept}`];
    await expectSame(fronts, post(open, { headers }), status, servedBy);
    // Errors are sent in whatever type there is.
    await expectSame(fronts, post(text, { headers }), 200, servedBy);
  });

  it('in two headers', async () => {
    const headers = ['Accept: text/html', 'Accept: application/graphql-response+json'];
    await expectSame(fronts, post(text, { headers }), 200, 'listener');
  });
});

describe('Content-Type and Content-Encoding', () => {
  it.each<[string, number, ServedBy]>([
    ['Content-Type: application/json', 200, 'listener'],
    ['Content-Type: application/json; charset=utf-8', 200, 'listener'],
    ['Content-Type: application/json;charset=UTF-8', 200, 'Yoga'],
    ['Content-Type: application/json; charset="utf-8"', 200, 'Yoga'],
    ['Content-Type: Application/JSON', 200, 'Yoga'],
    ['Content-Type: application/json; charset=latin1', 415, 'Yoga'],
    ['Content-Type: application/graphql+json', 415, 'Yoga'],
    ['Content-Type: application/graphql', 415, 'Yoga'],
    ['Content-Type: text/plain', 415, 'Yoga'],
    ['Content-Type: application/x-www-form-urlencoded', 415, 'Yoga'],
    ['Content-Type: multipart/form-data; boundary=x', 415, 'Yoga'],
    ['Content-Type:', 415, 'Yoga'],
    ['Content-Encoding: gzip', 415, 'Yoga'],
    ['Content-Encoding: identity', 200, 'Yoga'],
    ['Content-Encoding:', 200, 'Yoga'],
  ])('%s', (header, status, servedBy) =>
    expectSame(fronts, post(text, { headers: [header] }), status, servedBy),
  );
});

describe('bodies', () => {
  it.each<[string, string | Uint8Array, number, ServedBy]>([
    ['empty', '', 400, 'Yoga'],
    ['a blank', ' ', 400, 'Yoga'],
    ['white space around it', `\r\n ${text}\t`, 200, 'listener'],
    ['a byte order mark', `\uFEFF${text}`, 200, 'listener'],
    ['two of them', `\uFEFF\uFEFF${text}`, 400, 'Yoga'],
    ['one alone', '\uFEFF', 400, 'Yoga'],
    ['UTF-16', Buffer.from(text, 'utf16le'), 400, 'Yoga'],
    [
      'not UTF-8 in a string',
      Buffer.from('{"query":"{ __typename # \xff\xfe }\\n}"}', 'latin1'),
      200,
      'listener',
    ],
    ['not UTF-8 outside', Buffer.from(`${text}\xff`, 'latin1'), 400, 'Yoga'],
    ['not JSON', '{', 400, 'Yoga'],
    ['null', 'null', 400, 'Yoga'],
    ['a number', '1', 400, 'Yoga'],
    ['a batch', `[${text},${text}]`, 400, 'Yoga'],
    ['an empty batch', '[]', 400, 'Yoga'],
    ['no query', '{}', 400, 'Yoga'],
    ['a query of null', '{"query":null}', 400, 'Yoga'],
    ['a query that is a number', '{"query":1}', 400, 'Yoga'],
    ['an empty query', '{"query":""}', 200, 'Yoga'],
    ['a query that is a comment', '{"query":"#"}', 200, 'Yoga'],
    ['two queries', '{"query":"{ a }","query":"{ __typename }"}', 200, 'listener'],
    ['an unknown member', '{"query":"{ __typename }","other":1}', 400, 'Yoga'],
    ['an unknown member that is null', '{"query":"{ __typename }","other":null}', 200, 'Yoga'],
    ['a member __proto__', '{"query":"{ __typename }","__proto__":{"query":"{ a }"}}', 400, 'Yoga'],
    ['a member constructor', '{"query":"{ __typename }","constructor":1}', 400, 'Yoga'],
    ['a hash', '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}', 200, 'Yoga'],
    [
      'a hash and a query',
      '{"query":"{ __typename }","extensions":{"persistedQuery":{}}}',
      200,
      'listener',
    ],
    ['a name of null', '{"query":"{ __typename }","operationName":null}', 200, 'listener'],
    ['an empty name', '{"query":"{ __typename }","operationName":""}', 400, 'Yoga'],
    ['a name that is a number', '{"query":"{ __typename }","operationName":1}', 400, 'Yoga'],
    ['a name that is false', '{"query":"{ __typename }","operationName":false}', 400, 'Yoga'],
    ['variables of null', '{"query":"{ __typename }","variables":null}', 200, 'listener'],
    ['variables that are a list', '{"query":"{ __typename }","variables":[]}', 400, 'Yoga'],
    ['variables that are text', '{"query":"{ __typename }","variables":"{}"}', 400, 'Yoga'],
    [
      'variables named __proto__',
      '{"query":"{ __typename }","variables":{"__proto__":1}}',
      200,
      'listener',
    ],
    ['extensions of null', '{"query":"{ __typename }","extensions":null}', 200, 'listener'],
    ['extensions that are a list', '{"query":"{ __typename }","extensions":[]}', 400, 'Yoga'],
    ['extensions that are text', '{"query":"{ __typename }","extensions":""}', 400, 'Yoga'],
    ['half a surrogate pair', '{"query":"{ echo(text: \\"\\ud800\\") }"}', 200, 'Yoga'],
    [
      'a deeply nested variable',
      `{"query":"{ __typename }","variables":{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`,
      200,
      'listener',
    ],
    ['as large as allowed', `${text}${' '.repeat(102_400 - text.length)}`, 200, 'listener'],
    ['larger than allowed', `${text}${' '.repeat(102_401 - text.length)}`, 413, 'Yoga'],
  ])('%s', async (_name, body, status, servedBy) => {
    await fronts.exchange(post(body));
    await expectSame(fronts, post(body), status, servedBy);
    const headers = ['Accept: application/graphql-response+json'];
    await fronts.exchange(post(body, { headers }));
  });

  it('in chunks', async () => {
    const chunks = `5\r\n${text.slice(0, 5)}\r\n${(text.length - 5).toString(16)}\r\n${text.slice(5)}\r\n0\r\n\r\n`;
    await expectSame(
      fronts,
      post(chunks, { headers: ['Transfer-Encoding: chunked'] }),
      200,
      'Yoga',
    );
  });

  it('in several packets', async () => {
    const message = post(text);
    const cuts = [0, 10, message.length - text.length, message.length - 3, message.length];
    await expectSame(
      fronts,
      cuts.slice(1).map((end, index) => message.subarray(cuts[index], end)),
      200,
      'listener',
    );
  });

  it('with a character in two packets', async () => {
    const message = post({ query: '{ echo(text: "€") }' });
    const cut = message.indexOf('€') + 1;
    await fronts.exchange(message);
    await expectSame(fronts, [message.subarray(0, cut), message.subarray(cut)], 200, 'listener');
  });

  it.each<[string, readonly string[], number]>([
    ['refused credentials', ['Authorization: Bearer bad'], 401],
    ['a wrong type', ['Content-Type: text/plain'], 415],
  ])('incomplete, with %s', async (_name, headers, status) => {
    // The connection is of no use afterwards.
    const message = post(text, { headers: [...headers, 'Connection: close'] });
    const servedBy = status === 401 ? 'listener' : 'Yoga';
    await expectSame(fronts, message.subarray(0, message.length - 5), status, servedBy);
  });
});
