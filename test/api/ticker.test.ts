import { expect, it } from 'vitest';
import { createTicker } from '../../src/api/ticker.ts';
import { createTestClock } from '../support/clock.ts';

it('ticks at once and at each interval, with one timer for all readers', async () => {
  const clock = createTestClock();
  const open = createTicker({ clock, intervalMs: 1000 });
  const [one, other] = [open(), open()];
  const start = clock.now();

  expect(clock.waiting()).toBe(1);
  expect(await Promise.all([one.next(), other.next()])).toEqual([
    { done: false, value: start },
    { done: false, value: start },
  ]);

  const next = Promise.all([one.next(), other.next()]);
  clock.advance(1);
  const second = new Date(start.getTime() + 1000);
  expect((await next).map(({ value }) => value)).toEqual([second, second]);

  await one.return?.();
  expect(clock.waiting()).toBe(1);
  await other.return?.();
  expect(clock.waiting()).toBe(0);
});

it('gives a slow reader the latest tick only, and ends a read that waits', async () => {
  const clock = createTestClock();
  const ticks = createTicker({ clock })();
  await ticks.next();

  clock.advance(5);
  expect((await ticks.next()).value).toEqual(clock.now());

  const waiting = ticks.next();
  await ticks.return?.();
  expect(await waiting).toEqual({ done: true, value: undefined });
});
