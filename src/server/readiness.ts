import type { Logger } from 'pino';
import type { Authenticator } from '../authentication/authenticator.ts';

/** Whether this instance should be sent requests. */
export interface Readiness {
  /**
   * True when the keys of at least one issuer may be used now, the replay store can be used where
   * one is needed, and the server is not stopping. Answers at once, from what is known; what it
   * takes to know it is started in the background.
   */
  isReady(): boolean;
  /** From now on the instance is not ready: it finishes what it has begun. */
  drain(): void;
}

/** What an instance needs to serve requests that have credentials. */
export interface ReadinessOptions {
  readonly authenticator: Pick<Authenticator, 'ready' | 'warmUp'>;
  /** Undefined where no proofs are accepted. */
  readonly replayStore: { isUsable(): boolean } | undefined;
  readonly log: Logger;
}

type State = 'starting' | 'ready' | 'no-keys' | 'no-replay-store';

const reasons = {
  'no-keys': 'no issuer has keys that may be used',
  'no-replay-store': 'the replay store cannot be used',
} as const satisfies Partial<Record<State, string>>;

/** Logs when an instance that was ready no longer is, and when it is again. */
export function createReadiness(options: ReadinessOptions): Readiness {
  const { authenticator, replayStore, log } = options;
  let isDraining = false;
  let last: State = 'starting';

  function examine(): keyof typeof reasons | 'ready' {
    // Fetches what is due, and nothing else: how often is decided, and failures are logged, there.
    authenticator.warmUp().catch(() => {});
    const isUsable = replayStore === undefined || replayStore.isUsable();
    if (!authenticator.ready()) return 'no-keys';
    return isUsable ? 'ready' : 'no-replay-store';
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
      const state = examine();
      report(state);
      return state === 'ready';
    },
    drain() {
      isDraining = true;
    },
  };
}
