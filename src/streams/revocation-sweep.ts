import { AuthError } from '../authentication/auth-error.ts';
import type { AuthenticatedViewer, Viewer } from '../authentication/viewer.ts';
import type { Clock } from '../shared/clock.ts';
import type { TokenEndReason } from './stream-error.ts';

/** Throws, or returns a promise that rejects, if the token of a viewer is not accepted any more. */
export type CheckViewer = (viewer: AuthenticatedViewer) => void | Promise<void>;

/** Called with the reason why the streams of a viewer must end. */
type End = (reason: Exclude<TokenEndReason, 'token_expired'>) => void;

const intervalMs = 2_000;

/** How many checks run at the same time. */
const maxConcurrent = 100;

const nothing = (): void => {};

/**
 * Checks every 2 seconds whether the tokens of viewers are revoked, while there is anything to end. Without
 * a check, it does nothing.
 */
export class RevocationSweep {
  readonly #check: CheckViewer | undefined;
  readonly #clock: Clock;
  /** All requests with a token share one viewer, so it is checked once for all of its streams. */
  readonly #watched = new Map<AuthenticatedViewer, Set<End>>();
  #isScheduled = false;

  constructor(check: CheckViewer | undefined, clock: Clock) {
    this.#check = check;
    this.#clock = clock;
  }

  /**
   * Calls `end` once the token of a viewer is not accepted any more. Can call it more than once.
   *
   * @returns A function that stops watching. Can be called more than once.
   */
  watch(viewer: Viewer, end: End): () => void {
    if (this.#check === undefined || viewer.kind === 'anonymous') return nothing;
    const ends = this.#watched.get(viewer) ?? new Set();
    this.#watched.set(viewer, ends.add(end));
    this.#schedule();
    return () => {
      ends.delete(end);
      if (ends.size === 0 && this.#watched.get(viewer) === ends) this.#watched.delete(viewer);
    };
  }

  #schedule(): void {
    if (this.#isScheduled || this.#watched.size === 0) return;
    this.#isScheduled = true;
    this.#clock.setTimer(intervalMs, () => void this.#sweep());
  }

  async #sweep(): Promise<void> {
    const pending: Promise<void>[] = [];
    for (const viewer of [...this.#watched.keys()]) {
      const checked = this.#checkOne(viewer);
      if (checked !== undefined) pending.push(checked);
      if (pending.length >= maxConcurrent) await Promise.all(pending.splice(0));
    }
    await Promise.all(pending);
    this.#isScheduled = false;
    this.#schedule();
  }

  /** Does not throw. Returns what to wait for, if anything. */
  #checkOne(viewer: AuthenticatedViewer): Promise<void> | undefined {
    try {
      return this.#check?.(viewer)?.catch((error: unknown) => this.#end(viewer, error));
    } catch (error) {
      this.#end(viewer, error);
      return undefined;
    }
  }

  #end(viewer: AuthenticatedViewer, error: unknown): void {
    const isRevoked = error instanceof AuthError && error.reason === 'token_revoked';
    for (const end of [...(this.#watched.get(viewer) ?? [])]) {
      end(isRevoked ? 'token_revoked' : 'revocation_unavailable');
    }
  }
}
