import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dpopAlgorithms } from '../../../src/authentication/dpop/proof-key.ts';
import type { TrustedIssuer } from '../../../src/authentication/issuer/trusted-issuer.ts';
import { signatureAlgorithms } from '../../../src/authentication/token/public-key.ts';
import { readClientCredentials } from '../../../src/server/configuration/client-credentials.ts';
import {
  type Configuration,
  readConfiguration,
} from '../../../src/server/configuration/configuration.ts';
import { ConfigurationError } from '../../../src/server/configuration/configuration-error.ts';
import { localAudience } from '../../../src/server/configuration/issuer-configuration.ts';
import { settings } from '../../../src/server/configuration/settings.ts';
import { anyText } from '../../support/any-text.ts';
import { generatedCases } from '../../support/generated-cases.ts';

type Variables = Readonly<Record<string, string>>;

const auth0: Variables = {
  AUTH0_DOMAIN: 'example.eu.auth0.com',
  AUTH0_AUDIENCE: 'https://api.example.com',
};
const production: Variables = {
  ...auth0,
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://api.example.com',
};

function problemsOf(variables: Variables): readonly string[] {
  try {
    readConfiguration(variables);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.problems.map(({ message }) => message);
  }
}

describe('without any variable', () => {
  test('the configuration is the one of development with the local issuer', () => {
    expect(readConfiguration({})).toEqual({
      environment: 'development',
      issuer: {
        kind: 'local',
        port: 4001,
        issuers: [{ issuer: 'http://localhost:4001/', audience: [localAudience] }],
      },
      acceptedTokens: {
        machineTokens: 'reject',
        profile: 'jwt',
        algorithms: signatureAlgorithms,
        requiredClaims: [],
        clockTolerance: 5,
        maxTokenBytes: 8192,
      },
      tokenFrom: ['authorization'],
      dpop: {
        mode: 'optional',
        algorithms: dpopAlgorithms,
        nonce: 'off',
        nonceSecret: undefined,
        redisUrl: undefined,
      },
      publicUrl: 'http://localhost:4000',
      allowedOrigins: 'loopback',
      port: 4000,
      host: '127.0.0.1',
      workers: 1,
      graphiql: true,
      introspection: 'on',
      logLevel: 'info',
      requestLog: { requests: true, decisions: 0 },
      refuse: 'selection',
      onError: 'propagate',
      limits: {
        cost: 5_000,
        depth: 15,
        aliases: 30,
        rootFields: 20,
        directives: 50,
        introspectionLists: 30,
        introspectionDepth: 2,
        mode: 'enforce',
      },
      maxBodyBytes: 102_400,
      streams: { perViewer: 100, total: 10_000 },
      maxConnections: 12_000,
      timeouts: { requestMs: 60_000, idleMs: 65_000, writeMs: 60_000 },
      rateLimits: undefined,
      incrementalDelivery: false,
      shutdownDelayMs: 0,
      trustedDocuments: undefined,
      metrics: undefined,
    });
  });
});

describe('what variables mean', () => {
  const remote = (
    issuers: readonly string[],
    audience: readonly string[],
    others: Omit<TrustedIssuer, 'issuer'> = {},
  ) => ({
    issuer: {
      kind: 'remote' as const,
      issuers: issuers.map((issuer) => ({ issuer, audience, ...others })),
    },
  });
  const { acceptedTokens: tokens, dpop: anyDpop } = readConfiguration({});
  const tenant = (audience: readonly string[], others: Omit<TrustedIssuer, 'issuer'> = {}) => ({
    issuer: {
      kind: 'auth0' as const,
      issuers: [{ issuer: 'https://example.eu.auth0.com/', audience, ...others }],
    },
  });
  const csrf = { allowedOrigins: expect.any(Function) };
  const cases: readonly [string, Variables, Partial<Configuration>][] = [
    [
      'an Auth0 tenant is an issuer with a trailing slash',
      auth0,
      tenant(['https://api.example.com']),
    ],
    [
      'several audiences',
      { ...auth0, AUTH0_AUDIENCE: 'https://api.example.com, urn:api' },
      tenant(['https://api.example.com', 'urn:api']),
    ],
    [
      'several issuers, exactly as written',
      { OIDC_ISSUER: 'https://Login.example.com/a,http://127.0.0.1:9000', OIDC_AUDIENCE: 'api' },
      remote(['https://Login.example.com/a', 'http://127.0.0.1:9000'], ['api']),
    ],
    [
      'http on localhost',
      { OIDC_ISSUER: 'http://localhost:8080/realms/x', OIDC_AUDIENCE: 'a' },
      remote(['http://localhost:8080/realms/x'], ['a']),
    ],
    [
      'http on ::1',
      { OIDC_ISSUER: 'http://[::1]:8080', OIDC_AUDIENCE: 'a' },
      remote(['http://[::1]:8080'], ['a']),
    ],
    [
      'opaque tokens are introspected',
      {
        ...auth0,
        INTROSPECTION_CLIENT_ID: 'api',
        INTROSPECTION_CLIENT_SECRET: 'secret',
        INTROSPECTION_URL: 'https://login.example.com/introspect?tenant=1',
      },
      tenant(['https://api.example.com'], {
        introspection: {
          client: { clientId: 'api', clientSecret: 'secret' },
          url: 'https://login.example.com/introspect?tenant=1',
        },
      }),
    ],
    [
      'keys apart from an issuer that is not a URL',
      { OIDC_ISSUER: 'acme inc', OIDC_AUDIENCE: 'api', JWKS_URL: 'https://keys.example.com/?a=b' },
      remote(['acme inc'], ['api'], { keys: { jwksUri: 'https://keys.example.com/?a=b' } }),
    ],
    [
      'a discovery document apart from an issuer whose URL is http',
      {
        OIDC_ISSUER: 'http://adfs.example.com/adfs/services/trust',
        OIDC_AUDIENCE: 'api',
        OIDC_DISCOVERY_URL: 'https://adfs.example.com/adfs/.well-known/openid-configuration',
      },
      remote(['http://adfs.example.com/adfs/services/trust'], ['api'], {
        keys: { discovery: 'https://adfs.example.com/adfs/.well-known/openid-configuration' },
      }),
    ],
    [
      'keys on this machine over http, for clients only',
      {
        OIDC_ISSUER: 'https://login.example.com',
        ALLOWED_CLIENTS: 'spa',
        JWKS_URL: 'http://localhost:8080/keys',
      },
      {
        issuer: {
          kind: 'remote',
          issuers: [
            {
              issuer: 'https://login.example.com',
              clients: ['spa'],
              keys: { jwksUri: 'http://localhost:8080/keys' },
            },
          ],
        },
      },
    ],
    [
      'tokens are exchanged',
      { TOKEN_EXCHANGE_CLIENT_ID: 'api', TOKEN_EXCHANGE_CLIENT_SECRET: 'secret' },
      {
        tokenExchange: {
          issuer: 'http://localhost:4001/',
          client: { clientId: 'api', clientSecret: 'secret' },
        },
      },
    ],
    [
      'the local issuer and the public URL follow the port',
      { PORT: '5000' },
      {
        port: 5000,
        publicUrl: 'http://localhost:5000',
        issuer: {
          kind: 'local',
          port: 5001,
          issuers: [{ issuer: 'http://localhost:5001/', audience: [localAudience] }],
        },
      },
    ],
    ['the port of http', { PORT: '80' }, { publicUrl: 'http://localhost' }],
    ['the last port, with an issuer elsewhere', { ...auth0, PORT: '65535' }, { port: 65_535 }],
    [
      'production is closed unless told otherwise',
      production,
      { environment: 'production', graphiql: false, introspection: 'off', allowedOrigins: [] },
    ],
    [
      'production may be opened',
      { ...production, GRAPHIQL: 'on', INTROSPECTION: 'on' },
      { graphiql: true, introspection: 'on' },
    ],
    [
      'development may be closed',
      { GRAPHIQL: 'off', INTROSPECTION: 'viewer' },
      { graphiql: false, introspection: 'viewer' },
    ],
    [
      'test is like development',
      { NODE_ENV: 'test' },
      { environment: 'test', graphiql: true, allowedOrigins: 'loopback' },
    ],
    [
      'production on this machine',
      { ...production, PUBLIC_URL: 'http://localhost:4000' },
      { publicUrl: 'http://localhost:4000' },
    ],
    [
      'a trailing slash of PUBLIC_URL is forgiven',
      { PUBLIC_URL: 'https://API.example.com:443/' },
      { publicUrl: 'https://api.example.com' },
    ],
    [
      'a path of PUBLIC_URL',
      { PUBLIC_URL: 'https://example.com/Team-a/v1.0/' },
      { publicUrl: 'https://example.com/Team-a/v1.0' },
    ],
    [
      'origins',
      { ALLOWED_ORIGINS: 'https://app.example.com, http://[::1]:3000' },
      { allowedOrigins: ['https://app.example.com', 'http://[::1]:3000'] },
    ],
    [
      'claims',
      { REQUIRED_CLAIMS: 'org_id,https://example.com/team' },
      { acceptedTokens: { ...tokens, requiredClaims: ['org_id', 'https://example.com/team'] } },
    ],
    [
      'the profile',
      { ACCESS_TOKEN_PROFILE: 'rfc9068' },
      { acceptedTokens: { ...tokens, profile: 'rfc9068' } },
    ],
    [
      'algorithms',
      { ...auth0, TOKEN_ALGORITHMS: 'PS256, EdDSA', DPOP_ALGORITHMS: 'ES256' },
      {
        acceptedTokens: { ...tokens, algorithms: ['PS256', 'EdDSA'] },
        dpop: { ...anyDpop, algorithms: ['ES256'] },
      },
    ],
    [
      'clients instead of an audience',
      { OIDC_ISSUER: 'https://login.example.com', ALLOWED_CLIENTS: 'spa, machine' },
      {
        issuer: {
          kind: 'remote',
          issuers: [{ issuer: 'https://login.example.com', clients: ['spa', 'machine'] }],
        },
      },
    ],
    [
      'paths of scopes, with names that contain dots and colons',
      {
        ALLOWED_CLIENTS: 'spa',
        SCOPE_CLAIMS: 'resource_access.{client}.roles,https://example.com/roles,cognito:groups',
      },
      {
        acceptedTokens: {
          ...tokens,
          scopes: ['resource_access.{client}.roles', 'https://example.com/roles', 'cognito:groups'],
        },
      },
    ],
    [
      'machine tokens',
      { MACHINE_TOKENS: 'accept' },
      { acceptedTokens: { ...tokens, machineTokens: 'accept' } },
    ],
    [
      'exact clocks',
      { CLOCK_TOLERANCE: '0' },
      { acceptedTokens: { ...tokens, clockTolerance: 0 } },
    ],
    [
      'the widest clock tolerance',
      { CLOCK_TOLERANCE: '300' },
      { acceptedTokens: { ...tokens, clockTolerance: 300 } },
    ],
    [
      'the largest tokens',
      { MAX_TOKEN_BYTES: '65536' },
      { acceptedTokens: { ...tokens, maxTokenBytes: 65_536 } },
    ],
    ['operations that are refused as a whole', { REFUSE: 'operation' }, { refuse: 'operation' }],
    [
      'workers, with a place for the proofs of all',
      { WORKERS: '64', REDIS_URL: 'redis://redis' },
      { workers: 64 },
    ],
    ['workers without DPoP', { WORKERS: '2', DPOP: 'off' }, { workers: 2 }],
    ['one worker, which needs no Redis', { WORKERS: '1', DPOP: 'required' }, { workers: 1 }],
    ['an IPv6 address', { HOST: '::' }, { host: '::' }],
    ['a host name', { HOST: 'localhost' }, { host: 'localhost' }],
    [
      'a cookie beside Authorization',
      { ...production, TOKEN_COOKIE: '__Host-token' },
      { tokenFrom: ['authorization', { cookie: '__Host-token', csrf, unprefixed: true }] },
    ],
    [
      'any cookie in development',
      { TOKEN_COOKIE: 'token' },
      { tokenFrom: ['authorization', { cookie: 'token', csrf, unprefixed: true }] },
    ],
    [
      'a header instead of Authorization, with workers',
      { TOKEN_HEADER: 'Cf-Access-Jwt-Assertion', WORKERS: '2' },
      {
        tokenFrom: [{ header: 'Cf-Access-Jwt-Assertion', csrf }],
        dpop: { ...anyDpop, mode: 'off' },
      },
    ],
    [
      'a limit of operations',
      { MAX_COST: '1', LIMITS: 'measure' },
      { limits: expect.objectContaining({ cost: 1, depth: 15, mode: 'measure' }) },
    ],
    ['the smallest body limit', { MAX_BODY_BYTES: '1024' }, { maxBodyBytes: 1024 }],
    [
      'the limits of streams',
      { MAX_STREAMS_PER_VIEWER: '1', MAX_STREAMS: '100000' },
      { streams: { perViewer: 1, total: 100_000 }, maxConnections: 102_000 },
    ],
    ['the limit of connections', { MAX_CONNECTIONS: '50' }, { maxConnections: 50 }],
    [
      'timeouts',
      { REQUEST_TIMEOUT: '30', IDLE_TIMEOUT: '620', WRITE_TIMEOUT: '5' },
      { timeouts: { requestMs: 30_000, idleMs: 620_000, writeMs: 5_000 } },
    ],
    [
      'rate limits',
      {
        RATE_LIMIT_ADDRESS: '600/60',
        RATE_LIMIT_VIEWER: '1/1',
        RATE_LIMIT_CLAIM: 'https://example.com/org=1000000000/86400',
        PROXY_HOPS: '2',
      },
      {
        rateLimits: {
          address: { points: 600, seconds: 60 },
          viewer: { points: 1, seconds: 1 },
          client: undefined,
          claim: { path: 'https://example.com/org', points: 1_000_000_000, seconds: 86_400 },
          logout: undefined,
          failureCost: 10,
          proxyHops: 2,
        },
      },
    ],
    [
      'the rate limit of logout, as of addresses',
      { LOGOUT_CLIENT_ID: 'app', RATE_LIMIT_ADDRESS: '600/60' },
      { rateLimits: expect.objectContaining({ logout: { points: 600, seconds: 60 } }) },
    ],
    [
      'the rate limit of logout alone',
      { LOGOUT_CLIENT_ID: 'app', RATE_LIMIT_LOGOUT: '100/60', RATE_LIMIT_FAILURE_COST: '5' },
      {
        rateLimits: expect.objectContaining({
          address: undefined,
          logout: { points: 100, seconds: 60 },
          failureCost: 5,
        }),
      },
    ],
    ['incremental delivery', { INCREMENTAL_DELIVERY: 'on' }, { incrementalDelivery: true }],
    [
      'requests are served a while longer in production',
      { ...auth0, NODE_ENV: 'production' },
      { shutdownDelayMs: 5_000 },
    ],
    ['or not', { ...auth0, NODE_ENV: 'production', SHUTDOWN_DELAY: '0' }, { shutdownDelayMs: 0 }],
    ['or longer', { SHUTDOWN_DELAY: '300' }, { shutdownDelayMs: 300_000 }],
    ['the largest body limit', { MAX_BODY_BYTES: '10485760' }, { maxBodyBytes: 10_485_760 }],
    ['metrics', { METRICS_PORT: '9464' }, { metrics: { port: 9464, host: '127.0.0.1' } }],
    [
      'metrics for other machines',
      { METRICS_PORT: '9464', METRICS_HOST: '0.0.0.0' },
      { metrics: { port: 9464, host: '0.0.0.0' } },
    ],
    ['the log level', { LOG_LEVEL: 'silent' }, { logLevel: 'silent' }],
    [
      'no line for each request',
      { LOG_REQUESTS: 'off' },
      { requestLog: { requests: false, decisions: 0 } },
    ],
    ['decisions', { LOG_DECISIONS: '0.5' }, { requestLog: { requests: true, decisions: 0.5 } }],
    ['no decisions', { LOG_DECISIONS: 'off' }, { requestLog: { requests: true, decisions: 0 } }],
    [
      'an empty variable is not set',
      { PORT: '', NODE_ENV: '', AUTH0_DOMAIN: '', DPOP: '', REDIS_URL: '' },
      { port: 4000, environment: 'development' },
    ],
    [
      'what is off anyway may be off',
      { DPOP: 'off', DPOP_NONCE: 'off' },
      { dpop: { ...anyDpop, mode: 'off' } },
    ],
    [
      'DPoP with all that goes with it',
      {
        DPOP: 'required',
        DPOP_NONCE: 'required',
        DPOP_NONCE_SECRET: 's'.repeat(32),
        REDIS_URL: 'rediss://me:secret@redis:6380/1',
      },
      {
        dpop: {
          mode: 'required',
          algorithms: dpopAlgorithms,
          nonce: 'required',
          nonceSecret: 's'.repeat(32),
          redisUrl: 'rediss://me:secret@redis:6380/1',
        },
      },
    ],
    [
      'variables of other programs',
      { PATH: '/bin', AUTH0_SECRET: 'x', HOSTS: 'a', PORTS: '1' },
      {},
    ],
  ];
  test.each(cases)('%s', (_name, variables, expected) => {
    expect(readConfiguration(variables)).toMatchObject(expected);
  });
});

describe('problems', () => {
  const bareDomain = 'must be the bare domain: example.eu.auth0.com';
  const number = 'must be a whole number from 1 to 65535, in plain digits';
  const workers = 'must be a whole number from 1 to 64, in plain digits';
  const bytes = 'must be a whole number of bytes from 1024 to 10485760, in plain digits';
  const anIssuer =
    'must be a full URL exactly as in the claim iss, such as https://login.example.com/';
  const sentBy = 'must be the origin as browsers send it:';
  const publicUrl =
    'must be an origin, optionally with a path of letters, digits, dots and hyphens, without user, query and fragment:';
  const algorithms =
    'must be RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA or Ed25519';
  const claim =
    'must be a claim name in ASCII, without spaces, quotes or backslashes, such as org_id';
  const path =
    'must be the name of a claim or a path without white space, such as realm_access.roles';
  const noAudience =
    'OIDC_AUDIENCE is missing: OIDC_ISSUER requires the identifier of the API, such as https://api.example.com. If the issuer writes no aud, set ALLOWED_CLIENTS instead';
  const unquoted = 'must be written without quotes around it';

  const domain = (AUTH0_DOMAIN: string): Variables => ({ ...auth0, AUTH0_DOMAIN });
  const issuer = (OIDC_ISSUER: string): Variables => ({ OIDC_ISSUER, OIDC_AUDIENCE: 'api' });

  const cases: readonly [string, Variables, readonly string[]][] = [
    [
      'domain with a scheme and a slash',
      domain('https://example.eu.auth0.com/'),
      [`AUTH0_DOMAIN "https://example.eu.auth0.com/" ${bareDomain}`],
    ],
    [
      'domain with a scheme',
      domain('http://example.eu.auth0.com'),
      [`AUTH0_DOMAIN "http://example.eu.auth0.com" ${bareDomain}`],
    ],
    [
      'domain with a slash',
      domain('example.eu.auth0.com/'),
      [`AUTH0_DOMAIN "example.eu.auth0.com/" ${bareDomain}`],
    ],
    [
      'domain with a port',
      domain('example.eu.auth0.com:443'),
      [`AUTH0_DOMAIN "example.eu.auth0.com:443" ${bareDomain}`],
    ],
    [
      'domain with a path',
      domain('example.eu.auth0.com/api/v2'),
      [`AUTH0_DOMAIN "example.eu.auth0.com/api/v2" ${bareDomain}`],
    ],
    [
      'domain with white space around it',
      domain(' example.eu.auth0.com\n'),
      [`AUTH0_DOMAIN " example.eu.auth0.com\\u{a}" ${bareDomain}`],
    ],
    [
      'domain in upper case',
      domain('Example.EU.auth0.com'),
      [`AUTH0_DOMAIN "Example.EU.auth0.com" ${bareDomain}`],
    ],
    [
      'domain with a final dot',
      domain('example.eu.auth0.com.'),
      [`AUTH0_DOMAIN "example.eu.auth0.com." ${bareDomain}`],
    ],
    [
      'domain with a password',
      domain('https://me:secret@example.eu.auth0.com'),
      [`AUTH0_DOMAIN "[not shown]@example.eu.auth0.com" ${bareDomain}`],
    ],
    [
      'domain left as in the documentation',
      domain('{yourDomain}'),
      [
        'AUTH0_DOMAIN "{yourDomain}" must be the bare domain of the tenant, such as example.eu.auth0.com',
      ],
    ],
    [
      'domain that is an address',
      domain('10.0.0.1'),
      [
        'AUTH0_DOMAIN "10.0.0.1" must be the bare domain of the tenant, such as example.eu.auth0.com',
      ],
    ],
    [
      'domain of one label',
      domain('example'),
      [
        'AUTH0_DOMAIN "example" must be the bare domain of the tenant, such as example.eu.auth0.com',
      ],
    ],
    [
      'two domains',
      domain('a.auth0.com,b.auth0.com'),
      [
        'AUTH0_DOMAIN "a.auth0.com,b.auth0.com" must be one domain: list several issuers in OIDC_ISSUER',
      ],
    ],
    ['domain in quotes', domain('"example.eu.auth0.com"'), [`AUTH0_DOMAIN ${unquoted}`]],
    [
      'domain without audience',
      { AUTH0_DOMAIN: 'example.eu.auth0.com' },
      [
        'AUTH0_AUDIENCE is missing: AUTH0_DOMAIN requires the identifier of the API, such as https://api.example.com',
      ],
    ],
    [
      'audience without domain',
      { AUTH0_AUDIENCE: 'api' },
      ['AUTH0_DOMAIN is missing: AUTH0_AUDIENCE requires its issuer, such as example.eu.auth0.com'],
    ],
    ['issuer without audience', { OIDC_ISSUER: 'https://login.example.com' }, [noAudience]],
    [
      'Auth0 with clients and without audience',
      { AUTH0_DOMAIN: 'example.eu.auth0.com', ALLOWED_CLIENTS: 'spa' },
      [
        'AUTH0_AUDIENCE is missing: AUTH0_DOMAIN requires the identifier of the API, such as https://api.example.com',
      ],
    ],
    [
      'a client with a space',
      { ALLOWED_CLIENTS: 'spa machine' },
      [
        'ALLOWED_CLIENTS must be ASCII without spaces, as copied from the application at the issuer',
      ],
    ],
    [
      'scopes at a path with an empty name',
      { SCOPE_CLAIMS: 'realm_access..roles' },
      [`SCOPE_CLAIMS "realm_access..roles" ${path}`],
    ],
    [
      'scopes at two paths without a comma',
      { SCOPE_CLAIMS: 'scope roles' },
      [`SCOPE_CLAIMS "scope roles" ${path}`],
    ],
    [
      'scopes that any client can define',
      { SCOPE_CLAIMS: 'resource_access.{client}.roles' },
      [
        'SCOPE_CLAIMS contains {client}, which requires ALLOWED_CLIENTS: otherwise every client of the issuer could define scopes of this API',
      ],
    ],
    [
      'machine tokens with a profile that requires a subject',
      { MACHINE_TOKENS: 'accept', ACCESS_TOKEN_PROFILE: 'rfc9068' },
      [
        'MACHINE_TOKENS requires ACCESS_TOKEN_PROFILE=jwt: with rfc9068, every token must have the claim sub',
      ],
    ],
    [
      'machine tokens switched on',
      { MACHINE_TOKENS: 'on' },
      ['MACHINE_TOKENS "on" must be accept or reject'],
    ],
    [
      'a clock tolerance of minutes',
      { CLOCK_TOLERANCE: '301' },
      ['CLOCK_TOLERANCE "301" must be a whole number of seconds from 0 to 300, in plain digits'],
    ],
    [
      'tokens of more than 64 KiB',
      { MAX_TOKEN_BYTES: '65537' },
      [
        'MAX_TOKEN_BYTES "65537" must be a whole number of bytes from 1024 to 65536, in plain digits',
      ],
    ],
    [
      'what is refused, in the plural',
      { REFUSE: 'operations' },
      ['REFUSE "operations" must be selection or operation; did you mean operation?'],
    ],
    [
      'audience without issuer',
      { OIDC_AUDIENCE: 'api' },
      [
        'OIDC_ISSUER is missing: OIDC_AUDIENCE requires its issuer, such as https://login.example.com/',
      ],
    ],
    [
      'both issuers',
      { ...auth0, ...issuer('https://login.example.com') },
      [
        'OIDC_ISSUER and AUTH0_DOMAIN are both set: keep one, or list the tenant in OIDC_ISSUER as https://DOMAIN/',
      ],
    ],
    [
      'the audience of one and the issuer of the other',
      { AUTH0_AUDIENCE: 'api', OIDC_ISSUER: 'https://login.example.com' },
      [
        'AUTH0_DOMAIN is missing: AUTH0_AUDIENCE requires its issuer, such as example.eu.auth0.com',
        noAudience,
      ],
    ],
    [
      'issuer that is not a URL',
      issuer('login.example.com'),
      [`OIDC_ISSUER "login.example.com" ${anIssuer}`],
    ],
    [
      'issuer with another scheme',
      issuer('ftp://login.example.com'),
      [`OIDC_ISSUER "ftp://login.example.com" ${anIssuer}`],
    ],
    [
      'issuer without slashes',
      issuer('https:login.example.com'),
      [`OIDC_ISSUER "https:login.example.com" ${anIssuer}`],
    ],
    [
      'issuer with a backslash',
      issuer('https://login.example.com\\x'),
      [`OIDC_ISSUER "https://login.example.com\\\\x" ${anIssuer}`],
    ],
    [
      'issuer with a space',
      issuer('https://login.example.com/a b'),
      [`OIDC_ISSUER "https://login.example.com/a b" ${anIssuer}`],
    ],
    [
      'issuer left as in the documentation',
      issuer('https://login.example.com/{tenant}/'),
      [`OIDC_ISSUER "https://login.example.com/{tenant}/" ${anIssuer}`],
    ],
    [
      'issuer with a wildcard',
      issuer('https://*.example.com'),
      [`OIDC_ISSUER "https://*.example.com" ${anIssuer}`],
    ],
    [
      'issuer with a query',
      issuer('https://login.example.com/?a=b'),
      ['OIDC_ISSUER "https://login.example.com/?a=b" must not have a query or fragment'],
    ],
    [
      'issuer with an empty fragment',
      issuer('https://login.example.com/#'),
      ['OIDC_ISSUER "https://login.example.com/#" must not have a query or fragment'],
    ],
    [
      'issuer with a password',
      issuer('https://me:secret@login.example.com'),
      ['OIDC_ISSUER "[not shown]@login.example.com" must not contain a user name or password'],
    ],
    [
      'issuer that is the discovery document',
      issuer('https://login.example.com/.well-known/openid-configuration'),
      [
        'OIDC_ISSUER "https://login.example.com/.well-known/openid-configuration" must be the issuer itself: "https://login.example.com/"',
      ],
    ],
    [
      'introspection without its client',
      { INTROSPECTION_URL: 'https://login.example.com/introspect' },
      [
        'INTROSPECTION_CLIENT_ID is missing: INTROSPECTION_URL requires the client ID of the API at its issuer',
      ],
    ],
    [
      'introspection without its secret',
      { INTROSPECTION_CLIENT_ID: 'api' },
      [
        'INTROSPECTION_CLIENT_SECRET is missing: INTROSPECTION_CLIENT_ID requires the secret of its client',
      ],
    ],
    [
      'introspection with two issuers',
      {
        ...issuer('https://a.example.com,https://b.example.com'),
        INTROSPECTION_CLIENT_ID: 'api',
        INTROSPECTION_CLIENT_SECRET: 'secret',
      },
      [
        'INTROSPECTION_CLIENT_ID requires a single issuer, because an opaque token does not name its own: keep one in OIDC_ISSUER, or list several in ISSUERS and set introspection in one of them',
      ],
    ],
    [
      'keys over http',
      { ...issuer('acme'), JWKS_URL: 'http://keycloak:8080/keys' },
      [
        'JWKS_URL "http://keycloak:8080/keys" must begin with https: http is for localhost and 127.0.0.1 only. For http inside a cluster, list the issuer in ISSUERS, with allowHttp beside jwksUri',
      ],
    ],
    [
      'keys at a URL with a password, which is not repeated',
      { ...issuer('acme'), JWKS_URL: 'https://me:secret@keys.example.com' },
      [
        'JWKS_URL must be the full URL of a key set, without user and fragment, such as https://login.example.com/keys',
      ],
    ],
    [
      'a discovery document that is not a URL',
      { ...issuer('acme'), OIDC_DISCOVERY_URL: 'login' },
      [
        'OIDC_DISCOVERY_URL must be the full URL of a discovery document, without user and fragment, such as https://login.example.com/policy/.well-known/openid-configuration',
      ],
    ],
    [
      'two ways to find keys',
      {
        ...issuer('acme'),
        JWKS_URL: 'https://login.example.com/keys',
        OIDC_DISCOVERY_URL: 'https://login.example.com/document',
      },
      ['OIDC_DISCOVERY_URL and JWKS_URL are both set: keep one of the two ways to find the keys'],
    ],
    [
      'keys of a tenant of Auth0',
      { ...auth0, JWKS_URL: 'https://login.example.com/keys' },
      [
        'OIDC_ISSUER is missing: JWKS_URL requires the issuer of these keys, exactly as in the claim iss',
      ],
    ],
    [
      'keys of no issuer',
      { OIDC_DISCOVERY_URL: 'https://login.example.com/document' },
      [
        'OIDC_ISSUER is missing: OIDC_DISCOVERY_URL requires the issuer of these keys, exactly as in the claim iss',
      ],
    ],
    [
      'keys of two issuers',
      { ...issuer('acme,other'), JWKS_URL: 'https://login.example.com/keys' },
      [
        'JWKS_URL requires a single issuer: keep one in OIDC_ISSUER, or list several in ISSUERS, each with its keys',
      ],
    ],
    [
      'an issuer with a control character',
      { ...issuer('ac\u0007me'), JWKS_URL: 'https://login.example.com/keys' },
      ['OIDC_ISSUER "ac\\u{7}me" must be the text of the claim iss, without control characters'],
    ],
    [
      'sign-in at an issuer without metadata',
      {
        ...issuer('acme'),
        JWKS_URL: 'https://login.example.com/keys',
        GRAPHIQL_CLIENT_ID: 'spa',
      },
      [
        'GRAPHIQL_CLIENT_ID requires an issuer with a discovery document: set OIDC_DISCOVERY_URL, or keys.discovery in the file of ISSUERS, or remove it',
      ],
    ],
    [
      'introspection at an issuer without metadata',
      {
        ...issuer('acme'),
        JWKS_URL: 'https://login.example.com/keys',
        INTROSPECTION_CLIENT_ID: 'api',
        INTROSPECTION_CLIENT_SECRET: 'secret',
      },
      [
        'INTROSPECTION_URL is missing: OIDC_ISSUER is not an https URL, so it has no discovery document that names the endpoint',
      ],
    ],
    [
      'token exchange without its client',
      { TOKEN_EXCHANGE_CLIENT_SECRET: 'secret' },
      [
        'TOKEN_EXCHANGE_CLIENT_ID is missing: TOKEN_EXCHANGE_CLIENT_SECRET requires the client ID of the API at its issuer',
      ],
    ],
    [
      'token exchange with two issuers',
      {
        ...issuer('https://a.example.com,https://b.example.com'),
        TOKEN_EXCHANGE_CLIENT_ID: 'api',
        TOKEN_EXCHANGE_CLIENT_SECRET: 'secret',
      },
      [
        'TOKEN_EXCHANGE_CLIENT_ID requires a single issuer, because it gets the tokens of viewers: keep one in OIDC_ISSUER or ISSUERS',
      ],
    ],
    [
      'token exchange with metadata elsewhere',
      {
        ...issuer('https://a.example.com'),
        OIDC_DISCOVERY_URL: 'https://b.example.com/.well-known/openid-configuration',
        TOKEN_EXCHANGE_CLIENT_ID: 'api',
        TOKEN_EXCHANGE_CLIENT_SECRET: 'secret',
      },
      [
        'TOKEN_EXCHANGE_CLIENT_ID requires an issuer whose discovery document is below its URL, to find its token endpoint: remove it',
      ],
    ],
    [
      'introspection over http',
      {
        INTROSPECTION_CLIENT_ID: 'api',
        INTROSPECTION_CLIENT_SECRET: 'secret',
        INTROSPECTION_URL: 'http://login.example.com/introspect',
      },
      [
        'INTROSPECTION_URL "http://login.example.com/introspect" must begin with https: http is for localhost and 127.0.0.1 only',
      ],
    ],
    [
      'introspection at something else than a URL',
      {
        INTROSPECTION_CLIENT_ID: 'api',
        INTROSPECTION_CLIENT_SECRET: 'secret',
        INTROSPECTION_URL: '/introspect',
      },
      [
        'INTROSPECTION_URL must be the full URL of an endpoint, without user and fragment, such as https://login.example.com/oauth2/introspect',
      ],
    ],
    [
      'issuer over http',
      issuer('http://login.example.com'),
      [
        'OIDC_ISSUER "http://login.example.com" must begin with https: http is for localhost and 127.0.0.1 only',
      ],
    ],
    [
      'issuer that only begins like loopback',
      issuer('http://127.0.0.1.example.com'),
      [
        'OIDC_ISSUER "http://127.0.0.1.example.com" must begin with https: http is for localhost and 127.0.0.1 only',
      ],
    ],
    [
      'issuer with several problems',
      issuer('http://login.example.com/?a#b'),
      [
        'OIDC_ISSUER "http://login.example.com/?a#b" must not have a query or fragment',
        'OIDC_ISSUER "http://login.example.com/?a#b" must begin with https: http is for localhost and 127.0.0.1 only',
      ],
    ],
    [
      'one bad issuer of two',
      issuer('https://login.example.com,login.example.com'),
      [`OIDC_ISSUER "login.example.com" ${anIssuer}`],
    ],
    [
      'empty entry',
      issuer('https://login.example.com,,'),
      ['OIDC_ISSUER has an empty entry: remove the extra comma'],
    ],
    [
      'repeated entry',
      issuer('https://login.example.com,https://login.example.com'),
      ['OIDC_ISSUER lists "https://login.example.com" more than once: keep one'],
    ],
    [
      'audience with white space',
      { ...auth0, AUTH0_AUDIENCE: 'my api' },
      [
        'AUTH0_AUDIENCE "my api" must be the identifier of an API without white space, such as https://api.example.com',
      ],
    ],
    [
      'audience of white space',
      { ...auth0, AUTH0_AUDIENCE: '  ' },
      ['AUTH0_AUDIENCE has only white space: give it a value or remove it'],
    ],
    [
      'audience of commas',
      { ...auth0, AUTH0_AUDIENCE: ',' },
      ['AUTH0_AUDIENCE has an empty entry: remove the extra comma'],
    ],
    [
      'production without an issuer',
      { NODE_ENV: 'production', PUBLIC_URL: 'https://api.example.com' },
      [
        'AUTH0_DOMAIN must be set in production, with AUTH0_AUDIENCE (or OIDC_ISSUER with OIDC_AUDIENCE): the local issuer is for development',
      ],
    ],
    [
      'production over http',
      { ...production, PUBLIC_URL: 'http://api.example.com' },
      [
        'PUBLIC_URL "http://api.example.com" must begin with https in production: over http, access tokens can be read in transit',
      ],
    ],
    [
      'public URL of the endpoint',
      { PUBLIC_URL: 'https://api.example.com/v1/graphql' },
      [
        'PUBLIC_URL "https://api.example.com/v1/graphql" must not end with /graphql, which the API adds: https://api.example.com/v1',
      ],
    ],
    ...['/a/../b', '//', '/a//b', '/a%2fb', '/a"b', '/a;b', '/#a'].map(
      (path): [string, Variables, readonly string[]] => [
        `public URL with the path ${path}`,
        { PUBLIC_URL: `https://api.example.com${path}` },
        [expect.stringContaining('must be')],
      ],
    ),
    [
      'public URL with a query',
      { PUBLIC_URL: 'https://api.example.com/?' },
      [`PUBLIC_URL "https://api.example.com/?" ${publicUrl} https://api.example.com`],
    ],
    [
      'public URL with a password',
      { PUBLIC_URL: 'https://me:secret@api.example.com' },
      [`PUBLIC_URL "[not shown]@api.example.com" ${publicUrl} https://api.example.com`],
    ],
    [
      'public URL without a scheme',
      { PUBLIC_URL: 'api.example.com' },
      ['PUBLIC_URL "api.example.com" must be a URL, such as https://api.example.com'],
    ],
    [
      'any origin',
      { ALLOWED_ORIGINS: '*' },
      [
        'ALLOWED_ORIGINS "*" must not have a wildcard: list each origin, such as https://app.example.com',
      ],
    ],
    [
      'any subdomain',
      { ALLOWED_ORIGINS: 'https://*.example.com' },
      [
        'ALLOWED_ORIGINS "https://*.example.com" must not have a wildcard: list each origin, such as https://app.example.com',
      ],
    ],
    [
      'the null origin',
      { ALLOWED_ORIGINS: 'null' },
      [
        'ALLOWED_ORIGINS "null" is the origin of every sandboxed frame and local file: list an origin such as https://app.example.com',
      ],
    ],
    [
      'origin with a slash',
      { ALLOWED_ORIGINS: 'https://app.example.com/' },
      [`ALLOWED_ORIGINS "https://app.example.com/" ${sentBy} https://app.example.com`],
    ],
    [
      'origin in upper case',
      { ALLOWED_ORIGINS: 'https://App.example.com' },
      [`ALLOWED_ORIGINS "https://App.example.com" ${sentBy} https://app.example.com`],
    ],
    [
      'origin with its default port',
      { ALLOWED_ORIGINS: 'https://app.example.com:443' },
      [`ALLOWED_ORIGINS "https://app.example.com:443" ${sentBy} https://app.example.com`],
    ],
    [
      'origin without a scheme',
      { ALLOWED_ORIGINS: 'localhost:3000' },
      ['ALLOWED_ORIGINS "localhost:3000" must be an origin, such as https://app.example.com'],
    ],
    ['port zero', { PORT: '0' }, [`PORT "0" ${number}`]],
    ['port too high', { PORT: '65536' }, [`PORT "65536" ${number}`]],
    ['port with an exponent', { PORT: '4e3' }, [`PORT "4e3" ${number}`]],
    ['port in hexadecimal', { PORT: '0x10' }, [`PORT "0x10" ${number}`]],
    ['port with white space', { PORT: ' 4000 ' }, [`PORT " 4000 " ${number}`]],
    ['port with a sign', { PORT: '+4000' }, [`PORT "+4000" ${number}`]],
    ['port with a fraction', { PORT: '4000.0' }, [`PORT "4000.0" ${number}`]],
    ['port with a leading zero', { PORT: '04000' }, [`PORT "04000" ${number}`]],
    ['port in other digits', { PORT: '٤٠٠٠' }, [`PORT "٤٠٠٠" ${number}`]],
    [
      'port that is a pipe',
      { PORT: '\\\\.\\pipe\\x' },
      [`PORT "\\\\\\\\.\\\\pipe\\\\x" ${number}`],
    ],
    [
      'no port left for the local issuer',
      { PORT: '65535' },
      ['PORT "65535" must be at most 65534: the local issuer uses the next port'],
    ],
    [
      'host with a scheme and port',
      { HOST: 'http://0.0.0.0:4000' },
      ['HOST "http://0.0.0.0:4000" must be the bare address or host name: 0.0.0.0'],
    ],
    [
      'host in brackets',
      { HOST: '[::1]' },
      ['HOST "[::1]" must be the bare address or host name: ::1'],
    ],
    [
      'host that is a star',
      { HOST: '*' },
      ['HOST "*" must be the bare address or host name: 0.0.0.0'],
    ],
    [
      'host that is not an address',
      { HOST: '300.0.0.1' },
      ['HOST "300.0.0.1" must be an IP address or a host name, such as 127.0.0.1 or localhost'],
    ],
    [
      'host with an underscore',
      { HOST: 'my_host' },
      ['HOST "my_host" must be an IP address or a host name, such as 127.0.0.1 or localhost'],
    ],
    ...['100', '0/60', '100/0', '100/86401', '1000000001/60', '1e3/60', '100 / 60', '-1/60'].map(
      (text): [string, Record<string, string>, string[]] => [
        `rate limit ${text}`,
        { RATE_LIMIT_VIEWER: text },
        [
          `RATE_LIMIT_VIEWER "${text}" must be POINTS/SECONDS, such as 100/60 for 100 requests a minute: at most 1000000000 points in at most 86400 seconds (a day)`,
        ],
      ],
    ),
    [
      'rate limit without its claim',
      { RATE_LIMIT_CLAIM: '100/60' },
      ['RATE_LIMIT_CLAIM "100/60" must be CLAIM=POINTS/SECONDS, such as org_id=1000/60'],
    ],
    [
      'the cost of failures without a limit',
      { RATE_LIMIT_FAILURE_COST: '20' },
      [
        'RATE_LIMIT_FAILURE_COST requires a limit by address: set RATE_LIMIT_ADDRESS, such as 600/60, or remove it',
      ],
    ],
    [
      'a rate limit of logout without logout',
      { RATE_LIMIT_LOGOUT: '100/60' },
      ['RATE_LIMIT_LOGOUT requires LOGOUT_CLIENT_ID: without it, there is no logout'],
    ],
    ['body limit with a unit', { MAX_BODY_BYTES: '100kb' }, [`MAX_BODY_BYTES "100kb" ${bytes}`]],
    ['body limit too small', { MAX_BODY_BYTES: '1023' }, [`MAX_BODY_BYTES "1023" ${bytes}`]],
    [
      'body limit too large',
      { MAX_BODY_BYTES: '10485761' },
      [`MAX_BODY_BYTES "10485761" ${bytes}`],
    ],
    [
      'a symmetric algorithm',
      { ...auth0, TOKEN_ALGORITHMS: 'HS256' },
      [`TOKEN_ALGORITHMS "HS256" ${algorithms}; did you mean RS256?`],
    ],
    [
      'no signature',
      { ...auth0, TOKEN_ALGORITHMS: 'RS256,none' },
      [`TOKEN_ALGORITHMS "none" ${algorithms}`],
    ],
    [
      'an algorithm in another case',
      { ...auth0, TOKEN_ALGORITHMS: 'ps256' },
      [`TOKEN_ALGORITHMS "ps256" ${algorithms}; did you mean PS256?`],
    ],
    [
      'no algorithm',
      { ...auth0, TOKEN_ALGORITHMS: ',' },
      ['TOKEN_ALGORITHMS has an empty entry: remove the extra comma'],
    ],
    [
      'algorithms without that of the local issuer',
      { TOKEN_ALGORITHMS: 'PS256' },
      [
        'TOKEN_ALGORITHMS has no RS256, with which the local issuer signs: set AUTH0_DOMAIN or OIDC_ISSUER, or add it',
      ],
    ],
    [
      'an algorithm of proofs that is not supported',
      { DPOP_ALGORITHMS: 'ES512' },
      ['DPOP_ALGORITHMS "ES512" must be ES256, ES384, EdDSA, Ed25519, PS256 or RS256'],
    ],
    [
      'algorithms of proofs without DPoP',
      { DPOP: 'off', DPOP_ALGORITHMS: 'ES256' },
      [
        'DPOP_ALGORITHMS requires DPoP: set DPOP to optional or required, or remove DPOP_ALGORITHMS',
      ],
    ],
    ['claim with a quote', { REQUIRED_CLAIMS: 'a"b' }, [`REQUIRED_CLAIMS "a\\"b" ${claim}`]],
    ['claim with a backslash', { REQUIRED_CLAIMS: 'a\\b' }, [`REQUIRED_CLAIMS "a\\\\b" ${claim}`]],
    [
      'claim with a control character',
      { REQUIRED_CLAIMS: 'a\u0007b' },
      [`REQUIRED_CLAIMS "a\\u{7}b" ${claim}`],
    ],
    [
      'claim with a letter beyond ASCII',
      { REQUIRED_CLAIMS: 'größe' },
      [`REQUIRED_CLAIMS "größe" ${claim}`],
    ],
    [
      'claims separated by a space',
      { REQUIRED_CLAIMS: 'org_id email' },
      [`REQUIRED_CLAIMS "org_id email" ${claim}`],
    ],
    [
      'GRAPHIQL as a truth value',
      { GRAPHIQL: 'true' },
      ['GRAPHIQL "true" must be on or off; did you mean on?'],
    ],
    [
      'GRAPHIQL as a number',
      { GRAPHIQL: '0' },
      ['GRAPHIQL "0" must be on or off; did you mean off?'],
    ],
    [
      'GRAPHIQL in upper case',
      { GRAPHIQL: 'OFF' },
      ['GRAPHIQL "OFF" must be on or off; did you mean off?'],
    ],
    ['GRAPHIQL as something else', { GRAPHIQL: 'later' }, ['GRAPHIQL "later" must be on or off']],
    [
      'a share of decisions above 1',
      { LOG_DECISIONS: '2' },
      [
        'LOG_DECISIONS "2" must be off, or a number from 0 to 1, such as 0.01 for one operation in a hundred',
      ],
    ],
    [
      'log level of another logger',
      { LOG_LEVEL: 'warning' },
      [
        'LOG_LEVEL "warning" must be trace, debug, info, warn, error, fatal or silent; did you mean warn?',
      ],
    ],
    [
      'log level misspelled',
      { LOG_LEVEL: 'dbeug' },
      [
        'LOG_LEVEL "dbeug" must be trace, debug, info, warn, error, fatal or silent; did you mean debug?',
      ],
    ],
    [
      'profile in upper case',
      { ACCESS_TOKEN_PROFILE: 'RFC9068' },
      ['ACCESS_TOKEN_PROFILE "RFC9068" must be jwt or rfc9068; did you mean rfc9068?'],
    ],
    [
      'profile unknown',
      { ACCESS_TOKEN_PROFILE: 'saml' },
      ['ACCESS_TOKEN_PROFILE "saml" must be jwt or rfc9068'],
    ],
    [
      'environment abbreviated',
      { NODE_ENV: 'prod' },
      ['NODE_ENV "prod" must be development, production or test; did you mean production?'],
    ],
    [
      'environment unknown',
      { NODE_ENV: 'staging' },
      ['NODE_ENV "staging" must be development, production or test'],
    ],
    ['DPoP switched on', { DPOP: 'on' }, ['DPOP "on" must be off, optional or required']],
    [
      'nonces without DPoP',
      { DPOP: 'off', DPOP_NONCE: 'required' },
      ['DPOP_NONCE requires DPoP: set DPOP to optional or required, or remove DPOP_NONCE'],
    ],
    [
      'nonces of several instances without a secret',
      { DPOP_NONCE: 'required', REDIS_URL: 'redis://redis:6379' },
      [
        'DPOP_NONCE_SECRET is missing: workers and instances that share REDIS_URL must share the secret of their nonces, such as the output of openssl rand -hex 32',
      ],
    ],
    [
      'a cookie that other hosts could set',
      { ...production, TOKEN_COOKIE: 'token' },
      [
        'TOKEN_COOKIE "token" must begin with __Host- in production, so that no other host can set it, or with __Secure-',
      ],
    ],
    [
      'a cookie with an attribute',
      { TOKEN_COOKIE: '__Host-token;Secure' },
      [
        'TOKEN_COOKIE "__Host-token;Secure" must be the name of a cookie, such as __Host-access_token',
      ],
    ],
    [
      'a cookie and bound tokens only',
      { TOKEN_COOKIE: '__Host-token', DPOP: 'required' },
      [
        'TOKEN_COOKIE is for tokens that are not bound to a key: set DPOP to optional or off, or remove it',
      ],
    ],
    [
      'a cookie and a header',
      { TOKEN_COOKIE: '__Host-token', TOKEN_HEADER: 'X-Token' },
      ['TOKEN_HEADER and TOKEN_COOKIE are both set: keep one'],
    ],
    [
      'a header that is read anyway',
      { TOKEN_HEADER: 'Authorization' },
      [
        'TOKEN_HEADER "Authorization" must be a header that only your proxy sets, such as X-Goog-IAP-JWT-Assertion',
      ],
    ],
    [
      'a header and bound tokens',
      { TOKEN_HEADER: 'X-Token', DPOP: 'optional' },
      ['TOKEN_HEADER is for tokens that are not bound to a key: set DPOP=off, or remove it'],
    ],
    [
      'workers that would each accept a proof once',
      { WORKERS: '2' },
      [
        'REDIS_URL is missing: with WORKERS=2, DPoP proofs must be recorded where all workers see them, such as redis://localhost:6379. Set it, or set DPOP=off',
      ],
    ],
    [
      'workers that would not accept the nonces of others',
      { WORKERS: '3', DPOP: 'required', DPOP_NONCE: 'required' },
      [
        'REDIS_URL is missing: with WORKERS=3, DPoP proofs must be recorded where all workers see them, such as redis://localhost:6379. Set it, or set DPOP=off',
        'DPOP_NONCE_SECRET is missing: workers and instances that share REDIS_URL must share the secret of their nonces, such as the output of openssl rand -hex 32',
      ],
    ],
    ['0 workers', { WORKERS: '0' }, [`WORKERS "0" ${workers}`]],
    ['65 workers', { WORKERS: '65' }, [`WORKERS "65" ${workers}`]],
    ['1.5 workers', { WORKERS: '1.5' }, [`WORKERS "1.5" ${workers}`]],
    ['auto workers', { WORKERS: 'auto' }, [`WORKERS "auto" ${workers}`]],
    [
      'a short secret, which is not repeated',
      { DPOP_NONCE_SECRET: 'x'.repeat(31) },
      [
        'DPOP_NONCE_SECRET must be at least 32 random ASCII characters, such as the output of openssl rand -hex 32',
      ],
    ],
    ...[
      'redis',
      'localhost:6379',
      'http://localhost:6379',
      'redis:///0',
      'redis://me:secret@redis:6379/queue',
      'redis://redis:6379?db=1',
      'redis://me:%zz@redis',
    ].map((url): [string, Variables, readonly string[]] => [
      `Redis at ${url}, which is not repeated`,
      { REDIS_URL: url },
      [
        'REDIS_URL must be a Redis URL, such as redis://localhost:6379, or rediss://USER:PASSWORD@redis.example.com:6380/0 with TLS',
      ],
    ]),
    [
      'metrics on the port of the API',
      { PORT: '8080', METRICS_PORT: '8080' },
      ['METRICS_PORT must not be PORT (8080): metrics have their own port'],
    ],
    [
      'an address of metrics without a port',
      { METRICS_HOST: '0.0.0.0' },
      ['METRICS_HOST requires METRICS_PORT'],
    ],
    [
      'a variable misspelled',
      { REQUIRED_CLAIM: 'org_id' },
      ['REQUIRED_CLAIM is not a setting: did you mean REQUIRED_CLAIMS?'],
    ],
    [
      'a variable in lower case',
      { auth0_domain: 'x' },
      ['auth0_domain is not a setting: did you mean AUTH0_DOMAIN?'],
    ],
    [
      'letters swapped',
      { AUTH0_DOMIAN: 'x' },
      ['AUTH0_DOMIAN is not a setting: did you mean AUTH0_DOMAIN?'],
    ],
    [
      'a long value is shortened',
      { GRAPHIQL: 'x'.repeat(200) },
      [`GRAPHIQL "${'x'.repeat(80)}…" must be on or off`],
    ],
    [
      'text that would turn the terminal around',
      { GRAPHIQL: '\u202e\u001b[2J' },
      ['GRAPHIQL "\\u{202e}\\u{1b}[2J" must be on or off'],
    ],
  ];
  test.each(cases)('%s', (_name, variables, expected) => {
    expect(problemsOf(variables)).toEqual(expected);
  });

  test('are all reported at once, one line each, with their variables', () => {
    const read = () =>
      readConfiguration({ PORT: '0', HOST: '*', GRAPHIQL: 'yes', OIDC_AUDIENCE: 'api' });
    expect(read).toThrowError(ConfigurationError);
    expect(read).toThrowErrorMatchingInlineSnapshot(`
      [ConfigurationError: The configuration has 4 problems:
        PORT "0" must be a whole number from 1 to 65535, in plain digits
        OIDC_ISSUER is missing: OIDC_AUDIENCE requires its issuer, such as https://login.example.com/
        HOST "*" must be the bare address or host name: 0.0.0.0
        GRAPHIQL "yes" must be on or off; did you mean on?]
    `);
  });
});

describe('the client of the command line', () => {
  const AUTH0_CLIENT_ID = 'client';
  const AUTH0_CLIENT_SECRET = 'se"cret';
  test('is read as a pair', () => {
    expect(readClientCredentials({ AUTH0_CLIENT_ID, AUTH0_CLIENT_SECRET })).toEqual({
      clientId: AUTH0_CLIENT_ID,
      clientSecret: AUTH0_CLIENT_SECRET,
    });
    expect(readClientCredentials({})).toBeUndefined();
  });
  test.each<[Variables, string]>([
    [
      { AUTH0_CLIENT_ID },
      'AUTH0_CLIENT_SECRET is missing: AUTH0_CLIENT_ID requires the secret of its client',
    ],
    [
      { AUTH0_CLIENT_SECRET },
      'AUTH0_CLIENT_ID is missing: AUTH0_CLIENT_SECRET requires the ID of its client',
    ],
    [
      { AUTH0_CLIENT_ID, AUTH0_CLIENT_SECRET: 's3 cret' },
      'AUTH0_CLIENT_SECRET must be ASCII without spaces, as copied from the application at the issuer',
    ],
  ])('is rejected unless both are set %#', (variables, message) => {
    const variable = message.split(' ', 1).join();
    expect(() => readClientCredentials(variables)).toThrowError(
      new ConfigurationError([{ variable, message }]),
    );
  });
});

describe('any text in any variable', () => {
  const secret = fc.string({ minLength: 1 }).map((text) => `s3cret-${text}`);
  const good = Object.values(settings).map((setting) => setting.example);
  // fc.webUrl takes two seconds to begin, as it prepares a table of all code points.
  const url = fc
    .tuple(fc.constantFrom('http', 'https'), fc.webAuthority(), fc.array(fc.string()))
    .map(
      ([scheme, host, parts]) => `${scheme}://${host}/${parts.map(encodeURIComponent).join('/?#')}`,
    );
  const text = fc.oneof(
    anyText,
    fc.string(),
    url,
    fc.constantFrom(
      ...good,
      ...good.map((value) => `${value},`),
      ...good.map((value) => ` ${value}`),
    ),
  );
  const names = Object.keys(settings);
  const variables = fc
    .record(Object.fromEntries(names.map((name) => [name, text])), { requiredKeys: [] })
    .chain((record) =>
      secret.map((value) => ({
        ...record,
        AUTH0_CLIENT_SECRET: value,
        INTROSPECTION_CLIENT_SECRET: value,
        DPOP_NONCE_SECRET: value,
        REDIS_URL: value,
      })),
    );

  test('gives a configuration or a ConfigurationError with one line per problem, without the secret', () => {
    fc.assert(
      fc.property(variables, (record) => {
        for (const read of [readConfiguration, readClientCredentials]) {
          try {
            read(record);
          } catch (error) {
            expect(error).toBeInstanceOf(ConfigurationError);
            if (!(error instanceof ConfigurationError)) return;
            expect(error.message).not.toContain('s3cret-');
            expect(error.problems.length).toBeGreaterThan(0);
            for (const { message } of error.problems)
              expect(message).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
          }
        }
      }),
      { numRuns: generatedCases(85), seed: 20_261_126 },
    );
  });
});
