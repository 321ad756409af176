import {
  auth0Domain,
  browserOrigin,
  endpointUrl,
  issuerText,
  listeningHost,
  publicApiUrl,
  redisUrl,
} from './address-parsers.ts';
import {
  audience,
  claimName,
  claimPath,
  clientCredential,
  filePath,
  generatedSecret,
  httpName,
  listOf,
  oneOf,
  type Parser,
  wholeNumber,
} from './setting-parsers.ts';

/** One variable of the environment. */
export interface Setting<Value> {
  /** One line, for .env.example and the documentation. */
  readonly description: string;
  /** The default as text, or in words if it depends on other settings. */
  readonly default: string;
  /** The default as a value; undefined if it depends on other settings. */
  readonly fallback: Value;
  /** A valid value. */
  readonly example: string;
  /** What reads it. */
  readonly usedBy: 'server' | 'command line';
  readonly parse: Parser<Value>;
}

function setting<Value>(row: Setting<Value>): Setting<Value> {
  return row;
}

const rows = {
  AUTH0_DOMAIN: setting<string | undefined>({
    description: 'Domain of the Auth0 tenant that issues the access tokens: no scheme, no slash.',
    default: 'the local issuer',
    fallback: undefined,
    example: 'example.eu.auth0.com',
    usedBy: 'server',
    parse: auth0Domain,
  }),
  AUTH0_AUDIENCE: setting<readonly string[]>({
    description: 'Identifier of the API at Auth0, or several, comma-separated: any one matches.',
    default: 'the local issuer',
    fallback: [],
    example: 'https://api.example.com',
    usedBy: 'server',
    parse: listOf(audience),
  }),
  OIDC_ISSUER: setting<readonly string[]>({
    description:
      'Any other issuer: its full URL exactly as in the claim iss, or several, comma-separated.',
    default: 'none',
    fallback: [],
    example: 'https://login.example.com/',
    usedBy: 'server',
    parse: listOf(issuerText),
  }),
  OIDC_AUDIENCE: setting<readonly string[]>({
    description: 'Identifier of the API at OIDC_ISSUER, or several, comma-separated.',
    default: 'none',
    fallback: [],
    example: 'https://api.example.com',
    usedBy: 'server',
    parse: listOf(audience),
  }),
  OIDC_DISCOVERY_URL: setting<string | undefined>({
    description:
      'Discovery document of OIDC_ISSUER, if it is not below it. The issuer can then be any text.',
    default: 'below OIDC_ISSUER',
    fallback: undefined,
    example: 'https://login.example.com/policy/.well-known/openid-configuration',
    usedBy: 'server',
    parse: endpointUrl(
      'a discovery document',
      'https://login.example.com/policy/.well-known/openid-configuration',
    ),
  }),
  JWKS_URL: setting<string | undefined>({
    description: 'Keys of OIDC_ISSUER, without discovery. The issuer can then be any text.',
    default: 'jwks_uri of discovery',
    fallback: undefined,
    example: 'https://login.example.com/keys',
    usedBy: 'server',
    parse: endpointUrl(
      'a key set',
      'https://login.example.com/keys',
      '. For http inside a cluster, list the issuer in ISSUERS, with allowHttp beside jwksUri',
    ),
  }),
  ISSUERS: setting<string | undefined>({
    description:
      'JSON file with a list of issuers that differ in audience, keys or more, instead of the above. See docs/issuers.md.',
    default: 'none',
    fallback: undefined,
    example: 'issuers.json',
    usedBy: 'server',
    parse: filePath,
  }),
  INTROSPECTION_CLIENT_ID: setting<string | undefined>({
    description:
      'Client ID of the API at its issuer, to have opaque access tokens introspected. See docs/issuers.md.',
    default: 'opaque tokens are rejected',
    fallback: undefined,
    example: 'YOUR_API_CLIENT_ID',
    usedBy: 'server',
    parse: clientCredential,
  }),
  INTROSPECTION_CLIENT_SECRET: setting<string | undefined>({
    description: 'Secret of INTROSPECTION_CLIENT_ID.',
    default: 'none',
    fallback: undefined,
    example: 'YOUR_API_CLIENT_SECRET',
    usedBy: 'server',
    parse: clientCredential,
  }),
  INTROSPECTION_URL: setting<string | undefined>({
    description: 'Introspection endpoint of the issuer.',
    default: 'introspection_endpoint of discovery',
    fallback: undefined,
    example: 'https://login.example.com/oauth2/introspect',
    usedBy: 'server',
    parse: endpointUrl('an endpoint', 'https://login.example.com/oauth2/introspect'),
  }),
  TOKEN_EXCHANGE_CLIENT_ID: setting<string | undefined>({
    description:
      'Client ID of the API at its issuer, to call other APIs on behalf of viewers. See docs/calling-onward.md.',
    default: 'tokens are not exchanged',
    fallback: undefined,
    example: 'YOUR_API_CLIENT_ID',
    usedBy: 'server',
    parse: clientCredential,
  }),
  TOKEN_EXCHANGE_CLIENT_SECRET: setting<string | undefined>({
    description: 'Secret of TOKEN_EXCHANGE_CLIENT_ID.',
    default: 'none',
    fallback: undefined,
    example: 'YOUR_API_CLIENT_SECRET',
    usedBy: 'server',
    parse: clientCredential,
  }),
  ALLOWED_CLIENTS: setting<readonly string[] | undefined>({
    description:
      'Clients whose tokens are accepted, by client ID, comma-separated. OIDC_AUDIENCE can then be left out.',
    default: 'every client',
    fallback: undefined,
    example: 'YOUR_CLIENT_ID,YOUR_OTHER_CLIENT_ID',
    usedBy: 'server',
    parse: listOf(clientCredential),
  }),
  SCOPE_CLAIMS: setting<readonly string[] | undefined>({
    description:
      'Where the scopes of a token are: claims, or paths into them, comma-separated. See docs/issuers.md.',
    default: 'scope, scp and permissions',
    fallback: undefined,
    example: 'scope,realm_access.roles',
    usedBy: 'server',
    parse: listOf(claimPath),
  }),
  MACHINE_TOKENS: setting<'accept' | 'reject'>({
    description:
      'Tokens of clients that act for themselves, without the claim sub: accept or reject.',
    default: 'reject',
    fallback: 'reject',
    example: 'accept',
    usedBy: 'server',
    parse: oneOf('accept', 'reject'),
  }),
  REQUIRED_CLAIMS: setting<readonly string[]>({
    description: 'Claims that every access token must have, or paths into them, comma-separated.',
    default: 'none',
    fallback: [],
    example: 'org_id,email',
    usedBy: 'server',
    parse: listOf(claimName),
  }),
  ACCESS_TOKEN_PROFILE: setting<'jwt' | 'rfc9068'>({
    description:
      'jwt (typ at+jwt, JWT or none) or rfc9068 (typ at+jwt with every claim of RFC 9068).',
    default: 'jwt',
    fallback: 'jwt',
    example: 'rfc9068',
    usedBy: 'server',
    parse: oneOf('jwt', 'rfc9068'),
  }),
  CLOCK_TOLERANCE: setting<number>({
    description: 'Seconds by which the clocks of issuer and API may differ, from 0 to 300.',
    default: '5',
    fallback: 5,
    example: '30',
    usedBy: 'server',
    parse: wholeNumber({ from: 0, to: 300, of: 'seconds' }),
  }),
  MAX_TOKEN_BYTES: setting<number>({
    description: 'Maximum access token, in bytes, from 1024 (1 KiB) to 65536 (64 KiB).',
    default: '8192',
    fallback: 8_192,
    example: '16384',
    usedBy: 'server',
    parse: wholeNumber({ from: 1024, to: 65_536, of: 'bytes' }),
  }),
  TOKEN_COOKIE: setting<string | undefined>({
    description:
      'Cookie in which the access token can come too, from pages of PUBLIC_URL and ALLOWED_ORIGINS.',
    default: 'none',
    fallback: undefined,
    example: '__Host-access_token',
    usedBy: 'server',
    parse: httpName('a cookie', '__Host-access_token'),
  }),
  TOKEN_HEADER: setting<string | undefined>({
    description:
      'Header in which a proxy sends the access token, instead of Authorization, for pages of the same origins.',
    default: 'none',
    fallback: undefined,
    example: 'X-Goog-IAP-JWT-Assertion',
    usedBy: 'server',
    parse: httpName('a header', 'X-Goog-IAP-JWT-Assertion'),
  }),
  DPOP: setting<'off' | 'optional' | 'required'>({
    description: 'DPoP (tokens bound to a key of the client): optional, required or off.',
    default: 'optional',
    fallback: 'optional',
    example: 'required',
    usedBy: 'server',
    parse: oneOf('off', 'optional', 'required'),
  }),
  DPOP_NONCE: setting<'off' | 'required'>({
    description: 'Whether DPoP proofs must contain a nonce of the API: off or required.',
    default: 'off',
    fallback: 'off',
    example: 'required',
    usedBy: 'server',
    parse: oneOf('off', 'required'),
  }),
  DPOP_NONCE_SECRET: setting<string | undefined>({
    description:
      'Secret for nonces, 32 characters or more; with REDIS_URL, the same for all workers and instances.',
    default: 'generated at each start',
    fallback: undefined,
    example: 'YOUR_SECRET_OF_32_CHARACTERS_OR_MORE',
    usedBy: 'server',
    parse: generatedSecret,
  }),
  PUBLIC_URL: setting<string | undefined>({
    description:
      'URL of the API as its clients see it, without /graphql: https in production. See docs/dpop.md.',
    default: 'http://localhost:PORT',
    fallback: undefined,
    example: 'https://api.example.com',
    usedBy: 'server',
    parse: publicApiUrl,
  }),
  REDIS_URL: setting<string | undefined>({
    description:
      'Redis in which all workers and instances record the DPoP proofs that have been used, and revocations.',
    default: 'in memory',
    fallback: undefined,
    example: 'redis://localhost:6379',
    usedBy: 'server',
    parse: redisUrl,
  }),
  REVOCATION: setting<'on' | 'off' | undefined>({
    description:
      'Whether tokens can be revoked: on or off. With REDIS_URL, on all workers and instances. See docs/revocation.md.',
    default: 'on with LOGOUT_CLIENT_ID, otherwise off',
    fallback: undefined,
    example: 'on',
    usedBy: 'server',
    parse: oneOf('on', 'off'),
  }),
  LOGOUT_CLIENT_ID: setting<readonly string[]>({
    description:
      'Client whose users are signed out here when they sign out at the issuer (/backchannel-logout), or several, comma-separated.',
    default: 'none',
    fallback: [],
    example: 'YOUR_CLIENT_ID',
    usedBy: 'server',
    parse: listOf(clientCredential),
  }),
  MAX_TOKEN_LIFETIME: setting<number>({
    description:
      'With REVOCATION=on, the longest lifetime of a token, in seconds, from 60 to 2592000 (30 days).',
    default: '86400',
    fallback: 86_400,
    example: '3600',
    usedBy: 'server',
    parse: wholeNumber({ from: 60, to: 2_592_000, of: 'seconds' }),
  }),
  ALLOWED_ORIGINS: setting<readonly string[] | undefined>({
    description: 'Origins of web pages that can call the API, comma-separated.',
    default: 'local ones in development, none in production',
    fallback: undefined,
    example: 'https://app.example.com,https://admin.example.com',
    usedBy: 'server',
    parse: listOf(browserOrigin),
  }),
  PORT: setting<number>({
    description: 'Port to listen on. The local issuer uses the next one.',
    default: '4000',
    fallback: 4000,
    example: '8080',
    usedBy: 'server',
    parse: wholeNumber({ from: 1, to: 65_535 }),
  }),
  HOST: setting<string>({
    description: 'IP address or host name to listen on; 0.0.0.0 for all interfaces.',
    default: '127.0.0.1',
    fallback: '127.0.0.1',
    example: '0.0.0.0',
    usedBy: 'server',
    parse: listeningHost,
  }),
  WORKERS: setting<number>({
    description:
      'Number of processes that serve the API, from 1 to 64. Limits of streams and connections apply to each.',
    default: '1',
    fallback: 1,
    example: '2',
    usedBy: 'server',
    parse: wholeNumber({ from: 1, to: 64 }),
  }),
  GRAPHIQL: setting<'on' | 'off' | undefined>({
    description: 'GraphiQL, the page to try operations: on or off.',
    default: 'on in development, off in production',
    fallback: undefined,
    example: 'off',
    usedBy: 'server',
    parse: oneOf('on', 'off'),
  }),
  GRAPHIQL_CLIENT_ID: setting<string | undefined>({
    description: 'Client ID of the single-page application for signing in from GraphiQL.',
    default: 'a client of the local issuer',
    fallback: undefined,
    example: 'YOUR_CLIENT_ID',
    usedBy: 'server',
    parse: clientCredential,
  }),
  INTROSPECTION: setting<'on' | 'viewer' | 'off' | undefined>({
    description: 'Introspection: on, viewer (only what the viewer can access) or off.',
    default: 'on in development, off in production',
    fallback: undefined,
    example: 'off',
    usedBy: 'server',
    parse: oneOf('on', 'viewer', 'off'),
  }),
  REFUSE: setting<'selection' | 'operation'>({
    description:
      'How much of a query is refused: selection (what the viewer is not allowed) or operation (all of it).',
    default: 'selection',
    fallback: 'selection',
    example: 'operation',
    usedBy: 'server',
    parse: oneOf('selection', 'operation'),
  }),
  MAX_BODY_BYTES: setting<number>({
    description: 'Maximum request body, in bytes, from 1024 (1 KiB) to 10485760 (10 MiB).',
    default: '102400',
    fallback: 102_400,
    example: '1048576',
    usedBy: 'server',
    parse: wholeNumber({ from: 1024, to: 10_485_760, of: 'bytes' }),
  }),
  MAX_STREAMS_PER_VIEWER: setting<number>({
    description:
      'Maximum concurrent subscriptions and WebSocket connections per viewer, from 1 to 100000.',
    default: '100',
    fallback: 100,
    example: '20',
    usedBy: 'server',
    parse: wholeNumber({ from: 1, to: 100_000 }),
  }),
  MAX_STREAMS: setting<number>({
    description:
      'Maximum concurrent subscriptions and WebSocket connections in total, from 1 to 100000.',
    default: '10000',
    fallback: 10_000,
    example: '2000',
    usedBy: 'server',
    parse: wholeNumber({ from: 1, to: 100_000 }),
  }),
  MAX_CONNECTIONS: setting<number | undefined>({
    description:
      'Maximum open connections of any kind, from 1 to 1000000. More are closed immediately.',
    default: '2000 more than MAX_STREAMS',
    fallback: undefined,
    example: '5000',
    usedBy: 'server',
    parse: wholeNumber({ from: 1, to: 1_000_000 }),
  }),
  INCREMENTAL_DELIVERY: setting<'on' | 'off'>({
    description: 'Whether operations can use @defer and @stream: on or off.',
    default: 'off',
    fallback: 'off',
    example: 'on',
    usedBy: 'server',
    parse: oneOf('on', 'off'),
  }),
  LOG_LEVEL: setting<LogLevel>({
    description: 'Minimum level to log: trace, debug, info, warn, error, fatal or silent.',
    default: 'info',
    fallback: 'info',
    example: 'debug',
    usedBy: 'server',
    parse: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
  }),
  NODE_ENV: setting<'development' | 'production' | 'test'>({
    description:
      'development, production or test. Production has no local issuer and safe defaults.',
    default: 'development',
    fallback: 'development',
    example: 'production',
    usedBy: 'server',
    parse: oneOf('development', 'production', 'test'),
  }),
  AUTH0_CLIENT_ID: setting<string | undefined>({
    description: 'Client that npm run token uses at the issuer. The server does not read it.',
    default: 'a client of the local issuer',
    fallback: undefined,
    example: 'YOUR_CLIENT_ID',
    usedBy: 'command line',
    parse: clientCredential,
  }),
  AUTH0_CLIENT_SECRET: setting<string | undefined>({
    description: 'Secret of this client. The server does not read it.',
    default: 'a client of the local issuer',
    fallback: undefined,
    example: 'YOUR_CLIENT_SECRET',
    usedBy: 'command line',
    parse: clientCredential,
  }),
} as const;

/** The levels of pino, the logger. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** The parsed value of each variable. */
export type SettingValues = {
  readonly [Name in keyof typeof rows]: (typeof rows)[Name] extends Setting<infer Value>
    ? Value
    : never;
};

/** The name of a variable. */
export type SettingName = keyof SettingValues;

/**
 * Every setting, in the order of the documentation. `.env.example` and docs/configuration.md are
 * made from this table.
 */
export const settings: { readonly [Name in SettingName]: Setting<SettingValues[Name]> } = rows;
