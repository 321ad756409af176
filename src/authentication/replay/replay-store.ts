import { createHash } from 'node:crypto';
import { AuthError } from '../auth-error.ts';
import { type DpopProof, proofMaxAge, proofMaxLead } from '../dpop/dpop-proof.ts';

/** Remembers which DPoP proofs were used (RFC 9449 §11.1). */
export interface ReplayStore {
  /**
   * Whether what is remembered ends with this process. If it does, proofs with nonces of an earlier
   * process are refused, whatever their secret. Default `independent`.
   */
  readonly lifetime?: 'process' | 'independent';
  /**
   * Whether this is seen for the first time. Of all calls with one `id`, at the same time too,
   * exactly one gets `true`. From then on it is remembered.
   *
   * @param id Up to 64 characters of base64url.
   * @param keepFor Milliseconds for which it must be remembered. Longer does no harm.
   * @throws where that cannot be said; the request is then refused with 503
   */
  isFirstUse(id: string, keepFor: number): Promise<boolean>;
}

/**
 * A proof that is accepted now can be accepted again for as long as the two limits of its age are
 * apart. The rest is for instances whose clocks differ.
 */
const keepFor = proofMaxAge + proofMaxLead + 30_000;

/** Seconds after which a client may try again. */
const retryAfter = 1;

/**
 * Records the use of a proof, by its key and `jti`: a proof that was signed again is the same.
 *
 * @throws {AuthError} `proof_replayed`, `replay_unavailable`
 */
export async function recordUse(proof: DpopProof, store: ReplayStore): Promise<void> {
  const id = createHash('sha256').update(`${proof.thumbprint}.${proof.id}`).digest('base64url');
  let isFirst: boolean;
  try {
    isFirst = await store.isFirstUse(id, keepFor);
  } catch (cause) {
    throw new AuthError('replay_unavailable', { retryAfter, cause });
  }
  if (!isFirst) throw new AuthError('proof_replayed');
}
