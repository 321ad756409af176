import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryReplayStore } from '../../src/authentication/replay/memory-replay-store.ts';
import { createTestClock } from '../support/clock.ts';

const keepFor = 360_000;
const id = (text: string) => text.padEnd(43, '-');

function setUp(limits: { maxEntries?: number; maxBytes?: number } = {}) {
  const clock = createTestClock();
  const store = createMemoryReplayStore({ ...limits, now: clock.now });
  const use = (text: string, keep = keepFor) =>
    store.isFirstUse(id(text), keep).catch((error: Error) => error.message);
  return { clock, store, use };
}

describe('the in-memory store', () => {
  it('distinguishes the first use from all others', async () => {
    const { use } = setUp();
    expect([await use('a'), await use('a'), await use('b'), await use('a')]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });

  it('accepts exactly one of many concurrent uses', async () => {
    const { use } = setUp();
    const uses = await Promise.all(Array.from({ length: 50 }, () => use('a')));
    expect(uses.filter((isFirst) => isFirst === true)).toHaveLength(1);
  });

  it.each([
    [359, false],
    [360, false],
    [391, true],
  ])('after %i s it may have forgotten: %s', async (seconds, mayHave) => {
    const { clock, use } = setUp();
    await use('a');
    clock.advance(seconds);
    expect(await use('a')).toBe(mayHave);
  });

  it('drops IDs in order of expiry, not of arrival', async () => {
    const { clock, store, use } = setUp();
    await use('long', 600_000);
    await use('short', 60_000);
    clock.advance(120);
    await use('other');
    expect(store.size).toBe(2);
    expect([await use('short'), await use('long')]).toEqual([true, false]);
  });

  it.each([
    ['entries', { maxEntries: 3 }],
    ['bytes', { maxBytes: 3 * (43 + 90) }],
  ])('full by %s, it takes nothing more, counts, and forgets nothing', async (_by, limits) => {
    const { clock, store, use } = setUp(limits);
    await use('a');
    await use('b');
    await use('c');
    expect(await use('d')).toBe('The replay store is full.');
    expect(await use('e')).toBe('The replay store is full.');
    expect([store.size, store.refused]).toEqual([3, 2]);
    expect(await use('a')).toBe(false);

    clock.advance(400);
    expect(await use('d')).toBe(true);
    expect([store.size, store.refused]).toEqual([1, 2]);
  });

  it('never drops an ID early, in any order of uses', async () => {
    const steps = fc.array(
      fc.record({ id: fc.integer({ min: 0, max: 9 }), keep: fc.nat(400), pause: fc.nat(100) }),
      { maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const { clock, use } = setUp();
        const until = new Map<number, number>();
        for (const step of list) {
          clock.advance(step.pause);
          const isRemembered = (until.get(step.id) ?? Number.NEGATIVE_INFINITY) >= clock.seconds();
          const isFirst = await use(String(step.id), step.keep * 1000);
          if (isRemembered) expect(isFirst).toBe(false);
          if (isFirst === true) until.set(step.id, clock.seconds() + step.keep);
        }
      }),
    );
  });

  it('never accepts an ID twice, however the clock is set', async () => {
    const steps = fc.array(
      fc.record({
        id: fc.integer({ min: 0, max: 9 }),
        pause: fc.oneof(fc.nat(400), fc.integer({ min: -9_000, max: 9_000 })),
      }),
      { maxLength: 60 },
    );
    const room = fc.constantFrom(undefined, 20, 60);
    await fc.assert(
      fc.asyncProperty(steps, room, async (list, maxEntries) => {
        const { clock, use } = setUp(maxEntries === undefined ? {} : { maxEntries });
        const until = new Map<number, number>();
        for (const step of list) {
          clock.advance(step.pause);
          const expiry = until.get(step.id) ?? Number.NEGATIVE_INFINITY;
          const isFirst = await use(String(step.id));
          if (expiry > clock.seconds()) expect(isFirst).not.toBe(true);
          if (isFirst === true) {
            until.set(step.id, Math.max(expiry, clock.seconds() + keepFor / 1000));
          }
        }
      }),
    );
  });

  it.each([400, 3_000])(
    'remembers what was used %i s ago if the clock is set back',
    async (seconds) => {
      const { clock, use } = setUp();
      await use('a');
      clock.advance(seconds);
      await use('b');
      clock.advance(-seconds);
      expect([await use('a'), await use('c')]).toEqual([false, true]);
    },
  );

  it.each<[string, number, { maxEntries?: number; maxBytes?: number }]>([
    ['long ago', 7_200, {}],
    ['in a store that is a tenth full', 400, { maxEntries: 19 }],
    ['in a store that is a tenth full by bytes', 400, { maxBytes: 19 * (43 + 90) }],
  ])('takes nothing that it may have forgotten: %s', async (_, seconds, limits) => {
    const { clock, store, use } = setUp(limits);
    await use('a');
    await use('a2');
    clock.advance(seconds);
    await use('b');
    clock.advance(-seconds);
    expect(await use('a')).toMatch(/^The clock was set back/);
    expect(store.refused).toBe(1);
    clock.advance(359);
    expect(await use('c')).toMatch(/^The clock was set back/);
    clock.advance(1);
    expect(await use('c')).toBe(true);
  });

  it('rejects what it may have dropped, up to the last ID that was dropped together', async () => {
    const { clock, use } = setUp({ maxEntries: 10 });
    clock.advance(30 - (clock.seconds() % 30));
    await use('first', 31_000);
    await use('last', 59_000);
    clock.advance(60);
    await use('other');
    clock.advance(-15);
    expect(await use('last', 59_000)).toMatch(/^The clock was set back/);
  });

  it('keeps expired IDs in at most a tenth of its capacity', async () => {
    const { clock, store, use } = setUp({ maxEntries: 100 });
    for (let count = 0; count < 90; count += 1) await use(String(count));
    clock.advance(400);
    for (let count = 0; count < 100; count += 1) expect(await use(`new ${count}`)).toBe(true);
    expect([store.size, await use('more')]).toEqual([100, 'The replay store is full.']);
  });

  it.each([{ maxEntries: 0 }, { maxEntries: Number.NaN }, { maxEntries: 1e9 }, { maxBytes: 0 }])(
    'refuses %j',
    (limits) => {
      expect(() => createMemoryReplayStore(limits)).toThrow(RangeError);
    },
  );
});
