import { encodeBase64url } from './base64url.ts';
import { nodeCrypto } from './node-modules.ts';
import { digestSha256 } from './sha256-digest.ts';

/** The SHA-256 of the UTF-8 encoding of a text, in base64url: 43 characters. */
export const sha256: (text: string) => string = chooseSha256();

function chooseSha256(): (text: string) => string {
  if (nodeCrypto === undefined) return (text) => encodeBase64url(digestSha256(encode(text)));
  const { hash, createHash } = nodeCrypto;
  // Takes half of the time, but not every version of Node has it.
  return typeof hash === 'function'
    ? (text) => hash('sha256', text, 'base64url')
    : (text) => createHash('sha256').update(text).digest('base64url');
}

/** The SHA-256 of the UTF-8 encoding of a text, in hexadecimal: 64 characters. */
export function sha256Hex(text: string): string {
  if (nodeCrypto !== undefined) return nodeCrypto.createHash('sha256').update(text).digest('hex');
  return Array.from(digestSha256(encode(text)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
}

const blockBytes = 64;

/** HMAC with SHA-256 (RFC 2104, FIPS 198-1). Texts are encoded in UTF-8. */
export function hmacSha256(key: string | Uint8Array, message: string): Uint8Array {
  if (nodeCrypto !== undefined)
    return nodeCrypto.createHmac('sha256', key).update(message).digest();
  const bytes = typeof key === 'string' ? encode(key) : key;
  const block = new Uint8Array(blockBytes);
  block.set(bytes.length > blockBytes ? digestSha256(bytes) : bytes);
  const hashWithPad = (pad: number, data: Uint8Array): Uint8Array => {
    const padded = new Uint8Array(blockBytes + data.length);
    padded.set(block.map((byte) => byte ^ pad));
    padded.set(data, blockBytes);
    return digestSha256(padded);
  };
  return hashWithPad(0x5c, hashWithPad(0x36, encode(message)));
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
