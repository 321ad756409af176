import type { Logger } from 'pino';
import type { Authenticator } from '../authentication/authenticator.ts';

/** Whether this instance is ready for requests. */
export interface Readiness {
  /**
   * True if at least one issuer has usable keys, the replay store is available or not needed, it is known
   * what is revoked, the database is available or not needed, and the server is not shutting down. Synchronous:
   * returns what is known, and refreshes it in the background.
   */
  isReady(): boolean;
  /** From now on, the instance is not ready. */
  drain(): void;
}

/** Options for `createReadiness`. */
export interface ReadinessOptions {
  readonly authenticator: Pick<Authenticator, 'ready' | 'warmUp'>;
  /** Undefined if no proofs are accepted. */
  readonly replayStore: { isUsable(): boolean } | undefined;
  /** Undefined if tokens are not revoked. */
  readonly revocations?: { isCurrent(): boolean } | undefined;
  /** Undefined if the API has no data. */
  readonly database?: { isUsable(): boolean } | undefined;
  readonly log: Logger;
}

type State =
  | 'starting'
  | 'ready'
  | 'no-keys'
  | 'no-replay-store'
  | 'no-revocations'
  | 'no-database';

const reasons = {
  'no-keys': 'no issuer has usable keys',
  'no-replay-store': 'the replay store is unavailable',
  'no-revocations': 'the list of revoked tokens is unavailable',
  'no-database': 'the database is unavailable',
} as const satisfies Partial<Record<State, string>>;

/** Creates the readiness of an instance. Logs when it is lost, and when it is restored. */
export function createReadiness(options: ReadinessOptions): Readiness {
  const { authenticator, replayStore, revocations, database, log } = options;
  let isDraining = false;
  let last: State = 'starting';

  function check(): keyof typeof reasons | 'ready' {
    // Fetches keys only if due; it limits its own rate and reports failures.
    authenticator.warmUp().catch(() => {});
    const isUsable = replayStore === undefined || replayStore.isUsable();
    if (!authenticator.ready()) return 'no-keys';
    if (!isUsable) return 'no-replay-store';
    if (revocations?.isCurrent() === false) return 'no-revocations';
    return database?.isUsable() === false ? 'no-database' : 'ready';
  }

  function report(state: keyof typeof reasons | 'ready'): void {
    if (state === last || (last === 'starting' && state !== 'ready')) return;
    if (state !== 'ready') log.warn(`This instance is not ready: ${reasons[state]}.`);
    else if (last !== 'starting') log.info('This instance is ready again.');
    last = state;
  }

  return {
    isReady() {
      if (isDraining) return false;
      const state = check();
      report(state);
      return state === 'ready';
    },
    drain() {
      isDraining = true;
    },
  };
}
