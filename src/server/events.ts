import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import {
  createRedisEventTarget,
  type RedisEventTarget,
} from '../adapters/redis/redis-event-target.ts';
import { UntracedGraphQLError } from '../shared/untraced-graphql-error.ts';

/**
 * Events between resolvers, such as from a mutation to subscriptions: of this process or, with
 * REDIS_URL, of all workers and instances. They are not stored.
 */
export interface Events {
  /**
   * Passes a payload to all subscribers of a topic. It must survive JSON: subscribers get a copy, at
   * most 256 KiB as JSON. Never throws or waits because of Redis.
   */
  publish(topic: string, payload: unknown): void;
  /**
   * Subscribes to what is published from now on. Subscribers share each payload, so it must not be
   * changed. Ends with an error if 1,000 payloads have not been read.
   */
  subscribe(topic: string): Promise<AsyncIterableIterator<unknown>>;
}

/** Events, and what closes their connection. */
export interface OpenEvents extends Events {
  close(): void;
}

/** Options for `openEvents`. */
export interface EventsOptions {
  readonly redisUrl: string | undefined;
  /** The same at all instances, and at no other API that uses this Redis. */
  readonly publicUrl: string;
  readonly log: Logger;
}

/** Where events are dispatched: in this process, or in all of them. */
interface Target extends EventTarget {
  listening?(type: string): Promise<void>;
  close?(): void;
}

/** Payloads that wait for a reader. */
const maxQueued = 1_000;

/** Opens events: shared through Redis if there is a URL, otherwise in memory. */
export async function openEvents({ redisUrl, publicUrl, log }: EventsOptions): Promise<OpenEvents> {
  const target: Target =
    redisUrl === undefined ? createMemoryTarget() : await openRedisTarget(redisUrl, publicUrl, log);
  return {
    publish(topic, payload) {
      // As other processes get it, so that a resolver sees the same in each.
      const detail: unknown = JSON.parse(JSON.stringify(payload ?? null));
      target.dispatchEvent(new CustomEvent(topic, { detail }));
    },
    async subscribe(topic) {
      const payloads = queueEvents(target, topic);
      await target.listening?.(topic);
      return payloads;
    },
    close: () => target.close?.(),
  };
}

/** Without the warning of Node about more than ten listeners: each subscription is one. */
function createMemoryTarget(): EventTarget {
  const target = new EventTarget();
  setMaxListeners(0, target);
  return target;
}

async function openRedisTarget(url: string, publicUrl: string, log: Logger): Promise<Target> {
  let target: RedisEventTarget | undefined;
  /** The number of events that had not been published when the outage was logged. */
  let before: number | undefined;
  target = await createRedisEventTarget({
    url,
    // The databases of a Redis share their channels: its number does not separate two APIs.
    prefix: `events:${publicUrl}:`,
    onConnection() {
      if (before === undefined) return;
      const unpublished = (target?.unpublished ?? 0) - before;
      log.info({ unpublished }, 'Events are shared through Redis again.');
      before = undefined;
    },
    onConnectionError(err) {
      // Retried every second.
      if (before !== undefined) return;
      before = target?.unpublished ?? 0;
      log.warn(
        { err },
        'Events are not shared through Redis: subscriptions at other instances do not get them.',
      );
    },
    onError: (err) => log.warn({ err }, 'An event was not published.'),
  });
  return target;
}

/** The payloads of a topic, from now on, in a queue of limited length. */
function queueEvents(target: Target, topic: string): AsyncIterableIterator<unknown> {
  const queue: unknown[] = [];
  const readers: ((result: IteratorResult<unknown>) => void)[] = [];
  let end: 'ended' | 'overflow' | undefined;

  const onEvent = (event: Event): void => {
    const payload: unknown = 'detail' in event ? event.detail : undefined;
    const resolve = readers.shift();
    if (resolve) resolve({ done: false, value: payload });
    else if (queue.length < maxQueued) queue.push(payload);
    else finish('overflow');
  };
  const finish = (reason: 'ended' | 'overflow'): void => {
    end ??= reason;
    target.removeEventListener(topic, onEvent);
    queue.length = 0;
    for (const resolve of readers.splice(0)) resolve({ done: true, value: undefined });
  };
  target.addEventListener(topic, onEvent);

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (queue.length > 0) return { done: false, value: queue.shift() };
      if (end === 'overflow') {
        end = 'ended';
        throw new UntracedGraphQLError('Too many events were left unread. Subscribe again.', {
          extensions: { code: 'SERVICE_UNAVAILABLE' },
        });
      }
      if (end === 'ended') return { done: true, value: undefined };
      return new Promise((resolve) => readers.push(resolve));
    },
    async return() {
      finish('ended');
      return { done: true, value: undefined };
    },
  };
}
