import { expect, test } from 'vitest';
import { oncePerInterrupt } from '../../src/server/signals.ts';

test.each([
  ['one Ctrl+C, passed on by npm', [0, 9], 1],
  ['one Ctrl+C, passed on by npm and by tsx', [0, 9, 300], 1],
  ['two of them', [0, 9, 800, 809], 2],
  ['two of them, not passed on', [0, 500], 2],
])('%s at %j ms', (_case, times, calls) => {
  let now = 0;
  let called = 0;
  const interrupt = oncePerInterrupt(
    () => {
      called += 1;
    },
    () => now,
  );
  for (const time of times) {
    now = time;
    interrupt();
  }

  expect(called).toBe(calls);
});
