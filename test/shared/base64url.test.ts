import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeBase64url,
  decodeCanonicalBase64url,
  encodeBase64url,
} from '../../src/shared/base64url.ts';

describe('base64url', () => {
  it('is encoded and decoded as Node does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1_000 }), fc.nat(3), (whole, offset) => {
        const bytes = whole.subarray(offset);
        const text = Buffer.from(bytes).toString('base64url');
        expect(encodeBase64url(bytes)).toBe(text);
        expect(Buffer.from(decodeCanonicalBase64url(text) ?? [])).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 300, seed: 20_261_126 },
    );
  });

  it.each([
    ['padding', 'TQ=='],
    ['a space', 'TW Fu'],
    ['a line break', 'TWFu\n'],
    ['spare bits', 'TR'],
    ['spare bits of two bytes', 'TWF'],
    ['base64', '+/+/'],
    ['one character more', 'TWFuT'],
    ['a character of neither', 'TWF*'],
    ['a character beyond Latin-1', 'TWF\u016e'],
    ['a null', 'TWFu\u0000'],
  ])('with %s is not canonical', (_, text) => {
    expect(decodeCanonicalBase64url(text)).toBeUndefined();
  });

  it.each(['TQ', 'TQ==', 'TR', '-_-_', '+/+/', ''])('is also decoded from %j', (text) => {
    expect(Buffer.from(decodeBase64url(text) ?? [])).toEqual(Buffer.from(text, 'base64'));
  });
});
