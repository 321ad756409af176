import type { Logger } from 'pino';
import { type Viewer, viewerId } from '../../authentication/viewer.ts';
import type { RateLimiter, RateQuota } from '../../gate/rate-limit.ts';
import { findClaim } from '../../shared/claim-path.ts';
import type { TimeSource } from '../../shared/clock.ts';
import { sha256 } from '../../shared/sha256.ts';
import { isThenable } from '../../shared/type-guards.ts';
import type { RateLimitConfiguration } from '../configuration/rate-limits.ts';
import { clientAddress, networkOf } from '../http/client-address.ts';
import { createMemoryCounter, type RateCounter, type RateWindow } from './rate-counter.ts';
import { openSharedCounters } from './shared-counters.ts';

/** The rate limits of the server. */
export interface RateLimits {
  readonly limiter: RateLimiter;
  close(): void;
}

/** Opens the counters of rate limits: in Redis if there is a URL, otherwise in memory. */
export async function openRateLimits(options: {
  /** Undefined: there are no limits. */
  readonly rateLimits: RateLimitConfiguration | undefined;
  readonly redisUrl: string | undefined;
  readonly clock: TimeSource;
  readonly log: Logger;
}): Promise<RateLimits | undefined> {
  const { rateLimits, redisUrl: url, clock, log } = options;
  if (rateLimits === undefined) return undefined;
  if (url === undefined) {
    const createCounter = (_: string, window: RateWindow) => createMemoryCounter(window, clock);
    return { limiter: createRateLimiter(rateLimits, createCounter), close() {} };
  }
  const shared = await openSharedCounters({ url, clock, log });
  return { limiter: createRateLimiter(rateLimits, shared.create), close: shared.close };
}

/** One limit, and what is counted for a viewer; undefined if nothing is. */
interface ViewerLimit {
  readonly limit: Limit;
  readonly keyOf: (viewer: Viewer & { readonly kind: 'authenticated' }) => string | undefined;
}

interface Limit {
  readonly name: string;
  readonly window: RateWindow;
  readonly counter: RateCounter;
}

/**
 * Refusals that need no verification, or that every client gets now and then: they count like any other
 * request.
 */
const ordinaryFailures: ReadonlySet<string> = new Set(['nonce_needed', 'token_expired']);

/** Creates the limiter: what is counted, under keys that have hashes of viewers, clients and addresses. */
function createRateLimiter(
  configuration: RateLimitConfiguration,
  createCounter: (name: string, window: RateWindow) => RateCounter,
): RateLimiter {
  const { address, viewer, client, claim, failureCost, proxyHops } = configuration;
  const create = (name: string, window: RateWindow): Limit => ({
    name,
    window,
    counter: createCounter(name, window),
  });
  const byAddress = address && create('address', address);
  const byViewer: ViewerLimit[] = [];
  if (viewer) {
    byViewer.push({ limit: create('viewer', viewer), keyOf: (one) => one.id ?? viewerId(one) });
  }
  if (client) {
    byViewer.push({
      limit: create('client', client),
      keyOf: ({ issuer, clientId }) => clientId && hashOf([issuer, clientId]),
    });
  }
  if (claim) {
    const names = claim.path.split('.');
    byViewer.push({
      limit: create('claim', claim),
      keyOf({ issuer, claims }) {
        const value = findClaim(claims, names) ?? undefined;
        return value === undefined ? undefined : hashOf([issuer, value]);
      },
    });
  }
  /** The keys of each viewer, which all requests with one token share. */
  const known = new WeakMap<Viewer, readonly (string | undefined)[]>();

  function keysOf(one: Viewer & { readonly kind: 'authenticated' }) {
    const keys = known.get(one) ?? byViewer.map(({ keyOf }) => keyOf(one));
    known.set(one, keys);
    return keys;
  }

  const addressKey = (request: Parameters<RateLimiter['countRequest']>[0]): string => {
    const found = clientAddress(request, proxyHops);
    return hashOf([found === undefined ? '' : networkOf(found)]);
  };

  return {
    countRequest(request) {
      return byAddress === undefined ? none : count([[byAddress, addressKey(request)]]);
    },
    countViewer(one) {
      if (one.kind === 'anonymous' || byViewer.length === 0) return none;
      const keys = keysOf(one);
      return count(
        byViewer.flatMap(({ limit }, index) => {
          const key = keys[index];
          return key === undefined ? [] : [[limit, key] as const];
        }),
      );
    },
    countFailure(request, { reason, status }) {
      if (byAddress === undefined || failureCost === 1) return;
      if (status >= 500 || ordinaryFailures.has(reason)) return;
      // Counters do not fail.
      void byAddress.counter.add(addressKey(request), failureCost - 1);
    },
  };
}

const none: readonly RateQuota[] = [];

/** Synchronous if the counters are. */
function count(
  keys: readonly (readonly [Limit, string])[],
): readonly RateQuota[] | Promise<readonly RateQuota[]> {
  const counts = keys.map(([limit, key]) => {
    const { name, window, counter } = limit;
    const quota = { limit: name, points: window.points, windowSeconds: window.seconds };
    const added = counter.add(key, 1);
    return isThenable(added)
      ? added.then((counted) => ({ ...quota, ...counted }))
      : { ...quota, ...added };
  });
  const isSynchronous = (one: (typeof counts)[number]): one is RateQuota => !isThenable(one);
  return counts.every(isSynchronous) ? counts : Promise.all(counts);
}

const hashOf = (parts: readonly unknown[]): string => sha256(JSON.stringify(parts));
