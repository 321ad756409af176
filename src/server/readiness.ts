import type { Logger } from 'pino';
import type { Authenticator } from '../authentication/authenticator.ts';
import type { TimeSource } from '../shared/clock.ts';

/** Whether this instance is ready for requests. */
export interface Readiness {
  /**
   * True if at least one issuer has usable keys, the replay store is available or not needed, it is known
   * what is revoked, the database is available or not needed, and the server is not shutting down. Synchronous:
   * returns what is known, and refreshes it in the background.
   */
  isReady(): boolean;
  /** The same, for each part. Anyone can read it, so it has no errors, and no addresses but issuers. */
  report(): ReadinessReport;
  /** Logs if the instance is not ready, unless that is known: call it when it should be. */
  logState(): void;
  /** From now on, the instance is not ready. */
  drain(): void;
}

/** What an instance depends on. A part that it does not use is undefined. */
interface ReadinessReport {
  readonly status: 'ready' | 'unavailable' | 'stopping';
  /** In the order of the settings. One with usable keys is enough. */
  readonly issuers: readonly IssuerReadiness[];
  /** Whether DPoP proofs can be recorded in Redis. */
  readonly redis: PartStatus | undefined;
  /** Whether the list of revoked tokens is current. */
  readonly revocations: PartStatus | undefined;
  readonly database: PartStatus | undefined;
}

type PartStatus = 'ready' | 'unavailable';

/** What is known about the keys of an issuer. */
interface IssuerReadiness {
  readonly issuer: string;
  /** `failing`: the last fetch failed. Tokens are accepted with the keys that are known, for 24 hours. */
  readonly fetches: 'ok' | 'failing';
  /** Seconds since the keys were fetched. Undefined if they were not, or are configured. */
  readonly keysAge: number | undefined;
}

/** Options for `createReadiness`. */
export interface ReadinessOptions {
  readonly authenticator: Pick<Authenticator, 'ready' | 'warmUp' | 'statistics'>;
  /** Undefined if no proofs are accepted, or if they are recorded in memory. */
  readonly redis: { isUsable(): boolean } | undefined;
  /** Undefined if tokens are not revoked. */
  readonly revocations?: { isCurrent(): boolean } | undefined;
  /** Undefined if the API has no data. */
  readonly database?: { isUsable(): boolean } | undefined;
  /** The clock of the authenticator. */
  readonly clock: TimeSource;
  readonly log: Logger;
}

type State = 'starting' | 'ready' | keyof typeof reasons;

const reasons = {
  'no-keys': 'no issuer has usable keys',
  'no-redis': 'Redis is unavailable',
  'no-revocations': 'the list of revoked tokens cannot be read from Redis',
  'no-database': 'the database is unavailable',
} as const;

/**
 * Creates the readiness of an instance. Logs when it is lost, and when it is restored; during the start, not
 * before `logState`.
 */
export function createReadiness(options: ReadinessOptions): Readiness {
  const { authenticator, redis, revocations, database, clock, log } = options;
  let isDraining = false;
  let last: State = 'starting';

  const readParts = () => ({
    redis: redis && statusOf(redis.isUsable()),
    revocations: revocations && statusOf(revocations.isCurrent()),
    database: database && statusOf(database.isUsable()),
  });

  function check(): Exclude<State, 'starting'> {
    // Fetches keys only if due; it limits its own rate and reports failures.
    authenticator.warmUp().catch(() => {});
    const parts = readParts();
    if (!authenticator.ready()) return 'no-keys';
    if (parts.redis === 'unavailable') return 'no-redis';
    if (parts.revocations === 'unavailable') return 'no-revocations';
    return parts.database === 'unavailable' ? 'no-database' : 'ready';
  }

  function logChange(state: Exclude<State, 'starting'>): void {
    if (state === last || (last === 'starting' && state !== 'ready')) return;
    if (state !== 'ready') log.warn(`This instance is not ready: ${reasons[state]}.`);
    else if (last !== 'starting') log.info('This instance is ready again.');
    last = state;
  }

  function isReady(): boolean {
    if (isDraining) return false;
    const state = check();
    logChange(state);
    return state === 'ready';
  }

  return {
    isReady,
    report() {
      const status = isDraining ? 'stopping' : statusOf(isReady());
      const now = clock.now().getTime();
      const issuers = authenticator.statistics().issuers.map(
        ({ issuer, fetchedAt, isFailing }): IssuerReadiness => ({
          issuer,
          fetches: isFailing ? 'failing' : 'ok',
          keysAge: fetchedAt && Math.floor((now - fetchedAt.getTime()) / 1_000),
        }),
      );
      return { status, issuers, ...readParts() };
    },
    logState() {
      if (isDraining || last !== 'starting') return;
      const state = check();
      // From now on, each change is logged.
      last = 'ready';
      logChange(state);
    },
    drain() {
      isDraining = true;
    },
  };
}

const statusOf = (isUsable: boolean): PartStatus => (isUsable ? 'ready' : 'unavailable');
