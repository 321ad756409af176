// cspell:ignore permessage webkit
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generatedCases, hostileSeed } from '../support/generated-cases.ts';
import { cutText, hostileFrames } from '../support/hostile/hostile-frames.ts';
import { exchangeFrames, upgradeLines } from '../support/hostile/web-socket-exchange.ts';
import {
  type ClientFrame,
  closePayload,
  encodeFrame,
  messageFrame,
  opcodes,
} from '../support/hostile/web-socket-frames.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const port = (): number => Number(new URL(server.origin).port);
const init = messageFrame({ type: 'connection_init' });
const ping = messageFrame({ type: 'ping' });
const acknowledged = { type: 'connection_ack' };
const pong = { type: 'pong' };
const subscribe = (id: string, query = '{ public { message } }') =>
  messageFrame({ id, type: 'subscribe', payload: { query } });
const { continuation, text, binary, close } = opcodes;

describe('a connection that breaks the protocol of WebSocket (RFC 6455) is closed', () => {
  it.each<[string, number, readonly ClientFrame[]]>([
    ['a frame that is not masked (§5.1)', 1002, [{ opcode: text, payload: '{}', isMasked: false }]],
    ...[1, 2, 3, 4, 5, 6, 7].map((reserved): [string, number, ClientFrame[]] => [
      `the reserved bits ${reserved} (§5.2)`,
      1002,
      [{ opcode: text, payload: '{"type":"ping"}', reserved }],
    ]),
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): [string, number, ClientFrame[]] => [
      `the opcode ${opcode} (§5.2)`,
      1002,
      [{ opcode, payload: 'x' }],
    ]),
    ...[8, 9, 10].map((opcode): [string, number, ClientFrame[]] => [
      `a control frame ${opcode} in fragments (§5.5)`,
      1002,
      [{ opcode, isLast: false }],
    ]),
    ...[9, 10].map((opcode): [string, number, ClientFrame[]] => [
      `a control frame ${opcode} of 126 bytes (§5.5)`,
      1002,
      [{ opcode, payload: 'x'.repeat(126) }],
    ]),
    ['a continuation of nothing (§5.4)', 1002, [{ opcode: continuation, payload: 'x' }]],
    [
      'a message inside another (§5.4)',
      1002,
      [
        { opcode: text, payload: '{', isLast: false },
        { opcode: text, payload: '}' },
      ],
    ],
    ['text that is not UTF-8 (§8.1)', 1007, [{ opcode: text, payload: Buffer.from([0xc3, 0x28]) }]],
    ['half a character (§8.1)', 1007, [{ opcode: text, payload: Buffer.from([0xe2, 0x82]) }]],
    [
      'a surrogate in UTF-8 (§8.1)',
      1007,
      [{ opcode: text, payload: Buffer.from([0xed, 0xa0, 0x80]) }],
    ],
    ['overlong UTF-8 (§8.1)', 1007, [{ opcode: text, payload: Buffer.from([0xc0, 0xaf]) }]],
    ['a close frame of one byte (§5.5.1)', 1002, [{ opcode: close, payload: 'x' }]],
    ...[0, 999, 1004, 1005, 1006, 1015, 2_999, 5_000, 65_535].map(
      (code): [string, number, ClientFrame[]] => [
        `the close code ${code} (§7.4)`,
        1002,
        [{ opcode: close, payload: closePayload(code) }],
      ],
    ),
    [
      'a reason that is not UTF-8 (§5.5.1)',
      1007,
      [{ opcode: close, payload: closePayload(1000, Buffer.from([0xff])) }],
    ],
    ['a message of more than MAX_BODY_BYTES', 1009, [{ opcode: text, length: 102_401 }]],
    ['a message of 2 GiB', 1009, [{ opcode: text, length: 2n ** 31n }]],
    ['a message of 2^53 bytes', 1009, [{ opcode: text, length: 2n ** 53n }]],
    ['a length with its highest bit (§5.2)', 1009, [{ opcode: text, length: 2n ** 63n }]],
    [
      'a message of fragments that are too large together',
      1009,
      [
        { opcode: text, payload: 'x'.repeat(60_000), isLast: false },
        { opcode: continuation, payload: 'x'.repeat(60_000), isLast: false },
      ],
    ],
    [
      'a message of too many fragments',
      1008,
      [
        { opcode: text, isLast: false },
        ...Array.from({ length: 1_100 }, () => ({ opcode: continuation, isLast: false })),
      ],
    ],
  ])('%s: %i', async (_, code, frames) => {
    const writes = [Buffer.concat([init, ...frames.map(encodeFrame)])];
    const exchange = await exchangeFrames(port(), writes);
    expect(exchange.problem).toBeUndefined();
    expect(exchange.close?.code).toBe(code);
    // At most the acknowledgment: whatever came with it is not handled.
    expect([[], [acknowledged]]).toContainEqual(exchange.messages);
  });

  it.each<[string, Buffer]>([
    ['a ping in fragments', cutText('{"type":"ping"}', 5)],
    ['a character in two fragments', cutText('{"type":"ping","payload":{"a":"€"}}', 31)],
    ['a binary message', encodeFrame({ opcode: binary, payload: '{"type":"ping"}' })],
    [
      'a control frame between fragments',
      Buffer.concat([
        encodeFrame({ opcode: text, payload: '{"type"', isLast: false }),
        encodeFrame({ opcode: opcodes.ping, payload: 'x'.repeat(125) }),
        encodeFrame({ opcode: continuation, payload: ':"ping"}' }),
      ]),
    ],
  ])('not one that only writes it otherwise: %s', async (_, bytes) => {
    const exchange = await exchangeFrames(port(), [init, bytes]);
    expect([exchange.problem, exchange.close]).toEqual([undefined, undefined]);
    expect(exchange.messages).toMatchObject([acknowledged, pong]);
  });
});

describe('the order of graphql-transport-ws', () => {
  it.each<[string, readonly Buffer[], number | undefined]>([
    ['an operation before connection_init', [subscribe('1')], 4401],
    ['connection_init twice', [init, init], 4429],
    ['connection_init twice at once', [Buffer.concat([init, init])], 4429],
    ['a message of a server', [init, messageFrame(acknowledged)], 4400],
    ['a result', [init, messageFrame({ id: '1', type: 'next', payload: {} })], 4400],
    ['an error', [init, messageFrame({ id: '1', type: 'error', payload: [] })], 4400],
    ['a completion of nothing', [init, messageFrame({ id: '1', type: 'complete' })], undefined],
    ['a ping before connection_init', [ping], undefined],
    ['a type of the older protocol', [messageFrame({ type: 'start', id: '1' })], 4400],
    [
      'an ID that is a number',
      [init, messageFrame({ id: 1, type: 'subscribe', payload: {} })],
      4400,
    ],
    ['an empty ID', [init, subscribe('')], 4400],
    ['nothing', [messageFrame('')], 4400],
    ['a list', [messageFrame('[{"type":"connection_init"}]')], 4400],
    ['a type on the prototype', [messageFrame('{"__proto__":{"type":"connection_init"}}')], 4400],
    ['a byte order mark', [messageFrame('\ufeff{"type":"connection_init"}')], 4400],
  ])('%s', async (_, writes, code) => {
    const exchange = await exchangeFrames(port(), writes);
    expect([exchange.problem, exchange.close?.code]).toEqual([undefined, code]);
  });
});

describe('the upgrade', () => {
  it.each<[string, number, Readonly<Record<string, string | undefined>>]>([
    ['no key', 400, { 'Sec-WebSocket-Key': undefined }],
    ['a short key', 400, { 'Sec-WebSocket-Key': 'AAAA' }],
    ['a key that is not base64', 400, { 'Sec-WebSocket-Key': '!AAAAAAAAAAAAAAAAAAAAA==' }],
    ['another version', 400, { 'Sec-WebSocket-Version': '7' }],
    ['no version', 400, { 'Sec-WebSocket-Version': undefined }],
    ['a page of another origin', 403, { Origin: 'https://evil.test' }],
    ['an origin of nothing', 403, { Origin: 'null' }],
    ['a protocol with a line break', 400, { 'Sec-WebSocket-Protocol': 'a,,b' }],
    ['a protocol that is named twice', 400, { 'Sec-WebSocket-Protocol': 'a, a' }],
    ['two hosts', 400, { host: 'evil.test' }],
  ])('with %s is refused: %i', async (_, status, changes) => {
    const exchange = await exchangeFrames(port(), [], upgradeLines(changes));
    expect(exchange.status).toBe(status);
  });

  it('negotiates no extension, whichever is offered', async () => {
    const offers = {
      'Sec-WebSocket-Extensions':
        'permessage-deflate; client_max_window_bits, x-webkit-deflate-frame',
    };
    const { status, head } = await exchangeFrames(port(), [init], upgradeLines(offers));
    expect(status).toBe(101);
    expect(head).not.toMatch(/sec-websocket-extensions/i);
  });

  it.each([undefined, 'graphql-ws', 'mqtt'])('without the protocol is closed: %s', async (name) => {
    const upgrade = upgradeLines({ 'Sec-WebSocket-Protocol': name });
    const exchange = await exchangeFrames(port(), [], upgrade);
    expect([exchange.status, exchange.close?.code]).toEqual([101, 4406]);
  });
});

describe(`generated frames, from the seed ${hostileSeed}`, () => {
  it('end no connection but their own', async () => {
    const codes = new Set<number | undefined>();
    await fc.assert(
      fc.asyncProperty(fc.array(hostileFrames, { minLength: 20, maxLength: 30 }), async (all) => {
        const exchanges = await Promise.all(all.map((writes) => exchangeFrames(port(), writes)));
        for (const { problem, messages, close: closed } of exchanges) {
          expect(problem).toBeUndefined();
          expect(JSON.stringify(messages)).not.toContain('Hello from a private field');
          codes.add(closed?.code);
        }
      }),
      { numRuns: generatedCases(5), seed: hostileSeed },
    );
    expect([...codes].filter((code) => code === 1011 || code === 4500)).toEqual([]);
    expect(codes.size).toBeGreaterThan(3);
    const { messages } = await exchangeFrames(port(), [init, subscribe('1')]);
    expect(messages).toMatchObject([acknowledged, { type: 'next' }, { type: 'complete' }]);
    expect(server.logged.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
  });
});
