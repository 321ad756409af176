/** Options for `stopOnSignals` and `createStop`. */
export interface StopOptions {
  /** Stops the server and everything else that is open. */
  readonly stop: () => Promise<void>;
  /** Called if `stop` fails. */
  readonly onError: (error: unknown) => void;
  /** Ends the process, after the last lines of the log. */
  readonly exit: (code: 0 | 1) => Promise<void>;
  /** Milliseconds after which the process exits with 1, whatever is still open. */
  readonly timeoutMs: number;
}

/**
 * Stops on SIGTERM and SIGINT, then exits with 0; with 1 if that fails or takes too long. A second
 * signal exits immediately.
 */
export function stopOnSignals(options: StopOptions): void {
  const stop = createStop(options);
  process.on('SIGTERM', stop);
  process.on('SIGINT', oncePerInterrupt(stop));
}

/**
 * Creates a function that stops everything, then exits with 0; with 1 if that fails or takes too long.
 * A second call exits immediately.
 */
export function createStop({ stop, onError, exit, timeoutMs }: StopOptions): () => Promise<void> {
  let isStopping = false;
  return async () => {
    if (isStopping) process.exit(1);
    isStopping = true;
    setTimeout(() => process.exit(1), timeoutMs).unref();
    try {
      await stop();
      await exit(0);
    } catch (error) {
      onError(error);
      await exit(1);
    }
  };
}

/** Milliseconds in which the same Ctrl+C can arrive again. */
const echoMs = 500;

/**
 * Calls a listener of SIGINT once per Ctrl+C. The terminal sends the signal to every process it runs,
 * and npm and tsx forward it to the server, which has already received it.
 *
 * @param now Monotonic time in milliseconds.
 */
export function oncePerInterrupt(
  listener: () => void,
  now: () => number = () => performance.now(),
): () => void {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    const isEcho = now() - last < echoMs;
    if (isEcho) return;
    last = now();
    listener();
  };
}
