import type { SettingReader } from './setting-reader.ts';

/** Settings of revocation. */
export interface RevocationConfiguration {
  /** Seconds. */
  readonly maxTokenLifetime: number;
  /** The clients whose users sign out at the issuer. Empty: there is no endpoint for it. */
  readonly logoutClientIds: readonly string[];
}

/** Reads how tokens are revoked; undefined: they are not. */
export function readRevocation(
  reader: SettingReader,
  workers: number,
): RevocationConfiguration | undefined {
  const logoutClientIds = reader.read('LOGOUT_CLIENT_ID');
  const maxTokenLifetime = reader.read('MAX_TOKEN_LIFETIME');
  const hasLogout = reader.isSet('LOGOUT_CLIENT_ID');
  const isOn = (reader.read('REVOCATION') ?? (hasLogout ? 'on' : 'off')) === 'on';
  if (hasLogout && !isOn) {
    reader.addProblem('LOGOUT_CLIENT_ID', 'requires REVOCATION=on, or remove REVOCATION');
  }
  if (reader.isSet('MAX_TOKEN_LIFETIME') && !isOn) {
    reader.addProblem('MAX_TOKEN_LIFETIME', 'requires REVOCATION=on');
  }
  if (isOn && workers > 1 && !reader.isSet('REDIS_URL')) {
    reader.addProblem(
      'REDIS_URL',
      `is missing: with WORKERS=${workers}, revocations must be where all workers see them, such as redis://localhost:6379. Set it, or set REVOCATION=off`,
    );
  }
  return isOn ? { maxTokenLifetime, logoutClientIds } : undefined;
}
