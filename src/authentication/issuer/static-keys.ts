import { AuthError } from '../auth-error.ts';
import type { SignatureAlgorithm } from '../token/public-key.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { importKeys, type VerificationKeys } from './verification-keys.ts';

/** Creates the keys of an issuer from a key set that does not change. They are imported when needed. */
export function createStaticKeys(
  keySet: unknown,
  algorithms: ReadonlySet<SignatureAlgorithm>,
): IssuerKeys {
  // A copy, so that the keys are those that were checked.
  const document: unknown = structuredClone(keySet);
  let keys: VerificationKeys | undefined;
  let importing: Promise<VerificationKeys> | undefined;
  let hasFailed = false;

  async function load(): Promise<VerificationKeys> {
    try {
      importing ??= importKeys(document, algorithms);
      keys = await importing;
      return keys;
    } catch (cause) {
      hasFailed = true;
      throw new AuthError('keys_unavailable', { cause });
    }
  }

  return {
    getKeysNow: (keyId) =>
      keyId === undefined || keys === undefined || keys.ids.has(keyId) ? keys : undefined,
    getKeys: load,
    getNewerKeys: async () => undefined,
    hasUsableKeys: () => !hasFailed,
    statistics: () => ({ fetchedAt: undefined, fetches: 0, failures: 0, isFailing: hasFailed }),
  };
}
