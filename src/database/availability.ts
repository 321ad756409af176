import type { Clock } from '../shared/clock.ts';
import { DatabaseUnavailableError } from './database-unavailable-error.ts';

/** Options for `Availability`. */
export interface AvailabilityOptions {
  /** Opens the database and migrates it. Rejects if that is not possible. */
  readonly prepare: () => Promise<void>;
  readonly clock: Clock;
  /** Called once per outage, and again if what cannot be reached at first can then not be migrated. */
  readonly onOutage: (error: unknown) => void;
  /** Called when an outage that was reported has ended. */
  readonly onRecovery: () => void;
}

/** Milliseconds between two attempts: the first, and the maximum. */
const delays = { first: 500, maximum: 5_000 };

/**
 * Whether the database can be used. During an outage, queries are rejected immediately, and one attempt at
 * a time finds out whether it has ended.
 */
export class Availability {
  readonly #options: AvailabilityOptions;
  #isUsable = false;
  #attempt: Promise<unknown> | undefined;
  #failures = 0;
  #reported: string | undefined;
  #cancel = (): void => {};
  #isClosed = false;

  constructor(options: AvailabilityOptions) {
    this.#options = options;
  }

  get isUsable(): boolean {
    return this.#isUsable;
  }

  /** Prepares the database, and returns the error if that fails. It is then tried again. */
  async start(): Promise<unknown> {
    this.#attempt ??= this.#try();
    return this.#attempt;
  }

  /**
   * Call it before each query. Returns a promise if it is not known yet whether the database can be used.
   *
   * @throws {DatabaseUnavailableError} If it cannot.
   */
  require(): Promise<void> | undefined {
    if (this.#isUsable) return undefined;
    if (this.#failures > 0 || this.#isClosed) throw this.#outage();
    return this.start().then(() => {
      if (!this.#isUsable) throw this.#outage();
    });
  }

  /** Call it after an error of a query if the next one may fail as well. */
  lose(): void {
    if (!this.#isUsable) return;
    this.#isUsable = false;
    this.#attempt = this.#try();
  }

  close(): void {
    this.#isClosed = true;
    this.#isUsable = false;
    this.#cancel();
  }

  async #try(): Promise<unknown> {
    try {
      await this.#options.prepare();
    } catch (error) {
      this.#attempt = undefined;
      this.#failures += 1;
      if (!this.#isClosed) this.#retryAfter(error);
      return error;
    }
    this.#attempt = undefined;
    this.#failures = 0;
    this.#isUsable = !this.#isClosed;
    if (this.#reported !== undefined) this.#options.onRecovery();
    this.#reported = undefined;
    return undefined;
  }

  #retryAfter(error: unknown): void {
    // The message changes with each step of a server that starts.
    const problem = error instanceof Error ? error.name : String(error);
    if (problem !== this.#reported) this.#options.onOutage(error);
    this.#reported = problem;
    const delay = Math.min(delays.first * 2 ** (this.#failures - 1), delays.maximum);
    this.#cancel = this.#options.clock.setTimer(delay, () => void this.start());
  }

  #outage(): DatabaseUnavailableError {
    return new DatabaseUnavailableError('outage', 'The database cannot be reached.');
  }
}
