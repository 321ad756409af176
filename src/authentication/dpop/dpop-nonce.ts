import { encodeBase64url } from '../../shared/base64url.ts';
import { hmacSha256 } from '../../shared/sha256.ts';

/** Nonces for DPoP proofs (RFC 9449 §8 and §9). */
export interface DpopNonces {
  /** The nonce for the next proof of a client. */
  current(): string;
  /** Whether a proof with this nonce is accepted. */
  accepts(nonce: unknown): boolean;
}

interface Period {
  readonly index: number;
  readonly current: string;
  /** The nonces of this, the previous and the next period. */
  readonly accepted: readonly string[];
}

/** How long one nonce is the current one. */
const periodMs = 5 * 60_000;

/**
 * Creates stateless nonces. Time is divided into periods of five minutes. Each has one nonce, a MAC
 * under a key that is derived from the secret for that period: without the secret, the nonce is
 * unknown before its period begins. A nonce is accepted in its period and in the next one, so for five
 * to ten minutes, and in the previous one, because the clocks of instances that share a secret differ.
 *
 * Not checked: whether a nonce was used before. All clients share the nonce of a period; the replay
 * store rejects proofs that were used before.
 *
 * @param sharedSecret The secret of all instances behind one address. If undefined, a random one that
 *   ends with this process, and is replaced if the clock goes back to an earlier period, whose nonces
 *   would otherwise be valid again.
 * @param now Milliseconds since the epoch.
 */
export function createDpopNonces(sharedSecret: string | undefined, now: () => number): DpopNonces {
  // Not made before it is needed: Workers cannot make random values while they load.
  let secret: string | Uint8Array | undefined = sharedSecret;
  let cached: Period | undefined;

  function nonceOf(index: number): string {
    secret ??= globalThis.crypto.getRandomValues(new Uint8Array(32));
    const key = hmacSha256(secret, `DPoP nonce key ${index}`);
    return encodeBase64url(hmacSha256(key, 'DPoP nonce'));
  }

  function currentPeriod(): Period {
    const index = Math.floor(now() / periodMs);
    if (cached?.index === index) return cached;
    if (sharedSecret === undefined && cached !== undefined && index < cached.index) {
      secret = undefined;
    }
    const current = nonceOf(index);
    cached = { index, current, accepted: [current, nonceOf(index - 1), nonceOf(index + 1)] };
    return cached;
  }

  return {
    current: () => currentPeriod().current,
    accepts: (nonce) =>
      typeof nonce === 'string' &&
      currentPeriod().accepted.some((accepted) => isEqual(nonce, accepted)),
  };
}

/** Takes the same time wherever two texts of equal length differ. */
function isEqual(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let index = 0; index < one.length; index += 1) {
    difference |= one.charCodeAt(index) ^ other.charCodeAt(index);
  }
  return difference === 0;
}
