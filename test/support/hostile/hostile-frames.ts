import fc from 'fast-check';
import {
  type ClientFrame,
  closePayload,
  encodeFrame,
  messageFrame,
  opcodes,
} from './web-socket-frames.ts';

const subscribe = (id: unknown, payload: unknown): object => ({ id, type: 'subscribe', payload });

const messages: readonly unknown[] = [
  { type: 'connection_init' },
  { type: 'connection_init', payload: null },
  { type: 'connection_init', payload: { Authorization: 'Bearer a.b.c' } },
  { type: 'connection_init', payload: { authorization: ['a'], headers: { authorization: 'x' } } },
  { type: 'ping' },
  { type: 'pong', payload: { a: 1 } },
  subscribe('1', { query: '{ __typename }' }),
  subscribe('1', { query: '{ public { message } }' }),
  subscribe('2', { query: '{ private { message } admin { message } }' }),
  subscribe('3', { query: 'subscription { clock { time } }' }),
  subscribe('4', { query: 'mutation { a }' }),
  subscribe('5', { query: '{' }),
  subscribe('6', { query: 'query A { __typename } query B { __typename }', operationName: 'C' }),
  subscribe('7', { query: '{ __typename }', variables: [], extensions: 1 }),
  subscribe('8', { query: 1 }),
  subscribe('9', null),
  subscribe('', { query: '{ __typename }' }),
  subscribe(1, { query: '{ __typename }' }),
  subscribe('__proto__', { query: '{ __typename }' }),
  subscribe('constructor', { query: '{ __typename }' }),
  { id: '1', type: 'complete' },
  { id: '404', type: 'complete' },
  { id: '1', type: 'next', payload: { data: null } },
  { id: '1', type: 'error', payload: [] },
  { type: 'connection_ack' },
  { type: 'start', id: '1' },
  { type: '__proto__' },
  { type: ['ping'] },
  '',
  '{',
  'null',
  '[]',
  '"ping"',
  '1e999',
  '{"type":"ping","type":"connection_init"}',
  '\ufeff{"type":"ping"}',
  '{"type":"ping","payload":{"\\ud800":"\\udfff"}}',
  `{"type":"ping","payload":${'{"a":'.repeat(200)}1${'}'.repeat(200)}}`,
];

const frame: fc.Arbitrary<ClientFrame> = fc
  .record(
    {
      isLast: fc.constantFrom(true, true, true, false),
      reserved: fc.constantFrom(0, 0, 0, 0, 0, 1, 2, 4, 7),
      opcode: fc.oneof(fc.constantFrom(0, 1, 1, 2, 8, 9, 10), fc.nat(15)),
      payload: fc.oneof(
        fc.constantFrom(
          '',
          '{"type":"ping"}',
          'x'.repeat(126),
          'x'.repeat(70_000),
          'x'.repeat(110_000),
        ),
        fc.uint8Array({ maxLength: 200 }),
        fc.integer({ min: 0, max: 5_000 }).map((code) => closePayload(code, 'bye')),
      ),
      isMasked: fc.constantFrom(true, true, true, true, false),
      length: fc.oneof(
        { weight: 8, arbitrary: fc.constant(undefined) },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            0,
            1,
            125,
            126,
            65_535,
            65_536,
            2n ** 31n,
            2n ** 53n,
            2n ** 63n,
            2n ** 64n - 1n,
          ),
        },
      ),
    },
    { requiredKeys: ['opcode'] },
  )
  .map(({ length, ...rest }) => (length === undefined ? rest : { ...rest, length }));

const init = messageFrame({ type: 'connection_init' });

const divided = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.min(20, Math.ceil(bytes.length / size)) }, (_, index) =>
    bytes.subarray(index * size, index === 19 ? bytes.length : (index + 1) * size),
  );

/** Writes of a client that speaks neither WebSocket nor graphql-ws well. */
export const hostileFrames: fc.Arbitrary<readonly Buffer[]> = fc
  .tuple(
    fc.boolean(),
    fc.array(
      fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(...messages).map(messageFrame) },
        { weight: 2, arbitrary: frame.map(encodeFrame) },
        {
          weight: 1,
          arbitrary: fc
            .uint8Array({ minLength: 1, maxLength: 40 })
            .map((bytes) => Buffer.from(bytes)),
        },
      ),
      { minLength: 1, maxLength: 12 },
    ),
    fc.constantFrom(1, 7, 1_000, 100_000),
  )
  .map(([isInitialized, frames, size]) =>
    divided(Buffer.concat([...(isInitialized ? [init] : []), ...frames]), size),
  );

/** Two fragments of one text, cut within a character. */
export const cutText = (text: string, at: number): Buffer =>
  Buffer.concat([
    encodeFrame({
      opcode: opcodes.text,
      isLast: false,
      payload: Buffer.from(text).subarray(0, at),
    }),
    encodeFrame({ opcode: opcodes.continuation, payload: Buffer.from(text).subarray(at) }),
  ]);
