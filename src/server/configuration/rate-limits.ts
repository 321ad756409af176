import type { RateWindow } from '../rate-limits/rate-counter.ts';
import type { ClaimLimit } from './rate-limit-settings.ts';
import type { SettingReader } from './setting-reader.ts';

/** Rate limits. Each is undefined if it is not set. */
export interface RateLimitConfiguration {
  readonly address: RateWindow | undefined;
  readonly viewer: RateWindow | undefined;
  readonly client: RateWindow | undefined;
  readonly claim: ClaimLimit | undefined;
  /** The points of a request with refused credentials, in the limit of its address. */
  readonly failureCost: number;
  /** The number of trusted proxies in front of the server. */
  readonly proxyHops: number;
}

/** Reads the rate limits. Undefined if there are none. */
export function readRateLimits(reader: SettingReader): RateLimitConfiguration | undefined {
  const limits = {
    address: reader.read('RATE_LIMIT_ADDRESS'),
    viewer: reader.read('RATE_LIMIT_VIEWER'),
    client: reader.read('RATE_LIMIT_CLIENT'),
    claim: reader.read('RATE_LIMIT_CLAIM'),
  };
  const failureCost = reader.read('RATE_LIMIT_FAILURE_COST');
  const proxyHops = reader.read('PROXY_HOPS');
  if (reader.isSet('RATE_LIMIT_FAILURE_COST') && !reader.isSet('RATE_LIMIT_ADDRESS')) {
    reader.addProblem(
      'RATE_LIMIT_FAILURE_COST',
      'requires a limit by address: set RATE_LIMIT_ADDRESS, such as 600/60, or remove it',
    );
  }
  const isLimited = Object.values(limits).some((limit) => limit !== undefined);
  return isLimited ? { ...limits, failureCost, proxyHops } : undefined;
}
