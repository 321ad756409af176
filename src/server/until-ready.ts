import { setTimeout as wait } from 'node:timers/promises';
import type { Readiness } from './readiness.ts';

const checkIntervalMs = 10;

/**
 * Waits until the instance is ready, but not longer than so many milliseconds. A load balancer that does not
 * check sends requests as soon as the port is open, and they would be refused while Redis is being connected.
 */
export async function untilReady(
  readiness: Pick<Readiness, 'isReady'>,
  maxMs: number,
): Promise<void> {
  const end = performance.now() + maxMs;
  while (performance.now() < end && !readiness.isReady()) await wait(checkIntervalMs);
}
