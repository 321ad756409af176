import type { RateWindow } from '../rate-limits/rate-counter.ts';
import type { ClaimLimit } from './rate-limit-settings.ts';
import type { RevocationConfiguration } from './revocation.ts';
import type { SettingReader } from './setting-reader.ts';

/** Rate limits. Each is undefined if it is not set. */
export interface RateLimitConfiguration {
  readonly address: RateWindow | undefined;
  readonly viewer: RateWindow | undefined;
  readonly client: RateWindow | undefined;
  readonly claim: ClaimLimit | undefined;
  /** Logout requests, by address. */
  readonly logout: RateWindow | undefined;
  /** The points of a request with refused credentials, in the limits of its address. */
  readonly failureCost: number;
  /** The number of trusted proxies in front of the server. */
  readonly proxyHops: number;
}

/** Reads the rate limits. Undefined if there are none. */
export function readRateLimits(
  reader: SettingReader,
  revocation: RevocationConfiguration | undefined,
): RateLimitConfiguration | undefined {
  const hasLogout = revocation !== undefined && revocation.logoutClientIds.length > 0;
  const address = reader.read('RATE_LIMIT_ADDRESS');
  const logout = reader.read('RATE_LIMIT_LOGOUT') ?? address;
  const limits = {
    address,
    viewer: reader.read('RATE_LIMIT_VIEWER'),
    client: reader.read('RATE_LIMIT_CLIENT'),
    claim: reader.read('RATE_LIMIT_CLAIM'),
    logout: hasLogout ? logout : undefined,
  };
  if (reader.isSet('RATE_LIMIT_LOGOUT') && !hasLogout) {
    reader.addProblem(
      'RATE_LIMIT_LOGOUT',
      'requires LOGOUT_CLIENT_ID: without it, there is no logout',
    );
  }
  const failureCost = reader.read('RATE_LIMIT_FAILURE_COST');
  const proxyHops = reader.read('PROXY_HOPS');
  const byAddress = reader.isSet('RATE_LIMIT_ADDRESS') || reader.isSet('RATE_LIMIT_LOGOUT');
  if (reader.isSet('RATE_LIMIT_FAILURE_COST') && !byAddress) {
    reader.addProblem(
      'RATE_LIMIT_FAILURE_COST',
      'requires a limit by address: set RATE_LIMIT_ADDRESS, such as 600/60, or remove it',
    );
  }
  const isLimited = Object.values(limits).some((limit) => limit !== undefined);
  return isLimited ? { ...limits, failureCost, proxyHops } : undefined;
}
