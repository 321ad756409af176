import type { Logger } from 'pino';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { connectToRedis } from '../../adapters/redis/redis-client.ts';
import type { TimeSource } from '../../shared/clock.ts';
import { createMemoryCounter, type RateCounter, type RateWindow } from './rate-counter.ts';

/** Counters that several instances share. */
export interface SharedCounters {
  create(limit: string, window: RateWindow): RateCounter;
  close(): void;
}

/** Milliseconds after a failure in which Redis is not used. */
const retryAfterMs = 1_000;

/**
 * Opens counters in Redis. While it does not respond, each process counts in its own memory, with the same
 * limits and from 0, and one request per second tries Redis again.
 */
export async function openSharedCounters(options: {
  readonly url: string;
  readonly clock: TimeSource;
  readonly log: Logger;
}): Promise<SharedCounters> {
  const { url, clock, log } = options;
  const { client, receive, close } = await connectToRedis('RATE_LIMIT_*', {
    url,
    // The outage ends with the next request.
    onConnection: () => {
      retryAt = 0;
    },
  });
  /** The client of the limiter, with a timeout: a Redis that hangs must not stop requests. */
  const storeClient = {
    eval: (script: string, call: { keys: string[]; arguments: string[] }) =>
      receive(client.eval(script, call)),
  };
  let isAvailable = true;
  let retryAt = 0;

  async function use<Value>(count: () => Promise<Value>, countHere: () => Value): Promise<Value> {
    const now = clock.now().getTime();
    if (!isAvailable) {
      if (now < retryAt) return countHere();
      retryAt = now + retryAfterMs;
    }
    try {
      const counted = await count();
      if (!isAvailable) log.info('Rate limits are counted in Redis again.');
      isAvailable = true;
      return counted;
    } catch (err) {
      if (isAvailable) {
        log.warn(
          { err },
          'Rate limits cannot be counted in Redis: each process counts for itself.',
        );
      }
      isAvailable = false;
      retryAt = now + retryAfterMs;
      return countHere();
    }
  }

  return {
    create(limit, window) {
      const limiter = new RateLimiterRedis({
        storeClient,
        useRedisPackage: true,
        keyPrefix: `rate:${limit}`,
        points: window.points,
        duration: window.seconds,
      });
      const here = createMemoryCounter(window, clock);
      return {
        add: (key, points) =>
          use(
            async () => {
              const { consumedPoints, msBeforeNext } = await limiter.penalty(key, points);
              return { used: consumedPoints, resetSeconds: msBeforeNext / 1000 };
            },
            () => here.add(key, points),
          ),
      };
    },
    close,
  };
}
