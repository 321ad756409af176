import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boundToken, createProof } from '../../support/proofs.ts';
import { createTestKey } from '../../support/tokens.ts';
import { RawConnection } from './raw-connection.ts';
import {
  expectSame,
  type Front,
  type Message,
  normalize,
  open,
  post,
  type ServedBy,
  startPreparedFronts,
  startTwoFronts,
  type TwoFronts,
  text,
} from './two-fronts.ts';

let fronts: TwoFronts;
beforeAll(async () => {
  fronts = await startPreparedFronts();
});
afterAll(() => fronts.stop());

describe('requests', () => {
  const get = (line: string, ...headers: readonly string[]): string =>
    [`${line} HTTP/1.1`, 'Host: localhost', ...headers, '', ''].join('\r\n');
  const ofQuery = `/graphql?query=${encodeURIComponent(open.query)}`;
  const at = (target: string) => post(text, { target });
  const withHeaders = (...headers: readonly string[]) => post(text, { headers });

  it.each<[string, Message, number, ServedBy, string?]>([
    ['GET', get(`GET ${ofQuery}`), 200, 'Yoga', 'GET'],
    ['GET without a query', get('GET /graphql'), 400, 'Yoga', 'GET'],
    ['HEAD', get(`HEAD ${ofQuery}`), 405, 'Yoga', 'HEAD'],
    ['OPTIONS', get('OPTIONS /graphql'), 405, 'Yoga', 'OPTIONS'],
    [
      'a preflight',
      get('OPTIONS /graphql', 'Origin: http://localhost:1', 'Access-Control-Request-Method: POST'),
      204,
      'listener',
      'OPTIONS',
    ],
    ['PUT', get('PUT /graphql'), 405, 'Yoga', 'PUT'],
    ['a query string', at('/graphql?a=b'), 200, 'Yoga'],
    ['an empty query string', at('/graphql?'), 200, 'Yoga'],
    ['a token in the query string', at('/graphql?access_token=x'), 400, 'Yoga'],
    ['an absolute target', at('http://other.example/graphql'), 200, 'listener'],
    ['a fragment', at('/graphql#a'), 404, 'listener'],
    ['another path', at('/graphql/'), 404, 'listener'],
    ['an escaped path', at('/graph%71l'), 404, 'listener'],
    ['two slashes', at('//graphql'), 404, 'listener'],
    ['another host', withHeaders('Host: other.example'), 200, 'listener'],
    ['an empty host', withHeaders('Host:'), 200, 'listener'],
    ['HTTP/1.0', post(text, { version: '1.0' }), 200, 'listener'],
    [
      'HTTP/1.0 that keeps the connection',
      post(text, { version: '1.0', headers: ['Connection: keep-alive'] }),
      200,
      'listener',
    ],
    ['a connection to close', withHeaders('Connection: close'), 200, 'listener'],
    ['an allowed origin', withHeaders('Origin: http://localhost:5173'), 200, 'listener'],
    ['a foreign origin', withHeaders('Origin: https://other.example'), 200, 'listener'],
    ['an origin of null', withHeaders('Origin: null'), 200, 'listener'],
    ['Expect', withHeaders('Expect: 100-continue'), 200, 'listener'],
    ['another expectation', withHeaders('Expect: more'), 417, 'listener'],
    ['If-None-Match', withHeaders('If-None-Match: *'), 200, 'listener'],
    ['a cookie', withHeaders('Cookie: a=b', 'Cookie: c=d'), 200, 'listener'],
    ['an upgrade to HTTP/2', withHeaders('Connection: Upgrade', 'Upgrade: h2c'), 200, 'listener'],
    ['an override of the method', withHeaders('X-HTTP-Method-Override: GET'), 200, 'listener'],
    ['a range', withHeaders('Range: bytes=0-1'), 200, 'listener'],
    ['two lengths', withHeaders('Content-Length: 5', 'Content-Length: 6'), 400, 'listener'],
    ['an empty length', withHeaders('Content-Length:'), 400, 'listener'],
    ['a length with zeros', withHeaders(`Content-Length: 00${text.length}`), 200, 'listener'],
    ['no length', withHeaders('Content-Length: 0'), 400, 'Yoga'],
    ['a trailer', withHeaders('Trailer: x'), 200, 'listener'],
  ])('%s', (_name, message, status, servedBy, method) =>
    expectSame(fronts, message, status, servedBy, method),
  );

  it('keep their order on one connection', async () => {
    const slow = post({ query: '{ does(what: "later") public { message } }' });
    await fronts.exchange(slow);
    const messages = [
      slow,
      post(text),
      post('{'),
      post({ query: 'mutation { count }' }),
      post(text, { headers: ['Authorization: Bearer bad'] }),
      post({ query: 'mutation { count }' }),
      slow,
    ];
    const responsesOf = async ({ port }: { readonly port: number }) => {
      const connection = await RawConnection.open(port);
      connection.write(Buffer.concat(messages));
      const responses: string[] = [];
      for (const _ of messages) responses.push(normalize(await connection.next()));
      connection.close();
      return responses;
    };
    const [actual, expected] = [
      await responsesOf(fronts.direct),
      await responsesOf(fronts.ordinary),
    ];
    expect(actual).toEqual(expected);
    expect(actual.map((response) => response.split(' ')[1])).toEqual([
      '200',
      '200',
      '400',
      '200',
      '401',
      '200',
      '200',
    ]);
  });

  it('whose clients leave in the middle do no harm', async () => {
    const slow = post({ query: '{ does(what: "later") }' });
    await fronts.exchange(slow);
    const both = [fronts.direct, fronts.ordinary];
    // Not the refusals, which every such request has.
    const problems = () =>
      both.map(({ server }) => server.logged.filter((line) => !line.startsWith('{"level":30')));
    const before = problems();
    for (const { port } of both) {
      for (const message of [
        post(text).subarray(0, -5),
        post(text),
        slow,
        post('{').subarray(0, -1),
      ]) {
        const connection = await RawConnection.open(port);
        connection.write(message);
        await new Promise((resolve) => setImmediate(resolve));
        connection.close();
      }
    }
    // By then, both have seen that the clients are gone.
    await expectSame(fronts, slow, 200, 'listener');
    await expectSame(fronts, post(text), 200, 'listener');
    expect(problems()).toEqual(before);
  });
});

describe('DPoP with nonces', () => {
  it('has the same headers and the same refusals', async () => {
    const strict = await startTwoFronts({ environment: { DPOP_NONCE: 'required' } });
    const key = createTestKey();
    const token = boundToken(strict.issuer, key);
    const nonces = new Map<Front, string | undefined>();
    const send = (nonce: string | undefined, jti: string, body: string = text) =>
      strict.exchange((front) => {
        const claims = { nonce: nonce === 'current' ? nonces.get(front) : nonce, jti };
        const proof = createProof({
          key,
          token,
          clock: strict.issuer.clock,
          url: strict.url,
          claims,
        });
        return post(body, { headers: [`Authorization: DPoP ${token}`, `DPoP: ${proof}`] });
      });
    try {
      expect(await send(undefined, '1')).toMatchObject({ status: 401, servedBy: 'listener' });
      for (const front of [strict.direct, strict.ordinary]) {
        nonces.set(front, /\r\ndpop-nonce: (\S+)/i.exec(front.received)?.[1]);
      }
      // The proof counts once, although Yoga has to prepare the operation.
      expect(await send('current', '2')).toMatchObject({ status: 200, servedBy: 'Yoga' });
      expect(await send('current', '3')).toMatchObject({ status: 200, servedBy: 'listener' });
      expect(await send('current', '3')).toMatchObject({ status: 401, servedBy: 'listener' });
      expect(await send('stale', '4')).toMatchObject({ status: 401, servedBy: 'listener' });
      expect(await send('current', '5', '{')).toMatchObject({ status: 400, servedBy: 'Yoga' });
      const { text: last } = await send('current', '6');
      expect(last).toContain('\r\ndpop-nonce: (nonce)\r\n');
    } finally {
      await strict.stop();
    }
  });
});
