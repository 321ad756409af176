import {
  hasCookiePrefix,
  isReservedHeader,
  type TokenLocation,
} from '../../authentication/token-location.ts';
import { type AllowedOrigins, isAllowedOrigin } from '../http/cors.ts';
import type { SettingReader } from './setting-reader.ts';

/** Reads where tokens are read. Default: in the Authorization header. */
export function readTokenLocations(
  reader: SettingReader,
  api: { readonly isProduction: boolean; readonly allowedOrigins: AllowedOrigins },
): readonly TokenLocation[] {
  const cookie = reader.read('TOKEN_COOKIE');
  const header = reader.read('TOKEN_HEADER');
  const { isProduction, allowedOrigins } = api;
  const csrf = { allowedOrigins: (origin: string) => isAllowedOrigin(origin, allowedOrigins) };
  if (cookie !== undefined && header !== undefined) {
    reader.addProblem('TOKEN_HEADER', 'and TOKEN_COOKIE are both set: keep one');
  }
  if (cookie !== undefined) {
    if (isProduction && !hasCookiePrefix(cookie)) {
      reader.addProblem(
        'TOKEN_COOKIE',
        `"${cookie}" must begin with __Host- in production, so that no other host can set it, or with __Secure-`,
      );
    }
    if (reader.read('DPOP') === 'required') {
      reader.addProblem(
        'TOKEN_COOKIE',
        'is for tokens that are not bound to a key: set DPOP to optional or off, or remove it',
      );
    }
    return ['authorization', { cookie, csrf, unprefixed: true }];
  }
  if (header === undefined) return ['authorization'];
  if (isReservedHeader(header)) {
    reader.addProblem(
      'TOKEN_HEADER',
      `"${header}" must be a header that only your proxy sets, such as X-Goog-IAP-JWT-Assertion`,
    );
  }
  if (reader.isSet('DPOP') && reader.read('DPOP') !== 'off') {
    reader.addProblem(
      'TOKEN_HEADER',
      'is for tokens that are not bound to a key: set DPOP=off, or remove it',
    );
  }
  return [{ header, csrf }];
}
