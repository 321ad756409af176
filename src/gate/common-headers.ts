import type { Authenticator } from '../authentication/authenticator.ts';
import { schemeOf } from '../authentication/scheme-of.ts';
import type { Authenticated } from './gate.ts';
import type { RefusalResponse } from './refusal-response.ts';

/**
 * The headers of every response to a request, whatever its operations result in: `Cache-Control:
 * no-store` unless the viewer is anonymous, those of rate limits, and after a request with the DPoP
 * scheme the nonce for the next proof (RFC 9449 §8.2). A response that has a refusal must not be stored either.
 */
export function commonHeaders(
  outcome: Authenticated | RefusalResponse,
  authenticator: Partial<Pick<Authenticator, 'dpopNonce'>>,
): Readonly<Record<string, string>> {
  const isRefused = outcome.kind === 'refused';
  const scheme = isRefused ? outcome.scheme : schemeOf(outcome.viewer);
  const nonce = scheme === 'DPoP' ? authenticator.dpopNonce?.() : undefined;
  return {
    ...(isRefused || outcome.viewer.kind === 'authenticated' ? noStore : {}),
    ...(isRefused ? {} : outcome.headers),
    ...(nonce === undefined ? {} : { 'DPoP-Nonce': nonce }),
  };
}

/** For responses that are not for everyone. */
export const noStore = { 'Cache-Control': 'no-store' };
