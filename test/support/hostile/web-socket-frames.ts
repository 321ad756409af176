/** A frame of a client (RFC 6455 §5.2), with whatever bits it is given. */
export interface ClientFrame {
  /** Default true. */
  readonly isLast?: boolean;
  /** The three reserved bits, as a number up to 7. Default 0. */
  readonly reserved?: number;
  readonly opcode: number;
  readonly payload?: string | Uint8Array;
  /** Default true; `false` breaks the protocol. */
  readonly isMasked?: boolean;
  /** The length that the frame states, which need not be that of its payload. */
  readonly length?: number | bigint;
}

/** The opcodes of RFC 6455 §11.8. */
export const opcodes = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
} as const;

const mask = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

/** Encodes a frame. A small length can be stated in more bytes than it requires, see `length`. */
export function encodeFrame(frame: ClientFrame): Buffer {
  const { isLast = true, reserved = 0, opcode, isMasked = true } = frame;
  const payload = Buffer.from(frame.payload ?? '');
  const head = Buffer.from([(isLast ? 0x80 : 0) | (reserved << 4) | opcode]);
  const length = encodeLength(frame.length ?? payload.length, isMasked);
  if (!isMasked) return Buffer.concat([head, length, payload]);
  const masked = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([head, length, mask, masked]);
}

function encodeLength(length: number | bigint, isMasked: boolean): Buffer {
  const bit = isMasked ? 0x80 : 0;
  if (length < 126) return Buffer.from([bit | Number(length)]);
  if (length < 65_536) {
    const bytes = Buffer.from([bit | 126, 0, 0]);
    bytes.writeUInt16BE(Number(length), 1);
    return bytes;
  }
  const bytes = Buffer.alloc(9);
  bytes.writeUInt8(bit | 127);
  bytes.writeBigUInt64BE(BigInt(length), 1);
  return bytes;
}

/** The payload of a close frame. */
export function closePayload(code: number, reason: string | Uint8Array = ''): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(code);
  return Buffer.concat([bytes, Buffer.from(reason)]);
}

/** A text frame with a message of graphql-ws. */
export const messageFrame = (message: unknown): Buffer =>
  encodeFrame({
    opcode: opcodes.text,
    payload: typeof message === 'string' ? message : JSON.stringify(message),
  });

/** What a server has sent after its upgrade. */
export interface ServerFrames {
  readonly messages: readonly unknown[];
  /** Undefined if the connection ended without a close frame. */
  readonly close?: { readonly code: number; readonly reason: string };
  readonly pongs: number;
  readonly problem?: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads frames as a strict client does. */
export function readFrames(bytes: Buffer): ServerFrames {
  const messages: unknown[] = [];
  let pongs = 0;
  let close: ServerFrames['close'];
  let problem: string | undefined;
  for (let at = 0; at < bytes.length && problem === undefined; ) {
    if (close !== undefined) {
      problem = 'bytes behind a close frame';
      break;
    }
    const [first = 0, second = 0] = bytes.subarray(at, at + 2);
    const { start, length } = readLength(bytes, at + 1);
    const payload = bytes.subarray(start, start + length);
    if ((first & 0xf0) !== 0x80 || (second & 0x80) !== 0)
      problem = `a frame that begins with ${first}`;
    else if (payload.length < length) problem = 'an incomplete frame';
    else if ((first & 0xf) === opcodes.text) messages.push(JSON.parse(utf8.decode(payload)));
    else if ((first & 0xf) === opcodes.pong) pongs += 1;
    else if ((first & 0xf) === opcodes.close) {
      close = {
        code: payload.length < 2 ? 1005 : payload.readUInt16BE(),
        reason: utf8.decode(payload.subarray(2)),
      };
    } else if ((first & 0xf) !== opcodes.ping) problem = `a frame of the opcode ${first & 0xf}`;
    at = start + length;
  }
  return { messages, pongs, ...(close ? { close } : {}), ...(problem ? { problem } : {}) };
}

function readLength(bytes: Buffer, at: number): { start: number; length: number } {
  const short = (bytes[at] ?? 0) & 0x7f;
  if (short < 126) return { start: at + 1, length: short };
  if (short === 126) return { start: at + 3, length: bytes.readUInt16BE(at + 1) };
  return { start: at + 9, length: Number(bytes.readBigUInt64BE(at + 1)) };
}
