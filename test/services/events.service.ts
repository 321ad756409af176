import { createPubSub } from 'graphql-yoga';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  createRedisEventTarget,
  type RedisEventTarget,
  type RedisEventTargetOptions,
} from '../../src/adapters/redis/index.ts';
import { openEvents } from '../../src/server/events.ts';
import { type RedisProcess, startRedis, withRedisClient } from './redis-process.ts';

let redis: RedisProcess;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis?.close());

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

/** Opens a target that is connected. */
async function open(options: Partial<RedisEventTargetOptions> = {}): Promise<RedisEventTarget> {
  let connected = (): void => {};
  const ready = new Promise<void>((resolve) => {
    connected = resolve;
  });
  const target = await createRedisEventTarget({
    url: redis.url,
    ...options,
    onConnection() {
      connected();
      options.onConnection?.();
    },
  });
  opened.push(target);
  await ready;
  return target;
}

/** Listens, and returns what arrives. */
async function listen(target: RedisEventTarget, type = 'news') {
  const details: unknown[] = [];
  const listener = (event: Event): void => {
    if ('detail' in event) details.push(event.detail);
  };
  target.addEventListener(type, listener);
  await target.listening(type);
  return { details, stop: () => target.removeEventListener(type, listener) };
}

const dispatch = (target: RedisEventTarget, detail: unknown, type = 'news') =>
  target.dispatchEvent(new CustomEvent(type, { detail }));

const subscribers = (type = 'news') =>
  withRedisClient(redis.url, async (client) => {
    const channel = `events:${type}`;
    return (await client.pubSubNumSub([channel]))[channel];
  });

describe('an event target on Redis', () => {
  it('gives each event to listeners of all instances, exactly once and in order', async () => {
    const [one, other] = [await open(), await open()];
    const [here, there] = [await listen(one), await listen(other)];
    for (let index = 0; index < 100; index += 1) dispatch(one, { index });
    dispatch(other, 'last');
    await vi.waitUntil(() => here.details.length > 100 && there.details.length > 100);
    const sent = Array.from({ length: 100 }, (_, index) => ({ index }));
    expect(there.details.filter((detail) => detail !== 'last')).toEqual(sent);
    expect(here.details).toEqual([...sent, 'last']);
  });

  it('subscribes while there are listeners', async () => {
    const target = await open();
    expect(await subscribers()).toBe(0);
    const [first, second] = [await listen(target), await listen(target)];
    expect(await subscribers()).toBe(1);
    first.stop();
    expect(await subscribers()).toBe(1);
    second.stop();
    await vi.waitUntil(async () => (await subscribers()) === 0);
    await listen(target);
    expect(await subscribers()).toBe(1);
  });

  it('drops what is too large or not an event, and goes on', async () => {
    const target = await open({ maxEventBytes: 100 });
    const { details } = await listen(target);
    const id = crypto.randomUUID();
    await withRedisClient(redis.url, async (client) => {
      for (const message of [
        '',
        'text',
        '{"a":1}',
        '[1,2]',
        `["${id}"]`,
        `["${id}",1,2]`,
        `["${id}","${'x'.repeat(200)}"]`,
        `["${id}","an event"]`,
      ]) {
        await client.publish('events:news', message);
      }
    });
    await vi.waitUntil(() => details.length > 0);
    expect(details).toEqual(['an event']);
  });

  it('does not dispatch an event that is too large', async () => {
    const onError = vi.fn();
    const target = await open({ maxEventBytes: 100, onError });
    const { details } = await listen(target);
    dispatch(target, 'x'.repeat(200));
    expect([details, target.unpublished]).toEqual([[], 1]);
    expect(String(onError.mock.lastCall?.[0])).toBe(
      'RangeError: An event "news" is larger than 100 bytes.',
    );
  });

  it('calls all listeners, also if one throws', async () => {
    const onError = vi.fn();
    const target = await open({ onError });
    target.addEventListener('news', () => {
      throw new Error('of a listener');
    });
    const { details } = await listen(target);
    dispatch(target, 1);
    expect(details).toEqual([1]);
    expect(onError).toHaveBeenCalledWith(new Error('of a listener'));
  });

  it('works with createPubSub of Yoga', async () => {
    type Topics = { news: [{ text: string }] };
    const [one, other] = [await open(), await open()];
    const news = createPubSub<Topics>({ eventTarget: other }).subscribe('news');
    const next = news.next();
    await other.listening('news');
    createPubSub<Topics>({ eventTarget: one }).publish('news', { text: 'Hello.' });
    expect((await next).value).toEqual({ text: 'Hello.' });
    await news.return();
  });
});

describe('a Redis that is gone', () => {
  it('leaves events of this instance, and is found again', async () => {
    const [one, other] = [await open(), await open()];
    const [here, there, kept] = [await listen(one), await listen(other), await listen(other, 'b')];
    await redis.kill();
    await vi.waitUntil(() => {
      dispatch(one, 'lost');
      return one.unpublished > 0;
    });
    expect(here.details).toContain('lost');
    // What changes in between counts afterwards.
    there.stop();
    const later = await listen(other, 'later');
    await redis.start();
    await vi.waitUntil(async () => (await subscribers('later')) === 1, { timeout: 10_000 });
    await vi.waitUntil(async () => (await subscribers('b')) === 1 && (await subscribers()) === 1);
    await vi.waitUntil(() => {
      dispatch(one, 'again', 'b');
      return kept.details.includes('again');
    });
    dispatch(one, 1, 'later');
    await vi.waitUntil(() => later.details.length > 0);
    expect([later.details, there.details]).toEqual([[1], []]);
  });

  it('keeps the events of two APIs apart, whose databases of Redis share their channels', async () => {
    const log = pino({ level: 'silent' });
    const [one, same, other] = await Promise.all(
      [
        ['/1', 'https://api.test'],
        ['/1', 'https://api.test'],
        ['/2', 'https://staging.test'],
      ].map(([number, publicUrl = '']) =>
        openEvents({ redisUrl: `${redis.url}${number}`, publicUrl, log }),
      ),
    );
    if (!one || !same || !other) throw new Error('There are three.');
    opened.push(one, same, other);
    const [here, there] = await Promise.all([same.subscribe('news'), other.subscribe('news')]);
    const next = here.next();
    let arrived: unknown;
    void next.then(({ value }) => {
      arrived = value;
    });
    await vi.waitUntil(() => {
      one.publish('news', 'ours');
      return arrived !== undefined;
    });
    other.publish('news', 'theirs');

    expect([arrived, (await there.next()).value]).toEqual(['ours', 'theirs']);
  });

  it('is logged once when it goes and once when it is back', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
    const events = await openEvents({ redisUrl: redis.url, publicUrl: 'https://api.test', log });
    opened.push(events);
    const payloads = await events.subscribe('news');
    const messages = () => lines.map((line) => JSON.parse(line).msg);
    await redis.kill();
    await vi.waitUntil(() => messages().length > 0);
    events.publish('news', 1);
    expect((await payloads.next()).value).toBe(1);
    const started = performance.now();
    // Does not wait for a Redis that is gone.
    await events.subscribe('other');
    expect(performance.now() - started).toBeLessThan(1_000);
    await redis.start();
    await vi.waitUntil(() => messages().length > 1, { timeout: 10_000 });
    expect(messages()).toEqual([
      'Events are not shared through Redis: subscriptions at other instances do not get them.',
      'Events are shared through Redis again.',
    ]);
    expect(JSON.parse(lines[1] ?? '').unpublished).toBe(1);
  });

  it('that hangs keeps no request waiting, and is replaced', { timeout: 60_000 }, async () => {
    const errors: unknown[] = [];
    const target = await open({ onConnectionError: (error) => errors.push(error) });
    redis.hang();
    try {
      const started = performance.now();
      const { details } = await listen(target);
      dispatch(target, 1);
      expect(details).toEqual([1]);
      expect(performance.now() - started).toBeLessThan(2_000);
      // After 15 seconds without a reply to a ping.
      await vi.waitUntil(() => errors.length > 0, { timeout: 40_000, interval: 100 });
    } finally {
      redis.wake();
    }
    await vi.waitUntil(async () => (await subscribers()) === 1, { timeout: 10_000 });
  });
});
