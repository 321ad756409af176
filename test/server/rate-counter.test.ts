import { expect, it } from 'vitest';
import { createMemoryCounter } from '../../src/server/rate-limits/rate-counter.ts';
import { createTestClock } from '../support/clock.ts';

const start = () => {
  const clock = createTestClock();
  return { clock, counter: createMemoryCounter({ points: 10, seconds: 60 }, clock) };
};

it('counts in a window that begins with the first point', () => {
  const { clock, counter } = start();
  expect(counter.add('a', 1)).toEqual({ used: 1, resetSeconds: 60 });
  clock.advance(59);
  expect(counter.add('a', 9)).toEqual({ used: 10, resetSeconds: 1 });
  expect(counter.add('b', 1)).toEqual({ used: 1, resetSeconds: 60 });
  clock.advance(1);
  expect(counter.add('a', 1)).toEqual({ used: 1, resetSeconds: 60 });
});

it('never makes a window longer, also if the clock is set back', () => {
  const { clock, counter } = start();
  counter.add('a', 10);
  clock.advance(-3_600);
  expect(counter.add('a', 1)).toEqual({ used: 1, resetSeconds: 60 });
});

it('forgets the key that was used least recently, beyond 50,000', () => {
  const { counter } = start();
  counter.add('kept', 1);
  counter.add('forgotten', 1);
  for (let index = 0; index < 49_998; index += 1) counter.add(`key ${index}`, 1);
  expect(counter.add('kept', 1).used).toBe(2);
  counter.add('one more', 1);
  expect(counter.add('kept', 1).used).toBe(3);
  expect(counter.add('forgotten', 1).used).toBe(1);
});
