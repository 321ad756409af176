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
  /** Of requests to the API. */
  readonly limiter: RateLimiter;
  /** Of logout requests; undefined if they are not counted. */
  readonly logout: AddressLimiter | undefined;
  close(): void;
}

/** Counts requests by where they come from. */
export type AddressLimiter = Required<Pick<RateLimiter, 'countRequest' | 'countFailure'>>;

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
    return { ...createLimiters(rateLimits, createCounter), close() {} };
  }
  const shared = await openSharedCounters({ url, clock, log });
  return { ...createLimiters(rateLimits, shared.create), close: shared.close };
}

type CreateCounter = (name: string, window: RateWindow) => RateCounter;

function createLimiters(
  configuration: RateLimitConfiguration,
  createCounter: CreateCounter,
): Omit<RateLimits, 'close'> {
  const create: CreateLimit = (name, window) =>
    window && { name, window, counter: createCounter(name, window) };
  const logout = create('logout', configuration.logout);
  return {
    limiter: createRateLimiter(configuration, create),
    logout: logout && createAddressLimiter(logout, configuration),
  };
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

type CreateLimit = (name: string, window: RateWindow | undefined) => Limit | undefined;

/**
 * Refusals that need no verification, or that every client gets now and then: they count like any other
 * request.
 */
const ordinaryFailures: ReadonlySet<string> = new Set(['nonce_needed', 'token_expired']);

/** Counts requests under hashes of their networks. */
function createAddressLimiter(
  limit: Limit,
  { failureCost, proxyHops }: RateLimitConfiguration,
): AddressLimiter {
  const keyOf = (request: Parameters<RateLimiter['countRequest']>[0]): string => {
    const found = clientAddress(request, proxyHops);
    return hashOf([found === undefined ? '' : networkOf(found)]);
  };
  return {
    countRequest: (request) => count([[limit, keyOf(request)]]),
    countFailure(request, { reason, status }) {
      if (failureCost === 1 || status >= 500 || ordinaryFailures.has(reason)) return;
      // Counters do not fail.
      void limit.counter.add(keyOf(request), failureCost - 1);
    },
  };
}

/** Creates the limiter: what is counted, under keys that have hashes of viewers, clients and addresses. */
function createRateLimiter(
  configuration: RateLimitConfiguration,
  create: CreateLimit,
): RateLimiter {
  const { claim } = configuration;
  const address = create('address', configuration.address);
  const byAddress = address && createAddressLimiter(address, configuration);
  const byViewer: ViewerLimit[] = [];
  const viewer = create('viewer', configuration.viewer);
  if (viewer) byViewer.push({ limit: viewer, keyOf: (one) => one.id ?? viewerId(one) });
  const client = create('client', configuration.client);
  if (client) {
    byViewer.push({
      limit: client,
      keyOf: ({ issuer, clientId }) => clientId && hashOf([issuer, clientId]),
    });
  }
  const byClaim = create('claim', claim);
  if (claim && byClaim) {
    const names = claim.path.split('.');
    byViewer.push({
      limit: byClaim,
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

  return {
    countRequest: (request) => byAddress?.countRequest(request) ?? none,
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
    countFailure: (request, failure) => byAddress?.countFailure(request, failure),
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
