import { compactVerify, errors } from 'jose';
import { AuthError } from './auth-error.ts';
import type { SignatureAlgorithm } from './signature-algorithm.ts';
import type { VerificationKeys } from './verification-keys.ts';

/**
 * Verifies the signature of a compact JWS (RFC 7515 §5.2) with the keys given and no others. A token
 * that names no key is tried against every key that fits its algorithm.
 *
 * @throws {AuthError} `token_signature`
 */
export async function verifySignature(
  token: string,
  algorithm: SignatureAlgorithm,
  keys: VerificationKeys,
): Promise<void> {
  const options = { algorithms: [algorithm] };
  try {
    await compactVerify(token, keys.resolve, options);
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) {
      for await (const key of error) {
        if (await verifies(() => compactVerify(token, key, options))) return;
      }
    }
    throw refusalOf(error);
  }
}

async function verifies(verification: () => Promise<unknown>): Promise<boolean> {
  try {
    await verification();
    return true;
  } catch (error) {
    if (error instanceof errors.JOSEError) return false;
    throw error;
  }
}

/** jose's errors are about the token; anything else is a fault of ours and stays what it is. */
const refusalOf = (error: unknown): unknown =>
  error instanceof errors.JOSEError ? new AuthError('token_signature') : error;
