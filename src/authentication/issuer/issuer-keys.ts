import { AuthError } from '../auth-error.ts';
import type { SignatureAlgorithm } from '../token/signature-algorithm.ts';
import { type FetchFunction, fetchJson } from './fetch-json.ts';
import { discoverKeysUrl } from './issuer-metadata.ts';
import { importKeys, type VerificationKeys } from './verification-keys.ts';

/** The keys of one issuer, fetched when needed. */
export interface IssuerKeys {
  /**
   * The keys with which to verify a token that names the key `keyId`, or none. They hold that key
   * unless the issuer, asked lately, does not have it.
   *
   * @throws {AuthError} `keys_unavailable`
   */
  keysFor(keyId: string | undefined): Promise<VerificationKeys>;
  /**
   * Newer keys than those with which a signature did not verify: an issuer may replace a key and
   * keep its identifier. Undefined where the issuer, asked at most once in 30 s, has no others.
   */
  replacementFor(keys: VerificationKeys): Promise<VerificationKeys | undefined>;
  /** Whether there are keys that may verify a token now. */
  areUsable(): boolean;
}

/** What the keys of an issuer are fetched with. */
export interface IssuerKeysOptions {
  readonly issuer: string;
  readonly algorithms: ReadonlySet<SignatureAlgorithm>;
  readonly fetch: FetchFunction;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onFetchFailure: (issuer: string, error: unknown) => void;
}

// Milliseconds.
/** From here on new keys are fetched beside the requests, so that none of them waits. */
const refreshAfter = 9 * 60_000;
/** From here on requests wait for new keys, unless the issuer is known to be out of reach. */
const staleAfter = 10 * 60_000;
/** For so long after a failure the issuer is taken to be out of reach. */
const outage = 60_000;
const cooldown = 30_000;
const firstPause = 1_000;
/** A key that the issuer withdrew must not live on for as long as the issuer is out of reach. */
const trustedFor = 24 * 60 * 60_000;

/**
 * Holds the keys of one issuer. At most one fetch is under way at a time, and every request that
 * needs it waits for it.
 *
 * Keys are fetched again beside a request once they are 9 minutes old. A request that finds them
 * older than 10 minutes, such as the first one after a quiet night, waits for the new ones, so that
 * a withdrawn key counts for no longer. Only while the issuer cannot be reached are old keys used,
 * for 24 hours at most; nothing waits for it again within a minute of its last failure.
 *
 * A key identifier that is not known, and a signature that does not verify, cause a fetch, at most
 * one in 30 seconds, be it a success or not: a key that was just published is found at once, and
 * made-up ones cost little. Without any keys, failures are followed by pauses of 1, 2, 4 … 30
 * seconds in which nothing is fetched.
 */
export function createIssuerKeys(options: IssuerKeysOptions): IssuerKeys {
  const { issuer, algorithms, fetch, now, onFetchFailure } = options;
  let held: { readonly keys: VerificationKeys; readonly since: number } | undefined;
  let discovered: { readonly url: string; readonly since: number } | undefined;
  let underWay: Promise<void> | undefined;
  let lastAttempt = Number.NEGATIVE_INFINITY;
  let lastSearch = Number.NEGATIVE_INFINITY;
  let lastFailure = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let lastError: unknown;

  /** Also true after the clock was set back: better one fetch too many than keys without end. */
  const isOver = (since: number, duration: number) => now() < since || now() >= since + duration;

  const usable = () =>
    held === undefined || isOver(held.since, trustedFor) ? undefined : held.keys;

  const pauseLeft = () => {
    const pause =
      usable() === undefined && failures > 0
        ? Math.min(firstPause * 2 ** (failures - 1), cooldown)
        : cooldown;
    return isOver(lastAttempt, pause) ? 0 : lastAttempt + pause - now();
  };

  async function keysUrl(): Promise<string> {
    if (discovered === undefined || isOver(discovered.since, trustedFor)) {
      discovered = { url: await discoverKeysUrl(issuer, fetch), since: now() };
    }
    return discovered.url;
  }

  async function attempt(): Promise<void> {
    try {
      const document = await fetchJson(await keysUrl(), fetch);
      held = { keys: await importKeys(document, algorithms), since: now() };
      failures = 0;
    } catch (error) {
      // The keys may have moved: look for them from the start next time.
      discovered = undefined;
      failures += 1;
      lastFailure = now();
      lastError = error;
      tell(error);
    } finally {
      lastAttempt = now();
      underWay = undefined;
    }
  }

  function tell(error: unknown): void {
    try {
      onFetchFailure(issuer, error);
    } catch {
      // A broken log is no reason to refuse tokens, nor to end the process from the background.
    }
  }

  /** Fetches, unless it is too early; waits for what is under way in any case. Never rejects. */
  async function refresh(): Promise<void> {
    if (underWay === undefined && pauseLeft() === 0) underWay = attempt();
    await underWay;
  }

  /**
   * The same for a key that is not known, and for one that does not verify: soon after a success,
   * but not again and again.
   */
  async function search(): Promise<void> {
    if (
      underWay === undefined &&
      isOver(lastSearch, cooldown) &&
      (failures === 0 || pauseLeft() === 0)
    ) {
      lastSearch = now();
      underWay = attempt();
    }
    await underWay;
  }

  function mustWait(): boolean {
    if (held === undefined || usable() === undefined) return true;
    return isOver(held.since, staleAfter) && isOver(lastFailure, outage);
  }

  const unavailable = () =>
    new AuthError('keys_unavailable', {
      retryAfter: Math.max(1, Math.ceil(pauseLeft() / 1000)),
      cause: lastError,
    });

  return {
    async keysFor(keyId) {
      if (held === undefined || isOver(held.since, refreshAfter)) {
        const refreshed = refresh();
        if (mustWait()) await refreshed;
      }

      const keys = usable();
      if (keys === undefined) throw unavailable();
      if (keyId === undefined || keys.ids.has(keyId)) return keys;

      await search();
      const latest = usable() ?? keys;
      // Nobody can say whether the key exists while the issuer does not answer.
      if (!latest.ids.has(keyId) && failures > 0) throw unavailable();
      return latest;
    },
    async replacementFor(keys) {
      if (held?.keys === keys) await search();
      const latest = usable();
      return latest === keys ? undefined : latest;
    },
    areUsable: () => usable() !== undefined,
  };
}
