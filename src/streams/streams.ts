import type { ExecutionResult } from 'graphql';
import type { Viewer } from '../authentication/viewer.ts';
import { type Clock, runAt } from '../shared/clock.ts';
import { endableStream } from './endable-stream.ts';
import { type PlaceLimits, Places } from './places.ts';
import { refusedStream, type StreamEnd, streamError } from './stream-error.ts';

/** The streams that are open: subscriptions, and results that come in parts. */
export class Streams {
  readonly #clock: Clock;
  readonly #places: Places;
  readonly #open = new Set<(reason: StreamEnd) => void>();
  #isStopping = false;

  constructor(clock: Clock, limits: PlaceLimits) {
    this.#clock = clock;
    this.#places = new Places(limits);
  }

  /** Starts a subscription for a viewer, unless there are too many already. */
  async subscribe(viewer: Viewer, start: () => unknown): Promise<unknown> {
    if (this.#isStopping) return refusedStream('stopping');
    const place = this.#places.take(viewer);
    if (place.kind === 'full') {
      return refusedStream(place.of === 'perViewer' ? 'too_many_of_viewer' : 'too_many_in_all');
    }
    try {
      const result = await start();
      if (isStream(result)) return this.watch(result, viewer, {}, place.leave);
      place.leave();
      return result;
    } catch (error) {
      place.leave();
      throw error;
    }
  }

  /**
   * Ends a stream when the viewer's token ends, and when the server stops.
   *
   * @param rest What the last result holds beside its error.
   * @param onEnd Called once, however the stream ends.
   */
  watch(
    results: AsyncIterable<ExecutionResult>,
    viewer: Viewer,
    rest: Readonly<Record<string, unknown>> = {},
    onEnd: () => void = () => {},
  ): AsyncIterableIterator<ExecutionResult> {
    const end = (reason: StreamEnd): void => stream.end({ errors: [streamError(reason)], ...rest });
    const expiry = viewer.kind === 'authenticated' ? viewer.expiresAt : undefined;
    let cancel = (): void => {};
    const stream = endableStream(results, {
      // Timers may be late; what the clock says counts.
      onResult: () => {
        if (expiry && this.#clock.now() >= expiry) end('token_expired');
      },
      onEnd: () => {
        cancel();
        this.#open.delete(end);
        onEnd();
      },
    });
    this.#open.add(end);
    if (expiry) cancel = runAt(expiry, () => end('token_expired'), this.#clock);
    if (this.#isStopping) end('stopping');
    return stream;
  }

  /** Ends every stream, and begins no more. */
  stop(): void {
    this.#isStopping = true;
    for (const end of [...this.#open]) end('stopping');
  }
}

/** Whether a result comes in parts. */
export function isStream(result: unknown): result is AsyncIterable<ExecutionResult> {
  return typeof result === 'object' && result !== null && Symbol.asyncIterator in result;
}
