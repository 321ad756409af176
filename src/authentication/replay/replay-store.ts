import { sha256 } from '../../shared/sha256.ts';
import { AuthError } from '../auth-error.ts';
import { type DpopProof, proofMaxAge, proofMaxLead } from '../dpop/dpop-proof.ts';

/**
 * Remembers which DPoP proofs were used, so that each is accepted once only (RFC 9449 §11.1).
 *
 * @example
 * ```ts
 * const replayStore: ReplayStore = {
 *   async isFirstUse(id, keepFor) {
 *     // ioredis
 *     return (await redis.set(`dpop:${id}`, '1', 'PX', keepFor, 'NX')) === 'OK';
 *   },
 * };
 * ```
 */
export interface ReplayStore {
  /**
   * `process` if the store is lost when this process ends. Nonces of an earlier process are then
   * rejected, even with a shared secret. Default `independent`.
   */
  readonly lifetime?: 'process' | 'independent';
  /**
   * Records an ID atomically. Of all calls with the same ID, concurrent ones included, exactly one
   * returns `true`.
   *
   * @param id at most 64 characters of base64url
   * @param keepFor how long the ID must be remembered, in milliseconds. Longer is fine.
   * @returns whether the ID was not recorded before
   * @throws if that is unknown. The request is then rejected with 503.
   */
  isFirstUse(id: string, keepFor: number): Promise<boolean>;
}

/** As long as a proof can be valid, and 30 seconds for instances whose clocks differ. */
const keepFor = proofMaxAge + proofMaxLead + 30_000;

/** Seconds. */
const retryAfter = 1;

/**
 * Records the use of a proof. It is identified by its key and `jti`, not by its signature, which a
 * client can renew.
 *
 * @throws {AuthError} `proof_replayed`, `replay_unavailable`
 */
export async function recordUse(proof: DpopProof, store: ReplayStore): Promise<void> {
  const id = sha256(`${proof.thumbprint}.${proof.id}`);
  let isFirst: boolean;
  try {
    isFirst = await store.isFirstUse(id, keepFor);
  } catch (cause) {
    throw new AuthError('replay_unavailable', { retryAfter, cause });
  }
  if (!isFirst) throw new AuthError('proof_replayed');
}
