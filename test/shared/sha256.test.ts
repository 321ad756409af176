import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hmacSha256, sha256 } from '../../src/shared/sha256.ts';
import { digestSha256 } from '../../src/shared/sha256-digest.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const expected = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('SHA-256', () => {
  it.each([
    // FIPS 180-2, appendix B, and NIST's vector of the empty message.
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      // cspell:disable-next-line
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ])('of %.60s', (text, digest) => {
    expect(hex(digestSha256(Buffer.from(text)))).toBe(digest);
  });

  it('of every length around the ends of blocks', () => {
    for (let length = 0; length <= 400; length += 1) {
      const message = Uint8Array.from({ length }, (_, index) => (index * 7 + length) % 256);
      expect(hex(digestSha256(message)), `${length} bytes`).toBe(expected(message));
    }
  });

  it('of any bytes, at any offset of their buffer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 10_000 }), fc.nat(100), (bytes, offset) => {
        const message = bytes.subarray(offset);
        expect(hex(digestSha256(message))).toBe(expected(message));
      }),
      { numRuns: 300, seed: 20_261_126 },
    );
  });

  it.each(['', 'text', 'ä€😀', '\ud800 without its other half', 'a\u0000b', 'x'.repeat(8_192)])(
    'of the text %.40j, in base64url',
    (text) => {
      expect(sha256(text)).toBe(createHash('sha256').update(text).digest('base64url'));
    },
  );
});

describe('HMAC', () => {
  it('with a key of any length', () => {
    for (let length = 1; length <= 140; length += 1) {
      const [key, message] = ['ä'.repeat(length), 'm'.repeat(length % 70)];
      const bytes = Buffer.from(key).subarray(1);
      expect(hex(hmacSha256(key, message))).toBe(
        createHmac('sha256', key).update(message).digest('hex'),
      );
      expect(hex(hmacSha256(bytes, message))).toBe(
        createHmac('sha256', bytes).update(message).digest('hex'),
      );
    }
  });
});
