import { createHmac, timingSafeEqual } from 'node:crypto';

/** Nonces for DPoP proofs (RFC 9449 §8 and §9). */
export interface DpopNonces {
  /** The nonce that clients should put into their next proof. */
  current(): string;
  /** Whether a proof may hold this one. */
  accepts(nonce: unknown): boolean;
}

/** Milliseconds for which one nonce is given out. */
const period = 5 * 60_000;

/**
 * Nonces that need no memory. Time is cut into periods of five minutes. Each has a key of its own,
 * derived from the secret, and one nonce, a MAC under that key: nobody without the secret can tell
 * it before the period begins. A nonce is accepted in its own period and in the one after it, so for
 * five to ten minutes; and in the one before it, because the clocks of instances that share the
 * secret differ.
 *
 * Not checked: whether a nonce was used before. One nonce serves all clients for its period; that no
 * proof is used twice is the replay store's to see.
 *
 * @param secret Shared by all instances behind one address.
 * @param now Milliseconds since the epoch.
 */
export function createDpopNonces(secret: string | Uint8Array, now: () => number): DpopNonces {
  const made = new Map<number, string>();

  function nonceOf(index: number): string {
    const known = made.get(index);
    if (known !== undefined) return known;
    const key = createHmac('sha256', secret).update(`DPoP nonce key ${index}`).digest();
    const nonce = createHmac('sha256', key).update('DPoP nonce').digest('base64url');
    if (made.size > 3) made.clear();
    made.set(index, nonce);
    return nonce;
  }

  const currentIndex = () => Math.floor(now() / period);

  return {
    current: () => nonceOf(currentIndex()),
    accepts(nonce) {
      if (typeof nonce !== 'string') return false;
      const index = currentIndex();
      return [index, index - 1, index + 1].some((one) => isEqual(nonce, nonceOf(one)));
    },
  };
}

function isEqual(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
