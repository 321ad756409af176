import { expect, it } from 'vitest';
import { createMessageIds, isMessageId } from '../../../src/api/messages/message-ids.ts';
import { createTestClock } from '../../support/clock.ts';

it('creates version 7 UUIDs of the current time', () => {
  const clock = createTestClock(new Date(0x0123_4567_89ab));
  const createId = createMessageIds(clock, () => new Uint8Array(8).fill(0xff));

  expect(createId()).toBe('01234567-89ab-7000-bfff-ffffffffffff');
  expect(createId()).toBe('01234567-89ab-7001-bfff-ffffffffffff');
});

it('creates them in order, within a millisecond and when the clock is set back', () => {
  const clock = createTestClock();
  const createId = createMessageIds(clock);
  const ids = Array.from({ length: 10_000 }, createId);
  clock.advance(-60);
  ids.push(createId());
  clock.advance(120);
  ids.push(createId());

  expect(ids).toEqual([...new Set(ids)].sort());
  expect(ids.filter((id) => !isMessageId(id))).toEqual([]);
});

it.each([
  ['', 'an empty text'],
  ['1', 'a number'],
  ['01234567-89AB-7000-BFFF-FFFFFFFFFFFF', 'upper case'],
  ['01234567-89ab-4000-bfff-ffffffffffff', 'another version'],
  ['01234567-89ab-7000-ffff-ffffffffffff', 'another variant'],
  ['01234567-89ab-7000-bfff-ffffffffffff\n', 'a line feed'],
  ["' or 1=1 --", 'SQL'],
])('%j is no ID: %s', (text) => {
  expect(isMessageId(text)).toBe(false);
});
