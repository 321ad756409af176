import { isIssuerUrl } from '../../authentication/issuer/issuer-problems.ts';
import type { KeySource } from '../../authentication/issuer/key-source.ts';
import { type TrustedIssuer, toList } from '../../authentication/issuer/trusted-issuer.ts';
import type { AcceptedTokensConfiguration } from './accepted-tokens.ts';
import { issuerUrl } from './address-parsers.ts';
import { readIssuersFile } from './issuers-file.ts';
import type { SettingReader } from './setting-reader.ts';
import type { SettingName } from './settings.ts';
import { readTokenIntrospection } from './token-introspection.ts';

/** The issuers whose access tokens this API accepts. */
export type IssuerConfiguration = {
  /** At least one. */
  readonly issuers: readonly TrustedIssuer[];
} /** `auth0`: one tenant, set by its domain. */ & (
  | { readonly kind: 'auth0' | 'remote' }
  /** The port that the local issuer listens on. */
  | { readonly kind: 'local'; readonly port: number }
);

/** The identifier of this API at the local issuer: a name, not an address. */
export const localAudience = 'https://graphql-resource-server.local';

/** What the settings of issuers depend on. */
interface IssuerContext {
  readonly port: number;
  readonly isProduction: boolean;
  readonly acceptedTokens: AcceptedTokensConfiguration;
}

/** Reads the issuers. Default: the local issuer, except in production. */
export function readIssuers(reader: SettingReader, context: IssuerContext): IssuerConfiguration {
  const configuration: IssuerConfiguration = reader.isSet('ISSUERS')
    ? { kind: 'remote', issuers: readListedIssuers(reader, context) }
    : readSingleAudience(reader, context);
  if (configuration.kind === 'local' && !context.acceptedTokens.algorithms.includes('RS256')) {
    reader.addProblem(
      'TOKEN_ALGORITHMS',
      'has no RS256, with which the local issuer signs: set AUTH0_DOMAIN or OIDC_ISSUER, or add it',
    );
  }
  return configuration;
}

/** The settings that `ISSUERS` replaces. */
const replaced: readonly SettingName[] = [
  'AUTH0_DOMAIN',
  'AUTH0_AUDIENCE',
  'OIDC_ISSUER',
  'OIDC_AUDIENCE',
  'OIDC_DISCOVERY_URL',
  'JWKS_URL',
  'ALLOWED_CLIENTS',
  'INTROSPECTION_CLIENT_ID',
  'INTROSPECTION_CLIENT_SECRET',
  'INTROSPECTION_URL',
];

function readListedIssuers(
  reader: SettingReader,
  { acceptedTokens }: IssuerContext,
): readonly TrustedIssuer[] {
  for (const name of replaced) {
    if (!reader.isSet(name)) continue;
    reader.addProblem(
      name,
      'cannot be combined with ISSUERS: set it for each issuer in that file, or remove ISSUERS',
    );
  }
  const path = reader.read('ISSUERS');
  return path === undefined ? [] : readIssuersFile(path, reader, acceptedTokens);
}

function readSingleAudience(
  reader: SettingReader,
  { port: apiPort, isProduction }: IssuerContext,
): IssuerConfiguration {
  const domain = reader.read('AUTH0_DOMAIN');
  const auth0Audiences = reader.read('AUTH0_AUDIENCE');
  const oidcIssuers = reader.read('OIDC_ISSUER');
  const oidcAudiences = reader.read('OIDC_AUDIENCE');
  const isAuth0 = requirePair(reader, 'AUTH0_DOMAIN', 'AUTH0_AUDIENCE');
  const isOther = requirePair(reader, 'OIDC_ISSUER', 'OIDC_AUDIENCE');

  if (reader.isSet('AUTH0_DOMAIN') && reader.isSet('OIDC_ISSUER')) {
    reader.addProblem(
      'OIDC_ISSUER',
      'and AUTH0_DOMAIN are both set: keep one, or list the tenant in OIDC_ISSUER as https://DOMAIN/',
    );
  }
  const keys = readKeySource(reader, oidcIssuers);
  const found = keys === undefined ? {} : { keys };
  const clients = reader.read('ALLOWED_CLIENTS');
  const makeIssuers = (
    issuers: readonly string[],
    audience: readonly string[],
  ): readonly TrustedIssuer[] => {
    const introspection = readTokenIntrospection(reader, issuers.length);
    const [only] = issuers;
    const hasMetadata = only === undefined || findSignInIssuer([{ issuer: only, ...found }]);
    if (introspection !== undefined && introspection.url === undefined && !hasMetadata) {
      reader.addProblem(
        'INTROSPECTION_URL',
        'is missing: OIDC_ISSUER is not an https URL, so it has no discovery document that names the endpoint',
      );
    }
    return issuers.map((issuer) => ({
      issuer,
      ...(audience.length > 0 ? { audience } : {}),
      ...(clients === undefined ? {} : { clients }),
      ...found,
      ...(introspection === undefined ? {} : { introspection }),
    }));
  };
  if (isAuth0) {
    const issuers = domain === undefined ? [] : [`https://${domain}/`];
    return { kind: 'auth0', issuers: makeIssuers(issuers, auth0Audiences) };
  }
  if (isOther) return { kind: 'remote', issuers: makeIssuers(oidcIssuers, oidcAudiences) };

  if (isProduction) {
    reader.addProblem(
      'AUTH0_DOMAIN',
      'must be set in production, with AUTH0_AUDIENCE (or OIDC_ISSUER with OIDC_AUDIENCE): the local issuer is for development',
    );
  } else if (apiPort === 65_535) {
    reader.addProblem('PORT', '"65535" must be at most 65534: the local issuer uses the next port');
  }
  const port = apiPort + 1;
  const issuers = makeIssuers([`http://localhost:${port}/`], [localAudience]);
  return { kind: 'local', port, issuers };
}

/** Where the keys of `OIDC_ISSUER` are, if not below it. Otherwise, issuers must be URLs. */
function readKeySource(reader: SettingReader, issuers: readonly string[]): KeySource | undefined {
  const discovery = reader.read('OIDC_DISCOVERY_URL');
  const jwksUri = reader.read('JWKS_URL');
  const name = (['JWKS_URL', 'OIDC_DISCOVERY_URL'] as const).find((one) => reader.isSet(one));
  if (name === undefined) {
    for (const issuer of issuers) {
      const parsed = issuerUrl(issuer);
      if (parsed.kind === 'value') continue;
      for (const problem of parsed.problems) reader.addProblem('OIDC_ISSUER', problem);
    }
    return undefined;
  }
  if (reader.isSet('JWKS_URL') && reader.isSet('OIDC_DISCOVERY_URL')) {
    reader.addProblem(
      'OIDC_DISCOVERY_URL',
      'and JWKS_URL are both set: keep one of the two ways to find the keys',
    );
  }
  if (!reader.isSet('OIDC_ISSUER') && !reader.isSet('OIDC_AUDIENCE')) {
    reader.addProblem(
      'OIDC_ISSUER',
      `is missing: ${name} requires the issuer of these keys, exactly as in the claim iss`,
    );
  }
  if (issuers.length > 1) {
    reader.addProblem(
      name,
      'requires a single issuer: keep one in OIDC_ISSUER, or list several in ISSUERS, each with its keys',
    );
  }
  if (jwksUri !== undefined) return { jwksUri };
  return discovery === undefined ? undefined : { discovery };
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

/** Where clients get tokens: an issuer with metadata. */
export interface SignInIssuer {
  readonly issuer: string;
  /** The URL of its metadata, if that is not below the issuer. */
  readonly discovery?: string;
  /** The identifier of this API there. Undefined if its tokens have none. */
  readonly audience?: string;
}

/** The first of the issuers whose metadata can be found; undefined if there is none. */
export function findSignInIssuer(issuers: readonly TrustedIssuer[]): SignInIssuer | undefined {
  for (const { issuer, keys, audience } of issuers) {
    const discovery = keys !== undefined && 'discovery' in keys ? keys.discovery : undefined;
    if (discovery === undefined && !isIssuerUrl(issuer)) continue;
    const [first] = toList(audience);
    return {
      issuer,
      ...(discovery === undefined ? {} : { discovery }),
      ...(first === undefined ? {} : { audience: first }),
    };
  }
  return undefined;
}
