import type { Introspection } from '../../authentication/introspection/introspection.ts';
import { readApiClient } from './api-client.ts';
import type { SettingReader } from './setting-reader.ts';

/** Reads how opaque tokens are introspected. Default: they are rejected. */
export function readTokenIntrospection(
  reader: SettingReader,
  issuerCount: number,
): Introspection | undefined {
  const url = reader.read('INTROSPECTION_URL');
  const client = readApiClient(reader, {
    prefix: 'INTROSPECTION',
    other: 'INTROSPECTION_URL',
    issuerCount,
    singleIssuer:
      'because an opaque token does not name its own: keep one in OIDC_ISSUER, or list several in ISSUERS and set introspection in one of them',
  });
  return client && { client, ...(url === undefined ? {} : { url }) };
}
