/** Bounds the requests to an issuer, at one time and per second. */
export interface RequestBudget {
  /**
   * Takes one request out of the budget.
   *
   * @param inFlight the number of requests at this time
   * @param isPreferred whether it may take from the half that is reserved
   * @returns whether there was one
   */
  take(inFlight: number, isPreferred: boolean): boolean;
}

/** The most requests at one time. */
const maxInFlight = 64;

/** What others may use. A client that sends tokens of its own invention cannot use up the rest. */
const unreserved = 0.5;

/**
 * Creates a budget that is full, and fills up within a second.
 *
 * @param now milliseconds since the epoch
 */
export function createRequestBudget(maxPerSecond: number, now: () => number): RequestBudget {
  let left = maxPerSecond;
  let filledAt = now();

  function refill(): void {
    const time = now();
    // If the clock was set back, nothing is added until it goes on from there.
    left = Math.min(maxPerSecond, left + (Math.max(0, time - filledAt) / 1000) * maxPerSecond);
    filledAt = time;
  }

  return {
    take(inFlight, isPreferred) {
      refill();
      const reserved = isPreferred ? 0 : 1 - unreserved;
      if (left < 1 || left - 1 < Math.floor(maxPerSecond * reserved)) return false;
      if (inFlight >= maxInFlight * (1 - reserved)) return false;
      left -= 1;
      return true;
    },
  };
}
