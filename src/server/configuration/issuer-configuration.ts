import type { SettingReader } from './setting-reader.ts';

/** The issuers whose access tokens this API accepts, and its audiences. */
export type IssuerConfiguration = {
  /** Issuers exactly as in the claim `iss`, at least one. */
  readonly issuers: readonly string[];
  /** The claim `aud` must contain one of these. None: tokens must have no audience. */
  readonly audiences: readonly string[];
} /** `auth0`: one tenant, set by its domain. */ & (
  | { readonly kind: 'auth0' | 'remote' }
  /** The port that the local issuer listens on. */
  | { readonly kind: 'local'; readonly port: number }
);

/** The identifier of this API at the local issuer: a name, not an address. */
export const localAudience = 'https://graphql-resource-server.local';

/** Reads the issuer. Default: the local issuer, except in production. */
export function readIssuer(
  reader: SettingReader,
  api: { readonly port: number; readonly isProduction: boolean },
): IssuerConfiguration {
  const domain = reader.read('AUTH0_DOMAIN');
  const auth0Audiences = reader.read('AUTH0_AUDIENCE');
  const issuers = reader.read('OIDC_ISSUER');
  const oidcAudiences = reader.read('OIDC_AUDIENCE');
  const isAuth0 = requirePair(reader, 'AUTH0_DOMAIN', 'AUTH0_AUDIENCE');
  const isOther = requirePair(reader, 'OIDC_ISSUER', 'OIDC_AUDIENCE');

  if (reader.isSet('AUTH0_DOMAIN') && reader.isSet('OIDC_ISSUER')) {
    reader.addProblem(
      'OIDC_ISSUER',
      'and AUTH0_DOMAIN are both set: keep one, or list the tenant in OIDC_ISSUER as https://DOMAIN/',
    );
  }
  if (isAuth0) {
    return {
      kind: 'auth0',
      issuers: domain === undefined ? [] : [`https://${domain}/`],
      audiences: auth0Audiences,
    };
  }
  if (isOther) return { kind: 'remote', issuers, audiences: oidcAudiences };

  if (api.isProduction) {
    reader.addProblem(
      'AUTH0_DOMAIN',
      'must be set in production, with AUTH0_AUDIENCE (or OIDC_ISSUER with OIDC_AUDIENCE): the local issuer is for development',
    );
  } else if (api.port === 65_535) {
    reader.addProblem('PORT', '"65535" must be at most 65534: the local issuer uses the next port');
  }
  const port = api.port + 1;
  return {
    kind: 'local',
    port,
    issuers: [`http://localhost:${port}/`],
    audiences: [localAudience],
  };
}

/** Whether one of the two is set. Reports a problem if only one is. */
function requirePair(
  reader: SettingReader,
  issuer: 'AUTH0_DOMAIN' | 'OIDC_ISSUER',
  audience: 'AUTH0_AUDIENCE' | 'OIDC_AUDIENCE',
): boolean {
  const needsAudience = issuer === 'AUTH0_DOMAIN' || !reader.isSet('ALLOWED_CLIENTS');
  if (reader.isSet(issuer) && !reader.isSet(audience) && needsAudience) {
    const alternative =
      issuer === 'OIDC_ISSUER' ? '. If the issuer writes no aud, set ALLOWED_CLIENTS instead' : '';
    reader.addProblem(
      audience,
      `is missing: ${issuer} requires the identifier of the API, such as https://api.example.com${alternative}`,
    );
  }
  if (reader.isSet(audience) && !reader.isSet(issuer)) {
    const example =
      issuer === 'AUTH0_DOMAIN' ? 'example.eu.auth0.com' : 'https://login.example.com/';
    reader.addProblem(issuer, `is missing: ${audience} requires its issuer, such as ${example}`);
  }
  return reader.isSet(issuer) || reader.isSet(audience);
}
