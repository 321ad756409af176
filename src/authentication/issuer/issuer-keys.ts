import { AuthError } from '../auth-error.ts';
import type { SignatureAlgorithm } from '../token/public-key.ts';
import { selectKeysOf } from './discovery.ts';
import { type FetchFunction, fetchJson, timeoutMs } from './fetch-json.ts';
import { importKeys, type VerificationKeys } from './verification-keys.ts';

/** The keys of one issuer, fetched when needed. */
export interface IssuerKeys {
  /**
   * The keys that `getKeys` would return without waiting. Like it, starts a refresh that is due.
   *
   * @returns undefined if `getKeys` would wait or throw
   */
  getKeysNow(keyId: string | undefined): VerificationKeys | undefined;
  /**
   * The keys for a token whose header has the given `kid`, or none. They include that key, unless the
   * issuer did not have it within the last 30 seconds.
   *
   * @throws {AuthError} `keys_unavailable`
   */
  getKeys(keyId: string | undefined): Promise<VerificationKeys>;
  /**
   * Newer keys than those with which a signature did not verify, because an issuer can replace a key
   * without changing its `kid`. Fetches at most once in 30 seconds.
   *
   * @returns undefined if there are none
   */
  getNewerKeys(keys: VerificationKeys): Promise<VerificationKeys | undefined>;
  /** Whether keys have been fetched, at most 24 hours ago. */
  hasUsableKeys(): boolean;
  /** Counters, and the age of the keys. */
  statistics(): KeyStatistics;
}

/** What is known about the keys of an issuer. Counters begin with the process. */
export interface KeyStatistics {
  /** When the current keys were fetched; undefined if there are none, or if they are not fetched. */
  readonly fetchedAt: Date | undefined;
  /** How often a fetch was attempted. */
  readonly fetches: number;
  /** How many of them failed. */
  readonly failures: number;
  /** Whether the last one failed. */
  readonly isFailing: boolean;
}

/** Where an issuer publishes its keys. */
export interface KeySetLocation {
  readonly url: string;
  /** Whether the keys are those of several issuers, each of which can be limited to one of them. */
  readonly isShared: boolean;
}

/** Options for `createIssuerKeys`. */
export interface IssuerKeysOptions {
  readonly issuer: string;
  /** Finds out where the keys are. */
  readonly locate: () => Promise<KeySetLocation>;
  readonly algorithms: ReadonlySet<SignatureAlgorithm>;
  readonly fetch: FetchFunction;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onFetchFailure: (issuer: string, error: unknown) => void;
  /** Called with the first success after a failure. */
  readonly onFetchRecovery: (issuer: string) => void;
}

/** From this age on, keys are refreshed in the background. */
const refreshAfterMs = 9 * 60_000;
/** From this age on, requests wait for new keys, unless the issuer is known to be unreachable. */
const waitAfterMs = 10 * 60_000;
/** How long after a failed fetch the issuer counts as unreachable. */
const outageMs = 60_000;
const cooldownMs = 30_000;
/** Both ways of discovery and the keys have ended by then, one way or the other. */
const maxFetchMs = 3 * timeoutMs + 1_000;
const initialBackoffMs = 1_000;
/** Bounds how long a withdrawn key stays valid while the issuer is unreachable. */
const maxStaleMs = 24 * 60 * 60_000;

/**
 * Caches the keys of one issuer. At most one fetch is in flight, shared by all requests that need it.
 *
 * - Keys older than 9 minutes are refreshed in the background.
 * - If keys are older than 10 minutes, such as after a quiet night, requests wait for the refresh, so
 *   that a withdrawn key is not accepted any longer than that.
 * - While the issuer is unreachable, old keys are used for up to 24 hours, and requests do not wait
 *   again within a minute of the last failure.
 * - An unknown `kid`, or a signature that does not verify, causes a fetch at most once in 30 seconds,
 *   successful or not: new keys are found immediately, and invented ones are cheap.
 * - Without any keys, failed fetches are followed by a backoff of 1, 2, 4 … 30 seconds.
 * - Cloudflare Workers drop a fetch when the request that started it ends. A request that waits for one
 *   that was dropped repeats it; the background starts another after 16 seconds.
 */
export function createIssuerKeys(options: IssuerKeysOptions): IssuerKeys {
  const { issuer, locate, algorithms, fetch, now, onFetchFailure, onFetchRecovery } = options;
  const total = { fetches: 0, failures: 0 };
  let cached: { readonly keys: VerificationKeys; readonly since: number } | undefined;
  let located: { readonly location: KeySetLocation; readonly since: number } | undefined;
  let inFlight: Promise<void> | undefined;
  let lastStart = Number.NEGATIVE_INFINITY;
  let lastAttempt = Number.NEGATIVE_INFINITY;
  let lastUnknownKidFetch = Number.NEGATIVE_INFINITY;
  let lastFailure = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let lastError: unknown;

  /** Also true if the clock was set back: prefer an extra fetch over never refreshing. */
  const hasPassed = (since: number, duration: number) => now() < since || now() >= since + duration;

  const usableKeys = () =>
    cached === undefined || hasPassed(cached.since, maxStaleMs) ? undefined : cached.keys;

  const remainingBackoff = () => {
    const backoff =
      usableKeys() === undefined && failures > 0
        ? Math.min(initialBackoffMs * 2 ** (failures - 1), cooldownMs)
        : cooldownMs;
    return hasPassed(lastAttempt, backoff) ? 0 : lastAttempt + backoff - now();
  };

  async function findLocation(): Promise<KeySetLocation> {
    if (located === undefined || hasPassed(located.since, maxStaleMs)) {
      located = { location: await locate(), since: now() };
    }
    return located.location;
  }

  /** Does not reject. */
  async function fetchKeys(): Promise<void> {
    try {
      const { url, isShared } = await findLocation();
      const keySet = await fetchJson(url, fetch);
      const document = isShared ? selectKeysOf(keySet, issuer) : keySet;
      cached = { keys: await importKeys(document, algorithms, cached?.keys), since: now() };
      const hasRecovered = failures > 0;
      failures = 0;
      if (hasRecovered) onFetchRecovery(issuer);
    } catch (error) {
      // The keys may have moved, so discovery is repeated next time.
      located = undefined;
      failures += 1;
      total.failures += 1;
      lastFailure = now();
      lastError = error;
      onFetchFailure(issuer, error);
    } finally {
      lastAttempt = now();
      inFlight = undefined;
    }
  }

  function startFetch(): void {
    lastStart = now();
    total.fetches += 1;
    inFlight = fetchKeys();
  }

  const isFetching = () => inFlight !== undefined && !hasPassed(lastStart, maxFetchMs);

  /** Waits for the fetch in flight, if any. Does not reject. */
  async function waitForFetch(): Promise<void> {
    for (let fetching = inFlight; fetching !== undefined; fetching = inFlight) {
      try {
        return await fetching;
      } catch {
        // Only the runtime rejects it, which has dropped it with the request that started it.
        if (inFlight === fetching) startFetch();
      }
    }
  }

  /**
   * Fetches for an unknown `kid` or a signature that does not verify. It does not wait for the
   * cooldown of an ordinary refresh that succeeded, but has a cooldown of its own.
   */
  async function refreshForUnknownKey(): Promise<void> {
    if (
      !isFetching() &&
      hasPassed(lastUnknownKidFetch, cooldownMs) &&
      (failures === 0 || remainingBackoff() === 0)
    ) {
      lastUnknownKidFetch = now();
      startFetch();
    }
    await waitForFetch();
  }

  function mustWait(): boolean {
    if (cached === undefined || usableKeys() === undefined) return true;
    return hasPassed(cached.since, waitAfterMs) && hasPassed(lastFailure, outageMs);
  }

  /** Starts a refresh that is due. Returns it if requests must wait for it. */
  function refreshIfDue(): Promise<void> | undefined {
    if (cached !== undefined && !hasPassed(cached.since, refreshAfterMs)) return undefined;
    if (!isFetching() && remainingBackoff() === 0) startFetch();
    return mustWait() ? waitForFetch() : undefined;
  }

  const includesKey = (keys: VerificationKeys, keyId: string | undefined) =>
    keyId === undefined || keys.ids.has(keyId);

  const unavailable = () =>
    new AuthError('keys_unavailable', {
      retryAfter: Math.max(1, Math.ceil(remainingBackoff() / 1000)),
      cause: lastError,
    });

  return {
    getKeysNow(keyId) {
      if (refreshIfDue() !== undefined) return undefined;
      const keys = usableKeys();
      return keys !== undefined && includesKey(keys, keyId) ? keys : undefined;
    },
    async getKeys(keyId) {
      await refreshIfDue();

      const keys = usableKeys();
      if (keys === undefined) throw unavailable();
      if (includesKey(keys, keyId)) return keys;

      await refreshForUnknownKey();
      const latest = usableKeys() ?? keys;
      // While the issuer is unreachable, whether the key exists is unknown.
      if (!includesKey(latest, keyId) && failures > 0) throw unavailable();
      return latest;
    },
    async getNewerKeys(keys) {
      if (cached?.keys === keys) await refreshForUnknownKey();
      const latest = usableKeys();
      return latest === keys ? undefined : latest;
    },
    hasUsableKeys: () => usableKeys() !== undefined,
    statistics: () => ({
      ...total,
      fetchedAt: cached && new Date(cached.since),
      isFailing: failures > 0,
    }),
  };
}
