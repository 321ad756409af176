import type { Introspection } from '../../authentication/introspection/introspection.ts';
import type { SettingReader } from './setting-reader.ts';

/** Reads how opaque tokens are introspected. Default: they are rejected. */
export function readTokenIntrospection(
  reader: SettingReader,
  issuerCount: number,
): Introspection | undefined {
  const clientId = reader.read('INTROSPECTION_CLIENT_ID');
  const clientSecret = reader.read('INTROSPECTION_CLIENT_SECRET');
  const url = reader.read('INTROSPECTION_URL');
  const others = ['INTROSPECTION_CLIENT_SECRET', 'INTROSPECTION_URL'] as const;
  const set = others.find((name) => reader.isSet(name));
  if (set !== undefined && !reader.isSet('INTROSPECTION_CLIENT_ID')) {
    reader.addProblem(
      'INTROSPECTION_CLIENT_ID',
      `is missing: ${set} requires the client ID of the API at its issuer`,
    );
  }
  if (reader.isSet('INTROSPECTION_CLIENT_ID') && !reader.isSet('INTROSPECTION_CLIENT_SECRET')) {
    reader.addProblem(
      'INTROSPECTION_CLIENT_SECRET',
      'is missing: INTROSPECTION_CLIENT_ID requires the secret of its client',
    );
  }
  if (reader.isSet('INTROSPECTION_CLIENT_ID') && issuerCount > 1) {
    reader.addProblem(
      'INTROSPECTION_CLIENT_ID',
      'requires a single issuer, because an opaque token does not name its own: keep one in OIDC_ISSUER, or list several in ISSUERS and set introspection in one of them',
    );
  }
  if (clientId === undefined || clientSecret === undefined) return undefined;
  return { client: { clientId, clientSecret }, ...(url === undefined ? {} : { url }) };
}
