import type { SettingReader } from './setting-reader.ts';

/** Who issues the access tokens that this API accepts, and for which audience. */
export type IssuerConfiguration =
  | { readonly kind: 'local'; readonly port: number; readonly audience: string }
  | {
      readonly kind: 'remote';
      /** Issuers exactly as in the claim `iss`, at least one. */
      readonly issuers: readonly string[];
      /** Any one of these must be in the claim `aud`; at least one. */
      readonly audiences: readonly string[];
    };

/** The identifier of this API at the local issuer. A name, as identifiers are: nothing answers there. */
export const localAudience = 'https://graphql-resource-server.local';

/** Reads the issuer; with none configured, the local one, which production never gets. */
export function readIssuer(
  reader: SettingReader,
  api: { readonly port: number; readonly isProduction: boolean },
): IssuerConfiguration {
  const domain = reader.read('AUTH0_DOMAIN');
  const auth0Audiences = reader.read('AUTH0_AUDIENCE');
  const issuers = reader.read('OIDC_ISSUER');
  const oidcAudiences = reader.read('OIDC_AUDIENCE');
  const isAuth0 = needBoth(reader, 'AUTH0_DOMAIN', 'AUTH0_AUDIENCE');
  const isOther = needBoth(reader, 'OIDC_ISSUER', 'OIDC_AUDIENCE');

  if (reader.isSet('AUTH0_DOMAIN') && reader.isSet('OIDC_ISSUER')) {
    reader.fault(
      'OIDC_ISSUER',
      'and AUTH0_DOMAIN are both set: keep one, or list the tenant in OIDC_ISSUER as https://DOMAIN/',
    );
  }
  if (isAuth0) {
    return {
      kind: 'remote',
      issuers: domain === undefined ? [] : [`https://${domain}/`],
      audiences: auth0Audiences,
    };
  }
  if (isOther) return { kind: 'remote', issuers, audiences: oidcAudiences };

  if (api.isProduction) {
    reader.fault(
      'AUTH0_DOMAIN',
      'must be set in production, with AUTH0_AUDIENCE (or OIDC_ISSUER with OIDC_AUDIENCE): the local issuer is for development',
    );
  } else if (api.port === 65_535) {
    reader.fault('PORT', '"65535" must be at most 65534: the local issuer takes the next port');
  }
  return { kind: 'local', port: api.port + 1, audience: localAudience };
}

/** Whether one of the two is set; that the other is not is a fault. */
function needBoth(
  reader: SettingReader,
  issuer: 'AUTH0_DOMAIN' | 'OIDC_ISSUER',
  audience: 'AUTH0_AUDIENCE' | 'OIDC_AUDIENCE',
): boolean {
  if (reader.isSet(issuer) && !reader.isSet(audience)) {
    reader.fault(
      audience,
      `is missing: ${issuer} needs the identifier of the API, such as https://api.example.com`,
    );
  }
  if (reader.isSet(audience) && !reader.isSet(issuer)) {
    const example =
      issuer === 'AUTH0_DOMAIN' ? 'example.eu.auth0.com' : 'https://login.example.com/';
    reader.fault(
      issuer,
      `is missing: ${audience} is nothing without its issuer, such as ${example}`,
    );
  }
  return reader.isSet(issuer) || reader.isSet(audience);
}
