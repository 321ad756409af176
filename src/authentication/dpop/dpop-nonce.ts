import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Nonces for DPoP proofs (RFC 9449 §8 and §9). */
export interface DpopNonces {
  /** The nonce that clients should put into their next proof. */
  current(): string;
  /** Whether a proof may hold this one. */
  accepts(nonce: unknown): boolean;
}

/** Five minutes, and the nonces of that time. */
interface Period {
  readonly index: number;
  readonly current: string;
  /** Of this period, the one before and the one after it. */
  readonly accepted: readonly string[];
}

/** Milliseconds for which one nonce is given out. */
const period = 5 * 60_000;

/**
 * Nonces that need no memory. Time is cut into periods of five minutes. Each has a key of its own,
 * derived from the secret, and one nonce, a MAC under that key: without the secret it cannot be known
 * before the period begins. A nonce is accepted in its own period and in the one after it, so for
 * five to ten minutes; and in the one before it, because the clocks of instances that share the
 * secret differ.
 *
 * Not checked: whether a nonce was used before. One nonce serves all clients for its period; that no
 * proof is used twice is the replay store's to see.
 *
 * @param sharedSecret What all instances behind one address make nonces with. Undefined makes a secret
 *   that ends with this process, and is replaced when the clock goes back to an earlier period: the
 *   nonces of that period would be good again.
 * @param now Milliseconds since the epoch.
 */
export function createDpopNonces(sharedSecret: string | undefined, now: () => number): DpopNonces {
  let secret: string | Uint8Array = sharedSecret ?? randomBytes(32);
  let made: Period | undefined;

  function nonceOf(index: number): string {
    const key = createHmac('sha256', secret).update(`DPoP nonce key ${index}`).digest();
    return createHmac('sha256', key).update('DPoP nonce').digest('base64url');
  }

  function present(): Period {
    const index = Math.floor(now() / period);
    if (made?.index === index) return made;
    if (sharedSecret === undefined && made !== undefined && index < made.index) {
      secret = randomBytes(32);
    }
    const current = nonceOf(index);
    made = { index, current, accepted: [current, nonceOf(index - 1), nonceOf(index + 1)] };
    return made;
  }

  return {
    current: () => present().current,
    accepts: (nonce) =>
      typeof nonce === 'string' && present().accepted.some((one) => isEqual(nonce, one)),
  };
}

function isEqual(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
