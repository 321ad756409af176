/** Milliseconds within which the same interrupt may arrive twice. */
const echoMs = 500;

/**
 * A listener for SIGINT that calls another one once for each Ctrl+C. The terminal sends the signal to
 * every process it runs, and npm and tsx pass it on to the server, which has it already.
 *
 * @param now Milliseconds, never set back.
 */
export function interruptListener(
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
