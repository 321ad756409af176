import { describe, expect, it } from 'vitest';
import { createDpopNonces } from '../../src/authentication/dpop/dpop-nonce.ts';
import { createTestClock } from '../support/clock.ts';

const secret = 'a secret of the tests, long enough';

/** The start of a period of five minutes. */
function setUp(made = secret) {
  const clock = createTestClock(new Date('2026-11-05T12:00:00Z'));
  return { clock, nonces: createDpopNonces(made, () => clock.now().getTime()) };
}

it.each([
  [0, true],
  [299, true],
  [300, true],
  [599, true],
  [600, false],
  [86_400, false],
  // Another instance whose clock is slightly behind.
  [-1, true],
  [-301, false],
])('a nonce is accepted after %i seconds: %s', (seconds, isAccepted) => {
  const { clock, nonces } = setUp();
  const nonce = nonces.current();
  clock.advance(seconds);
  expect(nonces.accepts(nonce)).toBe(isAccepted);
});

it('changes with each period and never recurs', () => {
  const { clock, nonces } = setUp();
  const given = new Set<string>();
  for (let period = 0; period < 50; period += 1) {
    given.add(nonces.current());
    clock.advance(299);
    given.add(nonces.current());
    clock.advance(1);
  }
  expect(given.size).toBe(50);
  // RFC 9449 §8.1: only NQCHAR.
  for (const nonce of given) expect(nonce).toMatch(/^[\x21\x23-\x5b\x5d-\x7e]{43}$/);
});

it('is shared by those with the same secret only', () => {
  const nonce = setUp().nonces.current();
  expect(setUp().nonces.accepts(nonce)).toBe(true);
  expect(setUp('another secret of the tests, longer').nonces.accepts(nonce)).toBe(false);
});

it.each([undefined, null, '', 'x', 7, {}, 'ä'.repeat(43)])('%j is not accepted', (nonce) => {
  expect(setUp().nonces.accepts(nonce)).toBe(false);
});

describe('without a shared secret', () => {
  const setUpOwn = () => {
    const clock = createTestClock(new Date('2026-11-05T12:00:00Z'));
    return { clock, nonces: createDpopNonces(undefined, () => clock.now().getTime()) };
  };

  it('is valid for five to ten minutes, in this process only', () => {
    const { clock, nonces } = setUpOwn();
    const nonce = nonces.current();
    expect(setUpOwn().nonces.accepts(nonce)).toBe(false);
    clock.advance(599);
    expect(nonces.accepts(nonce)).toBe(true);
    clock.advance(1);
    expect(nonces.accepts(nonce)).toBe(false);
  });

  it.each([600, 3_600, 86_400])(
    'is not valid again if the clock is set back by %i s',
    (seconds) => {
      const { clock, nonces } = setUpOwn();
      const nonce = nonces.current();
      clock.advance(seconds);
      expect(nonces.accepts(nonce)).toBe(false);
      clock.advance(-seconds);
      expect(nonces.accepts(nonce)).toBe(false);
      // New nonces are valid as usual.
      const next = nonces.current();
      expect(nonces.accepts(next)).toBe(true);
      clock.advance(300);
      expect(nonces.accepts(next)).toBe(true);
    },
  );

  it('stays valid if the clock is set back slightly', () => {
    const { clock, nonces } = setUpOwn();
    clock.advance(30);
    const nonce = nonces.current();
    clock.advance(-20);
    expect(nonces.accepts(nonce)).toBe(true);
  });
});
