import type { Authenticator } from '../authentication/authenticator.ts';

/** Whether this instance should be sent requests. */
export interface Readiness {
  /** True when the issuer's keys have been had once, and the server is not stopping. */
  isReady(): boolean;
  /** From now on the instance is not ready: it finishes what it has begun. */
  drain(): void;
}

export function createReadiness(authenticator: Pick<Authenticator, 'ready' | 'warmUp'>): Readiness {
  let isDraining = false;
  return {
    isReady() {
      if (authenticator.ready()) return !isDraining;
      // Failures are reported where the keys are fetched, and how often that is done is decided there.
      authenticator.warmUp().catch(() => {});
      return false;
    },
    drain() {
      isDraining = true;
    },
  };
}
