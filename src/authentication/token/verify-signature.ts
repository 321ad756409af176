import { compactVerify, errors } from 'jose';
import type { VerificationKeys } from '../issuer/verification-keys.ts';
import type { SignatureAlgorithm } from './signature-algorithm.ts';

/**
 * Whether the signature of a compact JWS verifies (RFC 7515 §5.2) with one of the keys given. A
 * token that names no key is tried against every key that fits its algorithm.
 */
export async function verifySignature(
  token: string,
  algorithm: SignatureAlgorithm,
  keys: VerificationKeys,
): Promise<boolean> {
  const options = { algorithms: [algorithm] };
  try {
    await compactVerify(token, keys.resolve, options);
    return true;
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) {
      for await (const key of error) {
        if (await verifies(() => compactVerify(token, key, options))) return true;
      }
      return false;
    }
    return rethrowUnlessOfJose(error);
  }
}

async function verifies(verification: () => Promise<unknown>): Promise<boolean> {
  try {
    await verification();
    return true;
  } catch (error) {
    return rethrowUnlessOfJose(error);
  }
}

/**
 * jose's errors are about the token: it does not verify.
 *
 * @throws any other error as it is
 */
function rethrowUnlessOfJose(error: unknown): false {
  if (error instanceof errors.JOSEError) return false;
  throw error;
}
