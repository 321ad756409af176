import type { ExecutionResult } from 'graphql';
import type { Viewer } from '../authentication/viewer.ts';
import { type Clock, scheduleAt } from '../shared/clock.ts';
import { ConcurrencyLimiter, type ConcurrencyLimits } from './concurrency-limiter.ts';
import { type CheckViewer, RevocationSweep } from './revocation-sweep.ts';
import {
  type RejectedStream,
  rejectStream,
  type StreamEndReason,
  type StreamRefusalReason,
  streamError,
  type TokenEndReason,
} from './stream-error.ts';
import { createTerminableStream } from './terminable-stream.ts';

/** Called if a limit prevents a stream, and when a token ends one. @param origin That of its options. */
export type OnStreamRefusal = (
  reason: StreamRefusalReason,
  viewer: Viewer,
  origin: unknown,
) => void;

/** What belongs to one stream. */
export interface StreamOptions {
  /** By what its operation is recognized in reports. Default: nothing. */
  readonly origin?: unknown;
  /** What the final result has besides its error. */
  readonly rest?: Readonly<Record<string, unknown>>;
  /** Called once, however the stream ends. `complete`: by itself or by its client. */
  readonly onEnd?: ((reason: 'complete' | StreamEndReason) => void) | undefined;
}

/**
 * The open streams: subscriptions, and results of incremental delivery. Given the results of an
 * execution and its viewer, gives back a stream that ends with the viewer's token and when the
 * server stops. Must not know how tokens are verified, nor any server framework.
 */
export class Streams {
  readonly #clock: Clock;
  readonly #limiter: ConcurrencyLimiter;
  readonly #open = new Set<(reason: StreamEndReason) => boolean>();
  readonly #onRefusal: OnStreamRefusal;
  readonly #revocations: RevocationSweep;
  #isStopping = false;

  /** @param checkViewer Checks whether the token of a viewer is revoked. Default: not checked. */
  constructor(
    clock: Clock,
    limits: ConcurrencyLimits,
    onRefusal: OnStreamRefusal = () => {},
    checkViewer?: CheckViewer,
  ) {
    this.#clock = clock;
    this.#onRefusal = onRefusal;
    this.#revocations = new RevocationSweep(checkViewer, clock);
    this.#limiter = new ConcurrencyLimiter(limits);
  }

  /** Starts a subscription, unless a limit is reached. It counts until its stream ends. */
  async open<Result>(
    viewer: Viewer,
    start: () => Promise<Result | AsyncIterable<ExecutionResult>>,
    options: StreamOptions = {},
  ): Promise<Result | AsyncIterable<ExecutionResult> | RejectedStream> {
    if (this.#isStopping) return rejectStream('stopping');
    const slot = this.#limiter.acquire(viewer);
    if (slot.kind === 'rejected') {
      const reason = slot.limit === 'perViewer' ? 'too_many_of_viewer' : 'too_many_in_all';
      this.#onRefusal(reason, viewer, options.origin);
      return rejectStream(reason);
    }
    try {
      const result = await start();
      if (isStream(result)) {
        return this.watch(result, viewer, {
          ...options,
          onEnd(reason) {
            slot.release();
            options.onEnd?.(reason);
          },
        });
      }
      slot.release();
      return result;
    } catch (error) {
      slot.release();
      throw error;
    }
  }

  /** Terminates a stream when the viewer's token expires or is revoked, and when the server stops. */
  watch(
    results: AsyncIterable<ExecutionResult>,
    viewer: Viewer,
    { rest, origin, onEnd }: StreamOptions = {},
  ): AsyncIterableIterator<ExecutionResult> {
    let ending: 'complete' | StreamEndReason = 'complete';
    const terminate = (reason: StreamEndReason): boolean => {
      ending = reason;
      return stream.terminate({ errors: [streamError(reason)], ...rest });
    };
    const endWithToken = (reason: TokenEndReason): void => {
      if (terminate(reason)) this.#onRefusal(reason, viewer, origin);
    };
    const expire = (): void => endWithToken('token_expired');
    const expiry = viewer.kind === 'authenticated' ? viewer.expiresAt : undefined;
    let cancelTimer = (): void => {};
    let unwatch = (): void => {};
    const stream = createTerminableStream(results, {
      // Timers can be late; the clock decides.
      onResult: () => {
        if (expiry && this.#clock.now() >= expiry) expire();
      },
      onEnd: () => {
        cancelTimer();
        unwatch();
        this.#open.delete(terminate);
        onEnd?.(ending);
      },
    });
    this.#open.add(terminate);
    unwatch = this.#revocations.watch(viewer, endWithToken);
    // Last: a token that has expired, within the clock tolerance, ends the stream in this call.
    if (expiry) cancelTimer = scheduleAt(expiry, expire, this.#clock);
    if (this.#isStopping) terminate('stopping');
    return stream;
  }

  /** Terminates every stream, and starts no more. */
  stop(): void {
    this.#isStopping = true;
    for (const terminate of [...this.#open]) terminate('stopping');
  }
}

/** Whether an execution gave a stream instead of one result. */
export function isStream(result: unknown): result is AsyncIterable<ExecutionResult> {
  return typeof result === 'object' && result !== null && Symbol.asyncIterator in result;
}

/** Ends a stream when its request is aborted, or now if that has happened already. */
export function cancelOnAbort(results: AsyncIterable<unknown>, signal: AbortSignal): void {
  const cancel = (): void => void results[Symbol.asyncIterator]().return?.();
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
}
