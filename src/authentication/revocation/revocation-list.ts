import { type Clock, systemClock } from '../../shared/clock.ts';
import { safeReport } from '../../shared/safe-report.ts';
import { findUnknownOptions } from '../../shared/unknown-options.ts';
import type { AuthenticatedViewer } from '../viewer.ts';
import { entryIdsOf, type Revocation, type RevocationEntry, toEntries } from './revocation-keys.ts';
import type { Revocations } from './revocations.ts';

/** Where several instances share what is revoked: see `createRedisRevocationStore`. */
export interface RevocationStore {
  /**
   * Adds entries, for every instance.
   *
   * @param keepFor how long they must be kept, in milliseconds. Longer is fine.
   * @throws if they may not have been added
   */
  add(entries: readonly RevocationEntry[], keepFor: number): Promise<void>;
  /**
   * The entries that no earlier call has returned. Others can be repeated. Called every second.
   *
   * @throws if they cannot be read
   */
  read(): Promise<readonly RevocationEntry[]>;
}

/** Options for `createRevocationList`. */
export interface RevocationListOptions {
  /** Where instances share the list. Default: in the memory of this process only. */
  readonly store?: RevocationStore;
  /**
   * The longest lifetime of a token, in seconds, up to 30 days: as long is a revocation remembered. Tokens
   * with a longer one are rejected. Default 86,400, a day.
   */
  readonly maxTokenLifetime?: number;
  /**
   * Seconds after which the list counts as unknown if the store could not be read, from 3 to 3600. All
   * tokens are then rejected with 503, and streams end. Default 30.
   */
  readonly maxStaleness?: number;
  /** The most revocations that can be remembered: about 200 bytes each. Default 100,000. */
  readonly maxEntries?: number;
  /** Called when the store could not be read, once until it can be read again. Default: does nothing. */
  readonly onStoreError?: (error: unknown) => void;
  /** The time, and the timer for reading the store. Default: the system's. */
  readonly clock?: Clock;
}

/** What is revoked. The option `revocations` of an authenticator. */
export interface RevocationList extends Revocations {
  readonly maxTokenLifetime: number;
  /** @throws {Error} if the store could not be read for `maxStaleness` */
  isRevoked(viewer: AuthenticatedViewer): boolean;
  /**
   * Revokes tokens: here immediately; on other instances, and for open streams, within 5 seconds. Can be
   * repeated: nothing becomes valid again.
   *
   * @throws {TypeError} if it is not a valid revocation
   * @throws {Error} if the list is full, or the store could not be written. In the latter case, other
   * instances do not know of it yet: writing is retried every second while this one runs.
   */
  revoke(revocation: Revocation): Promise<void>;
  /** Whether it is known what is revoked. Always true without a store. */
  isCurrent(): boolean;
  /** The number of revocations that are remembered. */
  readonly size: number;
  /** Stops reading the store. */
  close(): void;
}

const readIntervalMs = 1_000;
/** Clocks of instances can differ, and a token is accepted for some seconds after it has expired. */
const marginMs = 10 * 60_000;

/** What is remembered of an entry. Times are in milliseconds since the epoch. */
interface Remembered {
  /** Infinity for all tokens. */
  readonly issuedBefore: number;
  readonly until: number;
}

/**
 * Creates a list of revoked tokens: single ones (`jti`), those of a session (`sid`), or those of a subject
 * that were issued before a time. Checks are synchronous and in memory.
 *
 * With a store, the list is that of all instances, and is read every second. If the store cannot be read
 * for 30 seconds, requests with a token are rejected until it can be read again.
 *
 * @throws {TypeError} with a message that lists all unknown and invalid options
 *
 * @example
 * ```ts
 * const revocations = createRevocationList();
 * const authenticator = createAuthenticator({
 *   issuer: 'https://tenant.eu.auth0.com/',
 *   audience: 'https://api.example.com',
 *   revocations,
 * });
 *
 * await revocations.revoke({ issuer: 'https://tenant.eu.auth0.com/', subject: 'auth0|ada' });
 * ```
 */
export function createRevocationList(options: RevocationListOptions = {}): RevocationList {
  checkOptions(options);
  const { store, maxTokenLifetime = 86_400, maxStaleness = 30, maxEntries = 100_000 } = options;
  const { clock = systemClock } = options;
  const onStoreError = safeReport(options.onStoreError);
  const keepFor = maxTokenLifetime * 1000 + marginMs;
  /** By ID, those first that are forgotten first. */
  const entries = new Map<string, Remembered>();
  /** All requests with a token share one viewer. */
  const idsOf = new WeakMap<AuthenticatedViewer, readonly string[]>();
  /** Entries that have not been written to the store, by ID. */
  const unsaved = new Map<string, RevocationEntry>();
  let lastRead = Number.NEGATIVE_INFINITY;
  let hasFailed = false;
  let isClosed = false;
  let cancelTimer = (): void => {};

  const now = () => clock.now().getTime();

  function forgetExpired(time: number): void {
    for (const [id, { until }] of entries) {
      if (until > time) break;
      entries.delete(id);
    }
  }

  function remember({ id, issuedBefore }: RevocationEntry, time: number): void {
    const earlier = entries.get(id)?.issuedBefore ?? Number.NEGATIVE_INFINITY;
    // Again at the end, so that they stay in order.
    entries.delete(id);
    entries.set(id, {
      issuedBefore: Math.max(issuedBefore ?? Number.POSITIVE_INFINITY, earlier),
      until: time + keepFor,
    });
  }

  function isKnown({ id, issuedBefore }: RevocationEntry): boolean {
    const known = entries.get(id);
    return known !== undefined && known.issuedBefore >= (issuedBefore ?? Number.POSITIVE_INFINITY);
  }

  async function save(to: RevocationStore, added: readonly RevocationEntry[]): Promise<void> {
    if (added.length === 0) return;
    for (const entry of added) unsaved.set(entry.id, entry);
    await to.add(added, keepFor);
    for (const entry of added) if (unsaved.get(entry.id) === entry) unsaved.delete(entry.id);
  }

  async function synchronize(shared: RevocationStore): Promise<void> {
    const time = now();
    try {
      await save(shared, [...unsaved.values()]);
      const read = await shared.read();
      for (const entry of read) if (!isKnown(entry)) remember(entry, time);
      lastRead = time;
      hasFailed = false;
    } catch (error) {
      if (!hasFailed) onStoreError(error);
      hasFailed = true;
    }
    forgetExpired(time);
    if (!isClosed) cancelTimer = clock.setTimer(readIntervalMs, () => void synchronize(shared));
  }

  /** False as well if the clock was set back, until the store is read again. */
  const isCurrent = (): boolean => {
    if (store === undefined) return true;
    const time = now();
    return time >= lastRead && time <= lastRead + maxStaleness * 1000;
  };

  if (store !== undefined) void synchronize(store);

  return {
    maxTokenLifetime,
    isRevoked(viewer) {
      if (!isCurrent()) throw new Error('The revocation store has not been read recently.');
      if (entries.size === 0) return false;
      let ids = idsOf.get(viewer);
      if (ids === undefined) {
        ids = entryIdsOf(viewer);
        idsOf.set(viewer, ids);
      }
      const { iat } = viewer.claims;
      // Without it, the token can be as old as any.
      const issuedAt = typeof iat === 'number' ? iat * 1000 : Number.NEGATIVE_INFINITY;
      return ids.some((id) => {
        const entry = entries.get(id);
        return entry !== undefined && issuedAt <= entry.issuedBefore;
      });
    },
    async revoke(revocation) {
      const time = now();
      const wanted = toEntries(revocation, time);
      forgetExpired(time);
      const added = wanted.filter((entry) => !isKnown(entry));
      const { length } = added.filter(({ id }) => !entries.has(id));
      if (entries.size + length > maxEntries) throw new Error('The revocation list is full.');
      for (const entry of added) remember(entry, time);
      const repeated = wanted.flatMap(({ id }) => unsaved.get(id) ?? []);
      if (store !== undefined) await save(store, [...repeated, ...added]);
    },
    isCurrent,
    get size() {
      forgetExpired(now());
      return entries.size;
    },
    close() {
      isClosed = true;
      cancelTimer();
    },
  };
}

const optionNames: Readonly<Record<keyof RevocationListOptions, true>> = {
  store: true,
  maxTokenLifetime: true,
  maxStaleness: true,
  maxEntries: true,
  onStoreError: true,
  clock: true,
};

/** @throws {TypeError} */
function checkOptions(options: RevocationListOptions): void {
  const { store, maxTokenLifetime = 1, maxStaleness = 3, maxEntries = 1 } = options;
  const problems = [...findUnknownOptions(options, Object.keys(optionNames))];
  if (
    store !== undefined &&
    (typeof store?.add !== 'function' || typeof store.read !== 'function')
  ) {
    problems.push('store must have the methods add and read: see createRedisRevocationStore.');
  }
  if (!(maxTokenLifetime >= 1 && maxTokenLifetime <= 2_592_000)) {
    problems.push('maxTokenLifetime must be a number of seconds from 1 to 2,592,000, 30 days.');
  }
  if (!(maxStaleness >= 3 && maxStaleness <= 3600)) {
    problems.push('maxStaleness must be a number of seconds from 3 to 3600.');
  }
  if (!(maxEntries >= 1 && maxEntries <= 10_000_000)) {
    problems.push('maxEntries must be a number from 1 to 10,000,000.');
  }
  if (problems.length > 0) throw new TypeError(`createRevocationList: ${problems.join(' ')}`);
}
