import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAuthenticator, createMemoryReplayStore } from '../../src/index.ts';
import { scheduleAt, systemClock } from '../../src/shared/clock.ts';
import { bearer, outcomeOf } from '../support/authentication.ts';
import { createTestClock } from '../support/clock.ts';
import { createTestIssuer } from '../support/tokens.ts';

describe('the system clock', () => {
  beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-11-05T12:00:00Z') }));
  afterEach(() => void vi.useRealTimers());

  it('waits for times further away than timers reach', () => {
    const run = vi.fn();
    scheduleAt(new Date('2027-01-05T12:00:00Z'), run, systemClock);
    vi.advanceTimersByTime(60 * 86_400_000);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(86_400_000);
    expect(run).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(86_400_000);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('cancels, however often it has looked at the time before', () => {
    const run = vi.fn();
    const cancel = scheduleAt(new Date('2027-01-05T12:00:00Z'), run, systemClock);
    vi.advanceTimersByTime(10 * 86_400_000);
    cancel();
    expect(vi.getTimerCount()).toBe(0);
  });
});

it('does not keep the process alive', () => {
  const timeout = vi.spyOn(globalThis, 'setTimeout');
  const cancel = systemClock.setTimer(1_000_000, () => {});
  const [timer] = timeout.mock.results.map(({ value }) => value);
  expect(timer.hasRef()).toBe(false);
  cancel();
  timeout.mockRestore();
});

it.each([
  ['has passed', new Date('2026-11-05T11:59:59Z')],
  ['is now', new Date('2026-11-05T12:00:00Z')],
  ['is none', new Date(Number.NaN)],
])('runs at once where the time %s', (_case, time) => {
  const clock = createTestClock();
  const run = vi.fn();
  scheduleAt(time, run, clock);
  expect([run.mock.calls.length, clock.waiting()]).toEqual([1, 0]);
});

describe('the deprecated option now', () => {
  const clock = createTestClock();
  const { now } = clock;

  it('sets the time of an authenticator', async () => {
    const issuer = createTestIssuer();
    const { issuer: name, audience, fetch } = issuer;
    const authenticator = createAuthenticator({ issuer: name, audience, fetch, now });
    const token = bearer(issuer.sign());
    expect(await outcomeOf(authenticator.authenticate(token))).toMatchObject({
      kind: 'authenticated',
    });
    clock.advance(86_400);
    expect(await outcomeOf(authenticator.authenticate(token))).toMatchObject({
      reason: 'token_expired',
    });
  });

  it('sets the time of a memory store', async () => {
    const store = createMemoryReplayStore({ now });
    expect(await store.isFirstUse('a', 1_000)).toBe(true);
    expect(await store.isFirstUse('a', 1_000)).toBe(false);
    clock.advance(2_000);
    expect(await store.isFirstUse('a', 1_000)).toBe(true);
  });
});
